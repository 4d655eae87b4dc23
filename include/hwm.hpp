/**
 * @file hwm.hpp
 * @brief hwm for C++17: RAII, ranges and exceptions over hwm.h, header-only.
 *
 * @code{.cpp}
 * hwm::Options options = hwm::Options::from_env();
 * hwm::Client meetings(options);
 * std::vector<std::string> leavers{"test010", "test011"};
 *
 * hwm::Report result = meetings.set_status(hwm::Status::disabled, leavers);
 * for (hwm::Entry entry : result)
 *     if (entry.outcome != hwm::Outcome::applied)
 *         std::cerr << entry.account << ": " << entry.message << '\n';
 * @endcode
 *
 * What a function does, when it fails and what a thread may do stands at its twin in hwm.h. On top of
 * that: handles are classes that can be moved, not copied; a negative code is thrown as hwm::Error.
 * With `-fno-exceptions` what throws is not declared; use what begins with `try_`.
 */
#ifndef HWM_HPP
#define HWM_HPP

#include <hwm.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
/** 1 when exceptions are on. */
#define HWM_HPP_EXCEPTIONS 1
#else
/** 1 when exceptions are on. */
#define HWM_HPP_EXCEPTIONS 0
#endif

/** Sets the status of many Huawei Cloud Meeting accounts. */
namespace hwm {
/** Its name changes with the ABI of this header. */
inline namespace v0_1 {

/** What an account can be put into. */
enum class Status : std::int32_t {
    normal = HWM_STATUS_NORMAL,     /**< Enabled. */
    disabled = HWM_STATUS_DISABLED, /**< Kept, but cannot be used. */
};

/** What became of an account. */
enum class Outcome : std::int32_t {
    applied = HWM_APPLIED,             /**< The service answered 200 to it. */
    rejected = HWM_REJECTED,           /**< The service refused it alone. */
    unknown = HWM_UNKNOWN,             /**< It may or may not have changed. */
    not_attempted = HWM_NOT_ATTEMPTED, /**< The service never acted on it. */
};

/** The name of an outcome. */
inline std::string_view name(Outcome outcome) noexcept {
    return hwm_outcome_name(static_cast<std::int32_t>(outcome));
}

/** The version of the library that runs. */
inline std::string_view version() noexcept { return hwm_version(); }

/** What became of one account. Its texts belong to the report. */
struct Entry {
    std::size_t index = 0;            /**< Where it stands first in the caller's list, from 0. */
    std::string_view account;         /**< The account. */
    Outcome outcome = Outcome::unknown; /**< What became of it. */
    int http_status = 0;              /**< Of the deciding answer; 0: none. */
    std::string_view service_code;    /**< The service's `error_code`; may be empty. */
    std::string_view message;         /**< The service's message, or what went wrong. */
    std::string_view request_id;      /**< To quote to the vendor's support; may be empty. */
    std::uint32_t attempts = 0;       /**< Requests that held it. */
    std::chrono::system_clock::time_point time; /**< When the deciding answer came. */
    bool isolated = false;            /**< Judged alone. */
    bool from_journal = false;        /**< Read from the journal of an earlier call. */
};

/** How far a call has come. */
using Progress = hwm_progress;

/** What became of every distinct account of one call. */
class Report {
  public:
    /** Goes through a report; good as long as the report. */
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag; /**< Entries are made on the way. */
        using value_type = Entry;                          /**< An entry. */
        using difference_type = std::ptrdiff_t;            /**< Between two places. */
        using pointer = void;                              /**< There is none. */
        using reference = Entry;                           /**< A value. */

        /** The entry here. */
        Entry operator*() const { return (*report_)[i_]; }
        /** One on. */
        Iterator &operator++() noexcept {
            ++i_;
            return *this;
        }
        /** One on. */
        Iterator operator++(int) noexcept {
            Iterator before = *this;
            ++i_;
            return before;
        }
        /** Whether both are at the same place. */
        friend bool operator==(const Iterator &a, const Iterator &b) noexcept { return a.i_ == b.i_; }
        /** Whether they are not. */
        friend bool operator!=(const Iterator &a, const Iterator &b) noexcept { return a.i_ != b.i_; }

      private:
        friend class Report;
        Iterator(const Report *report, std::size_t i) noexcept : report_(report), i_(i) {}
        const Report *report_;
        std::size_t i_;
    };

    /** Takes a report of the C API over; NULL makes an empty one. */
    explicit Report(hwm_report *handle = nullptr) noexcept : handle_(handle) {}

    /** How many distinct accounts there are. */
    std::size_t size() const noexcept { return hwm_report_size(handle_.get()); }
    /** Whether there are none. */
    bool empty() const noexcept { return size() == 0; }
    /** How many have this outcome. */
    std::size_t count(Outcome outcome) const noexcept {
        return hwm_report_count(handle_.get(), static_cast<std::int32_t>(outcome));
    }
    /** How many outcomes were read from the journal of an earlier call, and not seen in this one. */
    std::size_t from_journal_count() const noexcept {
        return hwm_report_from_journal_count(handle_.get());
    }
    /** When the oldest of these was decided, in milliseconds since 1970-01-01 UTC; 0: none. */
    std::uint64_t from_journal_oldest_ms() const noexcept {
        return hwm_report_from_journal_oldest_ms(handle_.get());
    }
    /** Whether every account was applied. */
    bool all_applied() const noexcept { return count(Outcome::applied) == size(); }

    /** The i-th entry. Past the end, and without memory: throws, or ends a program without
     *  exceptions. */
    Entry operator[](std::size_t i) const;
    /** The whole report as JSON. Fails as operator[] does. */
    std::string_view json() const;

    /** The first entry. */
    Iterator begin() const noexcept { return Iterator(this, 0); }
    /** Past the last entry. */
    Iterator end() const noexcept { return Iterator(this, size()); }
    /** The handle of the C API, still the report's. */
    const hwm_report *get() const noexcept { return handle_.get(); }

  private:
    struct Free {
        void operator()(hwm_report *handle) const noexcept { hwm_report_free(handle); }
    };
    std::unique_ptr<hwm_report, Free> handle_;
};

/** Why a function failed. Cheap to copy; carries the report when there is one. */
class Error : public std::exception {
  public:
    /** Takes an error of the C API over, and the report that came with it. */
    explicit Error(hwm_error *handle, Report report = Report())
        : state_(std::make_shared<State>(handle, std::move(report))) {}

