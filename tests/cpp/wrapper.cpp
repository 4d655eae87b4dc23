// The C++ header: ownership, ranges, exceptions, callbacks.
// sandbox: {"users": 250, "latency_ms": 2}
#include "check.hpp"

#include <array>
#include <deque>
#include <filesystem>
#include <list>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

static_assert(!std::is_copy_constructible_v<hwm::Client> && std::is_move_constructible_v<hwm::Client>);
static_assert(!std::is_copy_constructible_v<hwm::Report> && std::is_move_assignable_v<hwm::Report>);
static_assert(!std::is_copy_constructible_v<hwm::Options> && std::is_move_assignable_v<hwm::Options>);
static_assert(!std::is_copy_constructible_v<hwm::Cancel> && std::is_move_constructible_v<hwm::Cancel>);
static_assert(std::is_nothrow_copy_constructible_v<hwm::Error>);
static_assert(std::is_base_of_v<std::exception, hwm::Error>);

/* What is done has no value that could be taken for its success. */
template <class T, class = void> struct HasValue : std::false_type {};
template <class T> struct HasValue<T, std::void_t<decltype(std::declval<T &>().value())>> : std::true_type {};
using Set = decltype(std::declval<hwm::Options &>().try_set("key", "value"));
static_assert(!HasValue<Set>::value && HasValue<hwm::Result<hwm::Report>>::value);
static_assert(std::is_same_v<Set, decltype(std::declval<hwm::Options &>().try_fill_from_env())>);
static_assert(std::is_same_v<Set, decltype(std::declval<hwm::Client &>().try_close())>);
static_assert(std::is_constructible_v<bool, Set> && !std::is_convertible_v<Set, bool>);

/* A number or a bool is no text, a 0 or a false not the end of an option. */
template <class T, class = void> struct CanBeSet : std::false_type {};
template <class T>
struct CanBeSet<T, std::void_t<decltype(std::declval<hwm::Options &>().set("key", std::declval<T>()))>>
    : std::true_type {};
static_assert(CanBeSet<const char *>::value && CanBeSet<std::nullptr_t>::value);
static_assert(CanBeSet<std::string>::value && CanBeSet<std::nullopt_t>::value);
static_assert(CanBeSet<std::optional<std::string>>::value && CanBeSet<std::filesystem::path>::value);
static_assert(!CanBeSet<int>::value && !CanBeSet<bool>::value && !CanBeSet<char>::value);

static void a_run_reads_as_a_range() {
    hwm::Client client(sandbox_options());
    std::vector<std::string> accounts = users(250);
    accounts[99] = "nobody";
    hwm::Report report = client.set_status(hwm::Status::disabled, accounts);
    CHECK(report.size() == 250 && !report.empty() && !report.all_applied());
    CHECK(report.count(hwm::Outcome::applied) == 249);
    std::size_t i = 0;
    for (hwm::Entry entry : report) {
        CHECK(entry.account == accounts[i] && entry.index == i);
        CHECK(entry.outcome == (i == 99 ? hwm::Outcome::rejected : hwm::Outcome::applied));
        CHECK(entry.time.time_since_epoch() > std::chrono::hours(24 * 365 * 50));
        i++;
    }
    CHECK(i == 250);
    CHECK(report[99].service_code == "USG.201040000" && report[99].isolated);
    CHECK(hwm::name(report[99].outcome) == "rejected");
    CHECK(report.json().find("\"nobody\"") != std::string_view::npos);
    try {
        report[250];
        CHECK(false);
    } catch (const hwm::Error &error) {
        CHECK(error.code() == HWM_INVALID_ARGUMENT && error.report() == nullptr);
    }
}

