// The C++ header in C++20: a report is a range, and accounts come from views.
// sandbox: {"users": 40}
// standard: c++20
#include "check.hpp"

#include <algorithm>
#include <ranges>
#include <sstream>

namespace views = std::views;

static_assert(std::ranges::range<hwm::Report> && std::ranges::range<const hwm::Report>);
static_assert(std::ranges::random_access_range<hwm::Report>);
static_assert(std::ranges::sized_range<hwm::Report> && std::ranges::common_range<hwm::Report>);

static void a_report_goes_through_views() {
    hwm::Client client(sandbox_options());
    std::vector<std::string> accounts = users(40);
    accounts[7] = "nobody";
    accounts[31] = "no-one";
    hwm::Report report = client.set_status(hwm::Status::disabled, accounts);
    const auto rejected = [](const hwm::Entry &entry) {
        return entry.outcome == hwm::Outcome::rejected;
    };
    std::string names;
    for (hwm::Entry entry : report | views::filter(rejected))
        names += std::string(entry.account) + " ";
    CHECK(names == "nobody no-one ");
    CHECK(std::ranges::count_if(report, rejected) == 2);
    CHECK(std::ranges::find(report, "user0021", &hwm::Entry::account) - report.begin() == 20);
    const auto index = [](const hwm::Entry &entry) { return entry.index; };
    auto backwards = report | views::reverse | views::take(2) | views::transform(index);
    CHECK(std::ranges::equal(backwards, std::vector<std::size_t>{39, 38}));
    auto owned = std::move(report) | views::filter(rejected);
    CHECK(std::ranges::distance(owned) == 2);
}

static void iterators_outlive_a_move_of_their_report() {
    hwm::Client client(sandbox_options());
    hwm::Report report = client.set_status(hwm::Status::normal, {"user0001", "user0002"});
    auto first = report.begin();
    hwm::Report moved = std::move(report);
    CHECK((*first).account == "user0001" && first[1].account == "user0002");
    CHECK(moved.end() - first == 2 && first + 2 == moved.end() && first < moved.end());
}

static void accounts_come_from_any_view() {
    hwm::Client client(sandbox_options());
    const std::vector<std::string> all = users(40);
    const auto applied = [&client](auto &&accounts) {
        return client.set_status(hwm::Status::normal, accounts).count(hwm::Outcome::applied);
    };
    const auto even = [](const std::string &account) { return account.back() % 2 == 0; };
    const auto named = [](int i) { return std::string(i < 10 ? "user000" : "user00") + std::to_string(i); };
    // filter_view cannot be const, the next makes its strings, the last can be read once.
    CHECK(applied(all | views::filter(even)) == 20);
    CHECK(applied(views::iota(1, 31) | views::transform(named)) == 30);
    CHECK(applied(all | views::transform([](const std::string &a) { return std::string_view(a); })) == 40);
    std::istringstream words("user0003 user0005 user0007");
    CHECK(applied(views::istream<std::string>(words)) == 3);
    CHECK(applied(all | views::take_while([](const std::string &a) { return a < "user0004"; })) == 3);
    hwm::Report before = client.set_status(hwm::Status::normal, all);
    const auto account = [](const hwm::Entry &entry) { return entry.account; };
    const auto again = before | views::transform(account) | views::drop(30);
    CHECK(client.set_status(hwm::Status::disabled, again).count(hwm::Outcome::applied) == 10);
    CHECK(client.set_status(hwm::Status::normal, again, hwm::Options{}).all_applied());
}

int main() {
    RUN(a_report_goes_through_views);
    RUN(iterators_outlive_a_move_of_their_report);
    RUN(accounts_come_from_any_view);
    return tests_failed;
}