    /** The negative code, such as HWM_QUOTA. */
    hwm_code code() const noexcept { return hwm_error_code(state_->error.get()); }
    /** The sentence for a person. */
    const char *what() const noexcept override { return hwm_error_message(state_->error.get()); }
    /** HTTP status of the answer behind it; 0: none. */
    int http_status() const noexcept { return hwm_error_http_status(state_->error.get()); }
    /** The service's `error_code`; may be empty. */
    std::string_view service_code() const noexcept {
        return hwm_error_service_code(state_->error.get());
    }
    /** The id to quote to the vendor's support; may be empty. */
    std::string_view request_id() const noexcept { return hwm_error_request_id(state_->error.get()); }
    /** What became of the accounts, when planning had succeeded; else NULL. */
    const Report *report() const noexcept { return state_->report.get() ? &state_->report : nullptr; }

  private:
    struct Free {
        void operator()(hwm_error *handle) const noexcept { hwm_error_free(handle); }
    };
    struct State {
        State(hwm_error *handle, Report &&with) noexcept : error(handle), report(std::move(with)) {}
        std::unique_ptr<hwm_error, Free> error;
        Report report;
    };
    std::shared_ptr<const State> state_;
};

/** A value, or why there is none: what the `try_` functions return. */
template <class T> class [[nodiscard]] Result {
  public:
    /** Success. */
    Result(T value) : value_(std::move(value)) {}
    /** Failure. */
    Result(Error error) : error_(std::move(error)) {}

    /** Whether there is a value. */
    explicit operator bool() const noexcept { return value_.has_value(); }
    /** The value; only when there is one. */
    T &value() & noexcept { return *value_; }
    /** The value; only when there is one. */
    const T &value() const & noexcept { return *value_; }
    /** The value, moved out; only when there is one. */
    T &&value() && noexcept { return std::move(*value_); }
    /** The error; only when there is no value. */
    const Error &error() const noexcept { return *error_; }

  private:
    std::optional<T> value_;
    std::optional<Error> error_;
};

/** Ends calls from outside; any thread may use it. */
class Cancel {
  public:
    /** Not triggered. */
    Cancel() : handle_(hwm_cancel_new()) {}
    /** Cancels; safe in a signal handler. */
    void trigger() const noexcept { hwm_cancel_trigger(handle_.get()); }
    /** Makes it fit for a next call. */
    void reset() const noexcept { hwm_cancel_reset(handle_.get()); }
    /** The handle of the C API, still this one's. */
    hwm_cancel *get() const noexcept { return handle_.get(); }