static void any_range_of_strings_will_do() {
    hwm::Client client(sandbox_options());
    const auto all = [&client](auto &&accounts) {
        return client.set_status(hwm::Status::normal, accounts).all_applied();
    };
    const std::string joined = "user0001user0002";
    const std::array<std::string_view, 2> views{std::string_view(joined).substr(0, 8),
                                                std::string_view(joined).substr(8)};
    const char *const pointers[] = {"user0001", "user0002"};
    CHECK(all(views));
    CHECK(all(pointers));
    CHECK(all(std::list<std::string>{"user0001", "user0002"}));
    CHECK(all(std::deque<const char *>{"user0003"}));
    CHECK(all(std::set<std::string, std::less<>>{"user0005", "user0004"}));
    CHECK(client.set_status(hwm::Status::normal, {"user0001", "user0002"}).size() == 2);
    std::istringstream words("user0006 user0007");
    struct Words {
        std::istream &from;
        std::istream_iterator<std::string> begin() { return std::istream_iterator<std::string>(from); }
        std::istream_iterator<std::string> end() { return {}; }
    };
    CHECK(all(Words{words}));
    const char *const with_null[] = {"user0001", nullptr};
    auto result = client.try_set_status(hwm::Status::normal, with_null);
    CHECK(!result && std::string(result.error().what()).find("accounts[1]") != std::string::npos);
    const std::vector<std::string> none;
    CHECK(client.try_set_status(hwm::Status::normal, none).error().code() == HWM_INVALID_ARGUMENT);
    CHECK(client.try_set_status(hwm::Status::normal, {""}).error().code() == HWM_INVALID_ARGUMENT);
    CHECK(client.try_set_status(hwm::Status::normal, {std::string_view()}).error().code() ==
          HWM_INVALID_ARGUMENT);
}

static void an_error_carries_its_report_and_can_be_copied() {
    hwm::Client client(sandbox_options().set("access_token", "t0k3n"));
    std::optional<hwm::Error> kept;
    try {
        client.set_status(hwm::Status::normal, {"user0001"});
    } catch (const hwm::Error &error) {
        kept = error;
    }
    CHECK(kept.has_value() && kept->code() == HWM_AUTHENTICATION);
    CHECK(kept->http_status() == 401 && kept->service_code() == "USG.000000004");
    CHECK(kept->request_id().size() == 32 && std::string(kept->what()).size() > 10);
    CHECK(kept->report() != nullptr && kept->report()->size() == 1);
    CHECK((*kept->report())[0].outcome == hwm::Outcome::not_attempted);
}

static void options_are_checked_when_they_are_set() {
    hwm::Options options{{"language", "en-US"}, {"batch_size", "5"}};
    options.set("language", std::nullopt);
    CHECK(!options.try_set("batch_size", "0"));
    try {
        options.set("colour", "blue");
        CHECK(false);
    } catch (const std::exception &error) {
        CHECK(std::string(error.what()).find("colour") != std::string::npos);
    }
    try {
        hwm::Client client(options);
        CHECK(false);
    } catch (const hwm::Error &error) {
        CHECK(error.code() == HWM_INVALID_OPTION);
    }
    setenv("HWM_LANGUAGE", "fr-FR", 1);
    CHECK(!hwm::Options().try_fill_from_env());
    unsetenv("HWM_LANGUAGE");
}

static void null_is_unset_as_in_c() {
    hwm::Options options{{"language", nullptr}, {"batch_size", "5"}, {"journal", std::string("a")}};
    options.set("journal", std::getenv("NO_SUCH_VARIABLE")).set("language", nullptr);
    CHECK(options.try_set("batch_size", static_cast<const char *>(nullptr)));
    CHECK(options.try_set("journal", std::filesystem::path("journal")));
    CHECK(options.try_set("journal", std::optional<std::string>()));
    CHECK(!options.try_set(nullptr, "value"));
    CHECK(options.try_set(nullptr, "value").error().code() == HWM_INVALID_ARGUMENT);
    options.set("access_token", std::getenv("SANDBOX_TOKEN")).set("endpoint", std::getenv("SANDBOX_URL"));
    CHECK(hwm::Client(options).set_status(hwm::Status::normal, {"user0001"}).all_applied());
    options.set("access_token", std::getenv("NO_SUCH_VARIABLE"));
    CHECK(!hwm::Client::try_make(options));
    options.on_token([](hwm::TokenRequest &request) { request.set(std::getenv("NO_SUCH_VARIABLE")); });
    const auto unanswered = hwm::Client(options).try_set_status(hwm::Status::normal, {"user0001"});
    CHECK(!unanswered && unanswered.error().code() == HWM_AUTHENTICATION);
    options.on_token([](hwm::TokenRequest &request) { request.fail(std::getenv("NO_SUCH_VARIABLE")); });
    const auto failed = hwm::Client(options).try_set_status(hwm::Status::normal, {"user0001"});
    CHECK(!failed && failed.error().code() == HWM_AUTHENTICATION);
}

/* Whether a use of options that were moved away is an error. */
template <class Use> static bool refused(Use use) {
    hwm::Options gone;
    hwm::Options options = std::move(gone);
    try {
        use(gone);
        return false;
    } catch (const hwm::Error &error) {
        return error.code() == HWM_INVALID_ARGUMENT;
    }
}

static void options_that_were_moved_away_take_nothing() {
    CHECK(refused([](hwm::Options &gone) { gone.set("language", "en-US"); }));
    CHECK(refused([](hwm::Options &gone) { gone.fill_from_env(); }));
    CHECK(refused([](hwm::Options &gone) { gone.on_progress([](const hwm::Progress &) {}); }));
    CHECK(refused([](hwm::Options &gone) { gone.on_token([](hwm::TokenRequest &) {}); }));
    CHECK(refused([](hwm::Options &gone) { gone.cancel(hwm::Cancel()); }));
    CHECK(refused([](hwm::Options &gone) { hwm::Client client(gone); }));
}

static void progress_comes_by_lambda_and_can_cancel() {
    hwm::Options options = sandbox_options();
    std::uint64_t last = 0;
    options.on_progress([&last](const hwm::Progress &progress) { last = progress.settled; });
    options.set("batch_size", "1");
    hwm::Client client(options);
    CHECK(client.set_status(hwm::Status::normal, users(20)).all_applied() && last == 20);
    hwm::Options overrides;
    overrides.on_progress([](const hwm::Progress &) { return false; });
    auto result = client.try_set_status(hwm::Status::normal, users(250), overrides);
    CHECK(!result && result.error().code() == HWM_CANCELLED);
    CHECK(result.error().report() != nullptr && result.error().report()->size() == 250);
}

struct Surprise : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/* What a callback's exception says, by the way of the standard library. */
static std::string nested(const hwm::Error &error) {
    try {
        std::rethrow_if_nested(error);
    } catch (const Surprise &surprise) {
        return surprise.what();
    }
    return "nothing";
}

static void what_a_callback_throws_comes_out_after_the_run_was_cancelled() {
    hwm::Options options = sandbox_options().set("batch_size", "1").set("concurrency", "1");
    hwm::Client client(options);
    hwm::Options overrides;
    int calls = 0;
    overrides.on_progress([&calls](const hwm::Progress &) {
        calls++;
        throw Surprise("from progress");
    });
    const std::vector<std::string> accounts = users(250);
    try {
        client.set_status(hwm::Status::normal, accounts, overrides);
        CHECK(false);
    } catch (const hwm::CallbackError &error) {
        CHECK(nested(error) == "from progress" && calls == 1);
        CHECK(std::string(error.what()) == "a callback threw: from progress");
        CHECK(error.code() == HWM_CANCELLED && error.cause() != nullptr);
        CHECK(error.report() != nullptr && error.report()->size() == 250);
        CHECK(error.report()->count(hwm::Outcome::not_attempted) > 0);
    }
    const auto result = client.try_set_status(hwm::Status::normal, accounts, overrides);
    CHECK(!result && result.error().cause() != nullptr && result.error().report() != nullptr);
    CHECK(client.set_status(hwm::Status::normal, {"user0001"}).all_applied());
}

static void tokens_come_by_lambda_and_its_exception_too() {
    int asked = 0;
    hwm::Options options = sandbox_options().set("access_token", std::nullopt);
    options.on_token([&asked](hwm::TokenRequest &request) {
        asked++;
        request.set(std::getenv("SANDBOX_TOKEN"), std::chrono::minutes(10));
    });
    hwm::Client client(options);
    CHECK(client.set_status(hwm::Status::normal, {"user0001"}).all_applied());
    CHECK(client.set_status(hwm::Status::normal, {"user0002"}).all_applied() && asked == 1);
    bool threw = false;
    options.on_token([&threw](hwm::TokenRequest &) {
        threw = true;
        throw Surprise("from token");
    });
    int shown = 0;
    options.on_progress([&](const hwm::Progress &) {
        if (threw && shown++ == 0)
            throw Surprise("too late");
    });
    try {
        hwm::Client(options).set_status(hwm::Status::normal, {"user0001"});
        CHECK(false);
    } catch (const hwm::Error &error) {
        CHECK(nested(error) == "from token" && error.code() == HWM_AUTHENTICATION && shown == 0);
        CHECK(error.report() != nullptr && error.report()->size() == 1);
    }
    options.on_progress([](const hwm::Progress &) {});
    options.on_token([](hwm::TokenRequest &request) { request.fail("sealed"); });
    auto result = hwm::Client(options).try_set_status(hwm::Status::normal, {"user0001"});
    CHECK(!result && std::string(result.error().what()).find("sealed") != std::string::npos);
    CHECK(client.set_status(hwm::Status::normal, {"user0001"}).all_applied());
}