  private:
    struct Free {
        void operator()(hwm_cancel *handle) const noexcept { hwm_cancel_free(handle); }
    };
    std::unique_ptr<hwm_cancel, Free> handle_;
};

/** A question for a token, to be answered in a token function. */
class TokenRequest {
  public:
    /** Wraps a request of the C API. */
    explicit TokenRequest(hwm_token_request *handle) noexcept : handle_(handle) {}
    /** Answers with a token that is valid so long; 0: unknown. */
    void set(const std::string &token, std::chrono::seconds valid = std::chrono::seconds(0)) noexcept {
        hwm_token_request_set(handle_, token.c_str(),
                              valid.count() > 0 ? static_cast<std::uint64_t>(valid.count()) : 0,
                              nullptr);
    }
    /** Answers that there is none, and why. */
    void fail(const std::string &message) noexcept {
        hwm_token_request_fail(handle_, message.c_str(), nullptr);
    }

  private:
    hwm_token_request *handle_;
};

/** Not for users. */
namespace detail {

/** Where an exception of a callback waits until the call on this thread has drained. */
class Parking {
  public:
    Parking() noexcept : outer_(current()) { current() = this; }
    ~Parking() { current() = outer_; }
    Parking(const Parking &) = delete;
    Parking &operator=(const Parking &) = delete;

    /** The innermost call of this thread, or NULL. */
    static Parking *&current() noexcept {
        static thread_local Parking *innermost = nullptr;
        return innermost;
    }
    static bool taken() noexcept {
#if HWM_HPP_EXCEPTIONS
        return current() != nullptr && current()->exception_ != nullptr;
#else
        return false;
#endif
    }
#if HWM_HPP_EXCEPTIONS
    static void park() noexcept {
        if (current() == nullptr)
            std::terminate();
        current()->exception_ = std::current_exception();
    }
    void rethrow() const {
        if (exception_ != nullptr)
            std::rethrow_exception(exception_);
    }
#else
    void rethrow() const noexcept {}
#endif

  private:
    Parking *outer_;
#if HWM_HPP_EXCEPTIONS
    std::exception_ptr exception_;
#endif
};

using ProgressFunction = std::function<bool(const Progress &)>;
using TokenFunction = std::function<void(TokenRequest &)>;

/** Runs a progress function; true: go on. */
inline std::int32_t run_progress(const hwm_progress *progress, void *user_data) noexcept {
    if (Parking::taken())
        return 1;
#if HWM_HPP_EXCEPTIONS
    try {
#endif
        return (*static_cast<const ProgressFunction *>(user_data))(*progress) ? 0 : 1;
#if HWM_HPP_EXCEPTIONS
    } catch (...) {
        Parking::park();
        return 1;
    }
#endif
}

/** Runs a token function. */
inline void run_token(hwm_token_request *handle, void *user_data) noexcept {
    TokenRequest request(handle);
    if (Parking::taken())
        return request.fail("the callback threw before");
#if HWM_HPP_EXCEPTIONS
    try {
#endif
        (*static_cast<const TokenFunction *>(user_data))(request);
#if HWM_HPP_EXCEPTIONS
    } catch (...) {
        Parking::park();
        request.fail("the callback threw");
    }
#endif
}

extern "C" {
/** What the C API calls. */
inline std::int32_t hwm_v0_1_run_progress(const hwm_progress *progress, void *user_data) {
    return run_progress(progress, user_data);
}
/** What the C API calls. */
inline void hwm_v0_1_run_token(hwm_token_request *request, void *user_data) {
    run_token(request, user_data);
}
}

/** Functions that options and the clients made with them keep alive. */
struct Functions {
    std::shared_ptr<ProgressFunction> progress;
    std::shared_ptr<TokenFunction> token;
};

/** Ends what cannot go on: by exception where there are any. */
[[noreturn]] inline void fail(Error error) {
#if HWM_HPP_EXCEPTIONS
    throw error;
#else
    static_cast<void>(error);
    std::terminate();
#endif
}

/** Where the accounts of a range are: two arrays, no copy of any account. */
class Accounts {
  public:
    template <class Range> explicit Accounts(const Range &range) {
        using std::begin;
        using std::end;
        using Element = decltype(*begin(range));
        static_assert(std::is_convertible_v<Element, std::string_view>,
                      "accounts must convert to std::string_view");
        static_assert(std::is_reference_v<Element> ||
                          std::is_trivially_destructible_v<std::decay_t<Element>>,
                      "this range makes its strings on the way: they would be gone before the call");
        for (auto &&account : range) {
            const std::string_view view = account;
            // An empty view may have no address; the library refuses the account by its length.
            pointers_.push_back(view.data() != nullptr ? view.data() : "");
            lengths_.push_back(view.size());
        }
    }
    const char *const *pointers() const noexcept { return pointers_.data(); }
    const std::size_t *lengths() const noexcept { return lengths_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

  private:
    std::vector<const char *> pointers_;
    std::vector<std::size_t> lengths_;
};

} // namespace detail

inline Entry Report::operator[](std::size_t i) const {
    hwm_report_entry c;
    hwm_error *error = nullptr;
    if (hwm_report_item(handle_.get(), i, &c, sizeof c, &error) < 0)
        detail::fail(Error(error));
    Entry entry;
    entry.index = static_cast<std::size_t>(c.index);
    entry.account = std::string_view(c.account, c.account_length);
    entry.outcome = static_cast<Outcome>(c.outcome);
    entry.http_status = c.http_status;
    entry.service_code = c.service_code;
    entry.message = c.message;
    entry.request_id = c.request_id;
    entry.attempts = c.attempts;
    entry.time = std::chrono::system_clock::time_point(
        std::chrono::milliseconds(static_cast<std::int64_t>(c.time_ms)));
    entry.isolated = c.isolated != 0;
    entry.from_journal = c.from_journal != 0;
    return entry;
}

inline std::string_view Report::json() const {
    const char *text = nullptr;
    hwm_error *error = nullptr;
    if (hwm_report_json(handle_.get(), &text, &error) < 0)
        detail::fail(Error(error));
    return text;
}

/** What a client is made with, and what a call may change. */
class Options {
  public:
    /** None set. */
    Options() : handle_(hwm_options_new()) {}