static void a_call_in_a_callback_has_its_own_place_for_exceptions() {
    hwm::Client outer(sandbox_options().set("batch_size", "1"));
    hwm::Client inner(sandbox_options());
    bool inner_done = false;
    hwm::Options overrides;
    overrides.on_progress([&](const hwm::Progress &) {
        hwm::Options throwing;
        throwing.on_progress([](const hwm::Progress &) { throw Surprise("inside"); });
        try {
            inner.set_status(hwm::Status::normal, {"user0001"}, throwing);
        } catch (const hwm::CallbackError &error) {
            inner_done = nested(error) == "inside";
        }
    });
    CHECK(outer.set_status(hwm::Status::normal, users(10), overrides).all_applied() && inner_done);
}

static void a_callback_that_throws_last_keeps_the_outcome_of_a_finished_run() {
    hwm::Client client(sandbox_options());
    hwm::Options overrides;
    overrides.on_progress([](const hwm::Progress &progress) {
        if (progress.settled == progress.total)
            throw Surprise("at the end");
    });
    try {
        client.set_status(hwm::Status::normal, {"user0001"}, overrides);
        CHECK(false);
    } catch (const hwm::CallbackError &error) {
        CHECK(nested(error) == "at the end" && error.code() == HWM_OK);
        CHECK(error.report() != nullptr && error.report()->all_applied());
    }
}

static void threads_with_one_client_get_each_its_own_exception() {
    hwm::Client client(sandbox_options().on_progress([](const hwm::Progress &progress) {
        throw Surprise(std::to_string(progress.total));
    }));
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (unsigned i = 1; i <= 8; i++)
        threads.emplace_back([&client, &right, i] {
            for (int round = 0; round < 10; round++) {
                try {
                    client.set_status(hwm::Status::normal, users(i));
                } catch (const hwm::CallbackError &error) {
                    right += nested(error) == std::to_string(i);
                }
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(right == 80);
}

static void a_callback_that_throws_into_a_call_of_the_c_api_cancels_it() {
    hwm::Options options = sandbox_options().set("batch_size", "1");
    options.on_progress([](const hwm::Progress &) { throw Surprise("nobody to catch it"); });
    hwm::Client client(options);
    const char *const accounts[] = {"user0001", "user0002", "user0003"};
    for (int i = 0; i < 2; i++) {
        hwm_report *report = nullptr;
        const hwm_code code =
            hwm_set_status(client.get(), 0, accounts, nullptr, 3, nullptr, &report, nullptr);
        CHECK(code == HWM_CANCELLED || code == HWM_OK);
        CHECK(hwm::Report(report).size() == 3);
    }
}

static void a_cancel_handle_is_sticky_until_reset() {
    hwm::Cancel cancel;
    hwm::Client client(sandbox_options().cancel(cancel));
    cancel.trigger();
    CHECK(client.try_set_status(hwm::Status::normal, {"user0001"}).error().code() == HWM_CANCELLED);
    cancel.reset();
    CHECK(client.set_status(hwm::Status::normal, {"user0001"}).all_applied());
    client.close();
    CHECK(!client.try_set_status(hwm::Status::normal, {"user0001"}));
}

static void clients_and_reports_move() {
    hwm::Client first(sandbox_options());
    hwm::Client client = std::move(first);
    hwm::Report report;
    report = client.set_status(hwm::Status::normal, {"user0001"});
    std::vector<hwm::Report> kept;
    kept.push_back(std::move(report));
    CHECK(kept[0].all_applied() && kept[0].size() == 1);
    CHECK(hwm::version() == HWM_VERSION);
}

int main() {
    RUN(a_run_reads_as_a_range);
    RUN(any_range_of_strings_will_do);
    RUN(an_error_carries_its_report_and_can_be_copied);
    RUN(options_are_checked_when_they_are_set);
    RUN(null_is_unset_as_in_c);
    RUN(options_that_were_moved_away_take_nothing);
    RUN(progress_comes_by_lambda_and_can_cancel);
    RUN(what_a_callback_throws_comes_out_after_the_run_was_cancelled);
    RUN(tokens_come_by_lambda_and_its_exception_too);
    RUN(a_call_in_a_callback_has_its_own_place_for_exceptions);
    RUN(a_callback_that_throws_last_keeps_the_outcome_of_a_finished_run);
    RUN(threads_with_one_client_get_each_its_own_exception);
    RUN(a_callback_that_throws_into_a_call_of_the_c_api_cancels_it);
    RUN(a_cancel_handle_is_sticky_until_reset);
    RUN(clients_and_reports_move);
    return tests_failed;
}