    /** Sets one option, or unsets it with std::nullopt. */
    Result<bool> try_set(const std::string &key, const std::optional<std::string> &value) {
        hwm_error *error = nullptr;
        if (hwm_options_set(handle_.get(), key.c_str(), value ? value->c_str() : nullptr, &error) < 0)
            return Error(error);
        return true;
    }
    /** Sets from the environment every option that is not set yet. */
    Result<bool> try_fill_from_env() {
        hwm_error *error = nullptr;
        if (hwm_options_from_env(handle_.get(), &error) < 0)
            return Error(error);
        return true;
    }

#if HWM_HPP_EXCEPTIONS
    /** Options of key and value: `hwm::Options{{"app_id", "…"}, {"app_key", "…"}}`. */
    Options(std::initializer_list<std::pair<const char *, const char *>> values) : Options() {
        for (const auto &[key, value] : values)
            set(key, value);
    }
    /** Options from the environment: `HWM_<KEY>`. */
    static Options from_env() {
        Options options;
        options.fill_from_env();
        return options;
    }
    /** Sets one option, or unsets it with std::nullopt. */
    Options &set(const std::string &key, const std::optional<std::string> &value) & {
        if (auto done = try_set(key, value); !done)
            throw done.error();
        return *this;
    }
    /** The same for options that are just being made. */
    Options &&set(const std::string &key, const std::optional<std::string> &value) && {
        set(key, value);
        return std::move(*this);
    }
    /** Sets from the environment every option that is not set yet. */
    Options &fill_from_env() {
        if (auto done = try_fill_from_env(); !done)
            throw done.error();
        return *this;
    }
#endif

    /** Has a function told how far a call has come: `void(const Progress &)`, or one that returns
     *  whether to go on. What it throws comes out of the call, after that was cancelled and drained. */
    template <class F> Options &on_progress(F function) {
        if constexpr (std::is_void_v<std::invoke_result_t<F &, const Progress &>>) {
            functions_.progress = std::make_shared<detail::ProgressFunction>(
                [function = std::move(function)](const Progress &progress) mutable {
                    function(progress);
                    return true;
                });
        } else {
            functions_.progress = std::make_shared<detail::ProgressFunction>(std::move(function));
        }
        hwm_options_on_progress(handle_.get(), detail::hwm_v0_1_run_progress,
                                functions_.progress.get());
        return *this;
    }
    /** Has a function asked for tokens: `void(TokenRequest &)`. Exceptions as in on_progress(). */
    template <class F> Options &on_token(F function) {
        functions_.token = std::make_shared<detail::TokenFunction>(std::move(function));
        hwm_options_on_token(handle_.get(), detail::hwm_v0_1_run_token, functions_.token.get());
        return *this;
    }
    /** Lets a cancel handle end the calls that run with these options. */
    Options &cancel(const Cancel &cancel) noexcept {
        hwm_options_set_cancel(handle_.get(), cancel.get());
        return *this;
    }
    /** The handle of the C API, still this one's. */
    hwm_options *get() const noexcept { return handle_.get(); }

  private:
    friend class Client;
    struct Free {
        void operator()(hwm_options *handle) const noexcept { hwm_options_free(handle); }
    };
    std::unique_ptr<hwm_options, Free> handle_;
    detail::Functions functions_;
};

/** A client of the service; any thread may make calls with it. */
class Client {
  public:
    /** Accounts in braces. */
    using List = std::initializer_list<std::string_view>;

    /** A client with these options, copied. */
    static Result<Client> try_make(const Options &options) {
        hwm_client *handle = nullptr;
        hwm_error *error = nullptr;
        if (hwm_client_new(options.get(), &handle, &error) < 0)
            return Error(error);
        return Client(handle, options.functions_);
    }

    /** Puts every account into a status. The range holds what converts to std::string_view.
     *  An exception of a callback still comes out of it as such. */
    template <class Range> Result<Report> try_set_status(Status status, const Range &accounts) const {
        return run(status, detail::Accounts(accounts), nullptr);
    }
    /** The same with options that differ for this call. */
    template <class Range>
    Result<Report> try_set_status(Status status, const Range &accounts,
                                  const Options &overrides) const {
        return run(status, detail::Accounts(accounts), overrides.get());
    }
    /** The same for a list in braces. */
    Result<Report> try_set_status(Status status, List accounts) const {
        return run(status, detail::Accounts(accounts), nullptr);
    }
    /** The same for a list in braces with options that differ for this call. */
    Result<Report> try_set_status(Status status, List accounts, const Options &overrides) const {
        return run(status, detail::Accounts(accounts), overrides.get());
    }
    /** Ends the client in good manners: logs out, if its options say so. */
    Result<bool> try_close() {
        hwm_error *error = nullptr;
        if (hwm_client_close(handle_.get(), &error) < 0)
            return Error(error);
        return true;
    }

#if HWM_HPP_EXCEPTIONS
    /** A client with these options, copied. */
    explicit Client(const Options &options) : Client(made(try_make(options))) {}

    /** Puts every account into a status; the report tells what became of each, whether or not all
     *  were applied. Throws hwm::Error, with the report if there is one, and what a callback threw. */
    template <class Range> Report set_status(Status status, const Range &accounts) const {
        return made(try_set_status(status, accounts));
    }
    /** The same with options that differ for this call. */
    template <class Range>
    Report set_status(Status status, const Range &accounts, const Options &overrides) const {
        return made(try_set_status(status, accounts, overrides));
    }
    /** The same for a list in braces. */
    Report set_status(Status status, List accounts) const {
        return made(try_set_status(status, accounts));
    }
    /** The same for a list in braces with options that differ for this call. */
    Report set_status(Status status, List accounts, const Options &overrides) const {
        return made(try_set_status(status, accounts, overrides));
    }
    /** Ends the client in good manners: logs out, if its options say so. */
    void close() {
        if (auto done = try_close(); !done)
            throw done.error();
    }
#endif

    /** The handle of the C API, still this one's. */
    hwm_client *get() const noexcept { return handle_.get(); }

  private:
    struct Free {
        void operator()(hwm_client *handle) const noexcept { hwm_client_free(handle); }
    };
    Result<Report> run(Status status, const detail::Accounts &accounts,
                       const hwm_options *overrides) const {
        hwm_report *report = nullptr;
        hwm_error *error = nullptr;
        detail::Parking parking;
        const hwm_code code = hwm_set_status(handle_.get(), static_cast<std::int32_t>(status),
                                             accounts.pointers(), accounts.lengths(),
                                             accounts.size(), overrides, &report, &error);
        Report owned(report);
        if (code < 0) {
            Error failed(error, std::move(owned));
            parking.rethrow();
            return failed;
        }
        parking.rethrow();
        return owned;
    }
    Client(hwm_client *handle, detail::Functions functions) noexcept
        : handle_(handle), functions_(std::move(functions)) {}
#if HWM_HPP_EXCEPTIONS
    template <class T> static T made(Result<T> result) {
        if (!result)
            throw result.error();
        return std::move(result).value();
    }
#endif
    std::unique_ptr<hwm_client, Free> handle_;
    detail::Functions functions_;
};

} // namespace v0_1
} // namespace hwm

#endif
