/**
 * @file hwm.hpp
 * @brief hwm for C++17: RAII, ranges and exceptions over hwm.h, header-only.
 *
 * Generated from bindings/c/hpp: change it there.
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
 * that: handles are classes that can be moved, not copied; a negative code is thrown as hwm::Error,
 * and what a callback throws as hwm::CallbackError, across shared objects too.
 * With `-fno-exceptions` what throws is not declared; use what begins with `try_`.
 */
#ifndef HWM_HPP
#define HWM_HPP

/** The standard that the compiler keeps to. */
#ifdef _MSVC_LANG
#define HWM_HPP_STANDARD _MSVC_LANG
#else
#define HWM_HPP_STANDARD __cplusplus
#endif
#if HWM_HPP_STANDARD < 201703L
#error "hwm.hpp needs C++17 or later: compile with -std=c++17, or use hwm.h"
#else

#include <hwm.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
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
    applied = HWM_OUTCOME_APPLIED,             /**< The service answered 200 to it. */
    rejected = HWM_OUTCOME_REJECTED,           /**< The service refused it alone. */
    unknown = HWM_OUTCOME_UNKNOWN,             /**< It may or may not have changed. */
    not_attempted = HWM_OUTCOME_NOT_ATTEMPTED, /**< The service never acted on it. */
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

/** What became of every distinct account of one call; a random-access range of hwm::Entry in C++20.
 *
 *  Entries are made on the way: in `std::views::transform` use a function that returns a field by
 *  value, not a pointer to the member, which would refer to an entry that is gone. */
class Report {
  public:
    /** Goes through a report; good as long as the report, also when that is moved. */
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag; /**< Entries are made on the way. */
#if defined(__cpp_lib_ranges)
        using iterator_concept = std::random_access_iterator_tag; /**< What C++20 asks for. */
#endif
        using value_type = Entry;               /**< What became of one account. */
        using difference_type = std::ptrdiff_t; /**< Entries between two places. */
        using pointer = void;                   /**< No entry is anywhere to be pointed to. */
        using reference = Entry;                /**< A copy, not a reference into the report. */

        /** Of no report: to be assigned to. */
        Iterator() noexcept = default;
        /** A copy of the entry here. At the end of the report it fails as Report::operator[] does. */
        Entry operator*() const { return item(report_, static_cast<std::size_t>(i_)); }
        /** A copy of the entry `n` places further on. Fails as operator* does. */
        Entry operator[](difference_type n) const { return *(*this + n); }

        /** @name Moving and comparing
         *  @{ */
        /** As with a pointer into an array. Places outside of the report may be made, but not read;
         *  only places in one report compare. */
        Iterator &operator++() noexcept { return *this += 1; }
        Iterator operator++(int) noexcept { return Iterator(report_, i_++); }
        Iterator &operator--() noexcept { return *this -= 1; }
        Iterator operator--(int) noexcept { return Iterator(report_, i_--); }
        Iterator &operator+=(difference_type n) noexcept {
            i_ += n;
            return *this;
        }
        Iterator &operator-=(difference_type n) noexcept { return *this += -n; }
        friend Iterator operator+(Iterator a, difference_type n) noexcept { return a += n; }
        friend Iterator operator+(difference_type n, Iterator a) noexcept { return a += n; }
        friend Iterator operator-(Iterator a, difference_type n) noexcept { return a -= n; }
        friend difference_type operator-(Iterator a, Iterator b) noexcept { return a.i_ - b.i_; }
        friend bool operator==(Iterator a, Iterator b) noexcept { return a.i_ == b.i_; }
        friend bool operator!=(Iterator a, Iterator b) noexcept { return a.i_ != b.i_; }
        friend bool operator<(Iterator a, Iterator b) noexcept { return a.i_ < b.i_; }
        friend bool operator>(Iterator a, Iterator b) noexcept { return b < a; }
        friend bool operator<=(Iterator a, Iterator b) noexcept { return !(b < a); }
        friend bool operator>=(Iterator a, Iterator b) noexcept { return !(a < b); }
        /** @} */

      private:
        friend class Report;
        Iterator(const hwm_report *report, difference_type i) noexcept : report_(report), i_(i) {}
        const hwm_report *report_ = nullptr;
        difference_type i_ = 0;
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
    Entry operator[](std::size_t i) const { return item(handle_.get(), i); }
    /** The whole report as JSON. Fails as operator[] does. */
    std::string_view json() const;

    /** The first entry. */
    Iterator begin() const noexcept { return Iterator(handle_.get(), 0); }
    /** Past the last entry. */
    Iterator end() const noexcept {
        return Iterator(handle_.get(), static_cast<std::ptrdiff_t>(size()));
    }
    /** The handle of the C API, still the report's. */
    const hwm_report *get() const noexcept { return handle_.get(); }

  private:
    static Entry item(const hwm_report *report, std::size_t i);
    struct Free {
        void operator()(hwm_report *handle) const noexcept { hwm_report_free(handle); }
    };
    std::unique_ptr<hwm_report, Free> handle_;
};

/** Why a function failed. Cheap to copy; carries the report when there is one. */
class HWM_API Error : public std::exception {
  public:
    /** Takes an error of the C API over, the report that came with it, and what a callback threw. */
    explicit Error(hwm_error *handle, Report report = Report(), std::exception_ptr cause = nullptr)
        : state_(std::make_shared<State>(handle, std::move(report), std::move(cause))) {}

    /** The negative code, such as HWM_QUOTA. */
    hwm_code code() const noexcept { return hwm_error_code(state_->error.get()); }
    /** The sentence for a person. */
    const char *what() const noexcept override {
        return state_->cause ? state_->message.c_str() : hwm_error_message(state_->error.get());
    }
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
    /** What a callback threw, when that ended the call; else NULL. */
    const std::exception_ptr &cause() const noexcept { return state_->cause; }

  private:
    struct Free {
        void operator()(hwm_error *handle) const noexcept { hwm_error_free(handle); }
    };
    struct State {
        State(hwm_error *handle, Report &&with, std::exception_ptr &&thrown)
            : error(handle), report(std::move(with)), cause(std::move(thrown)),
              message(cause ? told(cause) : std::string()) {}
        /** What a callback's exception says. */
        static std::string told(const std::exception_ptr &cause) {
#if HWM_HPP_EXCEPTIONS
            try {
                std::rethrow_exception(cause);
            } catch (const std::exception &exception) {
                return std::string("a callback threw: ") + exception.what();
            } catch (...) {
            }
#else
            static_cast<void>(cause);
#endif
            return "a callback threw";
        }
        std::unique_ptr<hwm_error, Free> error;
        Report report;
        std::exception_ptr cause;
        std::string message;
    };
    std::shared_ptr<const State> state_;
};

#if HWM_HPP_EXCEPTIONS
/** What a callback threw, as it comes out of the call after that was cancelled and drained.
 *
 *  `std::rethrow_if_nested(error)` throws the callback's own exception again; report() tells what
 *  became of the accounts. code() is what the call ended with: HWM_CANCELLED, HWM_AUTHENTICATION
 *  when it could not go on without the token, HWM_OK when all was settled already. */
class HWM_API CallbackError : public Error, public std::nested_exception {
  public:
    /** Nests the exception that is being handled, which is the error's cause(). */
    explicit CallbackError(const Error &error) : Error(error) {}
};
#endif

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

/** Done, or why not: what the `try_` functions return that have no value to give. */
template <> class [[nodiscard]] Result<void> {
  public:
    /** Done. */
    Result() noexcept = default;
    /** Failure. */
    Result(Error error) : error_(std::move(error)) {}

    /** Whether it was done. */
    explicit operator bool() const noexcept { return !error_.has_value(); }
    /** The error; only when it was not done. */
    const Error &error() const noexcept { return *error_; }

  private:
    std::optional<Error> error_;
};

/** Not for users. */
namespace detail {

/** Ends what cannot go on: by exception where there are any. */
[[noreturn]] inline void fail(Error error) {
#if HWM_HPP_EXCEPTIONS
    throw error;
#else
    static_cast<void>(error);
    std::terminate();
#endif
}

} // namespace detail

inline Entry Report::item(const hwm_report *report, std::size_t i) {
    hwm_report_entry c;
    hwm_error *error = nullptr;
    if (hwm_report_item(report, i, &c, sizeof c, &error) < 0)
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

/** Text for the C API, or none: takes what converts to `const char *` or to std::string.
 *
 *  NULL is none, as in C, and so are std::nullopt and an empty std::optional. Numbers and bools are no
 *  text and do not compile: `"0"` and `"true"` do. */
class Text {
  public:
    /** None. */
    Text() noexcept = default;
    /** A copy of the text, or none. */
    template <class T, class = std::enable_if_t<std::is_convertible_v<T, const char *> ||
                                                std::is_convertible_v<T, std::optional<std::string>>>>
    Text(T &&text) {
        if constexpr (std::is_convertible_v<T, const char *>) {
            if (const char *const chars = text; chars != nullptr)
                text_ = chars;
        } else {
            std::optional<std::string> copy = std::forward<T>(text);
            text_ = std::move(copy);
        }
    }
    /** For the C API: NULL for none. */
    const char *get() const noexcept { return text_ ? text_->c_str() : nullptr; }

  private:
    std::optional<std::string> text_;
};

namespace detail {

/** Whether elements of an iterator are still there when it has gone on. */
template <class Iterator, class = void> struct Stays : std::false_type {};
template <class Iterator>
struct Stays<Iterator, std::void_t<typename std::iterator_traits<Iterator>::iterator_category>>
    : std::is_base_of<std::forward_iterator_tag,
                      typename std::iterator_traits<Iterator>::iterator_category> {};

/** The accounts of a range in two arrays. Only what the range makes on the way is copied. */
class Accounts {
  public:
    template <class Range> explicit Accounts(Range &&range) {
        using std::begin;
        using Iterator = std::decay_t<decltype(begin(range))>;
        using Element = decltype(*std::declval<Iterator &>());
        static_assert(std::is_convertible_v<Element, std::string_view>,
                      "accounts must convert to std::string_view");
        constexpr bool borrowed = Stays<Iterator>::value && std::is_reference_v<Element>;
        for (auto &&account : range) {
            if constexpr (std::is_pointer_v<std::decay_t<Element>>) {
                if (account == nullptr) {
                    add(nullptr, 0); // The library names it.
                    continue;
                }
            }
            const std::string_view view = account;
            if constexpr (borrowed) {
                // An empty view may have no address; the library refuses the account by its length.
                add(view.data() != nullptr ? view.data() : "", view.size());
            } else {
                add("", view.size());
                copies_.append(view);
            }
        }
        if constexpr (!borrowed) {
            const char *next = copies_.data();
            for (std::size_t i = 0; i < pointers_.size(); next += lengths_[i], i++)
                pointers_[i] = pointers_[i] != nullptr ? next : nullptr;
        }
    }
    const char *const *pointers() const noexcept { return pointers_.data(); }
    const std::size_t *lengths() const noexcept { return lengths_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

  private:
    void add(const char *account, std::size_t length) {
        pointers_.push_back(account);
        lengths_.push_back(length);
    }
    std::vector<const char *> pointers_;
    std::vector<std::size_t> lengths_;
    std::string copies_;
};

} // namespace detail

/** A question for a token, to be answered in a token function. */
class TokenRequest {
  public:
    /** Wraps a request of the C API. */
    explicit TokenRequest(hwm_token_request *handle) noexcept : handle_(handle) {}
    /** Answers with a token that is valid so long; 0: unknown. NULL is no answer. */
    void set(const Text &token, std::chrono::seconds valid = std::chrono::seconds(0)) noexcept {
        hwm_token_request_set(handle_, token.get(),
                              valid.count() > 0 ? static_cast<std::uint64_t>(valid.count()) : 0,
                              nullptr);
    }
    /** Answers that there is none, and why. NULL is no answer, which is a failure too. */
    void fail(const Text &message) noexcept {
        hwm_token_request_fail(handle_, message.get(), nullptr);
    }

  private:
    hwm_token_request *handle_;
};

namespace detail {

/** The calls in which a callback may run, each with the place for what the callback throws.
 *
 *  A thread is in one call of a client at a time, so the thread tells which call it is. Nothing here
 *  is thread-local or static: every shared object may have its own copy of this header, and what a
 *  callback is registered with is all that they have in common. There is no lock either, which a
 *  fork() could leave locked. */
class Calls {
  public:
    /** A thread that is in a call, and where that call wants what a callback throws. */
    struct Seat {
        std::atomic<std::thread::id> thread; /**< Whose it is; nobody's when free. */
        std::exception_ptr *thrown;          /**< Touched by that thread alone. */
        Seat *next;
    };

    Calls() noexcept = default;
    Calls(const Calls &) = delete;
    Calls &operator=(const Calls &) = delete;
    ~Calls() {
        for (Seat *seat = seats_.load(); seat != nullptr;)
            delete std::exchange(seat, seat->next);
    }

    /** A call of this thread, while it runs. */
    class Call {
      public:
        Call(Calls *calls, std::exception_ptr *thrown) : seat_(calls ? calls->take() : nullptr) {
            if (seat_ != nullptr)
                outer_ = std::exchange(seat_->thrown, thrown);
        }
        ~Call() {
            if (seat_ == nullptr)
                return;
            seat_->thrown = outer_;
            if (outer_ == nullptr)
                seat_->thread.store(std::thread::id());
        }
        Call(const Call &) = delete;
        Call &operator=(const Call &) = delete;

      private:
        friend class Calls;
        Seat *seat_;
        std::exception_ptr *outer_ = nullptr;
    };

    /** Where the innermost call of this thread wants its exception; NULL: the call was not made by
     *  this header, but by hwm_set_status(). */
    std::exception_ptr *place() const noexcept {
        const Seat *seat = seat_of(std::this_thread::get_id());
        return seat != nullptr ? seat->thrown : nullptr;
    }

  private:
    Seat *seat_of(std::thread::id thread) const noexcept {
        Seat *seat = seats_.load();
        while (seat != nullptr && seat->thread.load() != thread)
            seat = seat->next;
        return seat;
    }
    /** This thread's seat, or one that is free from now on this thread's, or a new one. */
    Seat *take() {
        const std::thread::id self = std::this_thread::get_id();
        if (Seat *mine = seat_of(self))
            return mine;
        for (Seat *seat = seats_.load(); seat != nullptr; seat = seat->next) {
            std::thread::id nobody;
            if (seat->thread.compare_exchange_strong(nobody, self))
                return seat;
        }
        Seat *seat = new Seat{{self}, nullptr, seats_.load()};
        while (!seats_.compare_exchange_weak(seat->next, seat)) {
        }
        return seat;
    }
    std::atomic<Seat *> seats_{nullptr};
};

/** A function that was registered, and the calls it may run in. */
template <class Function> struct Callback {
    explicit Callback(Function with) : function(std::move(with)) {}
    Function function;
    Calls calls;
};

using ProgressCallback = Callback<std::function<bool(const Progress &)>>;
using TokenCallback = Callback<std::function<void(TokenRequest &)>>;

// A program may have files with and without exceptions: what differs has two names.
#if HWM_HPP_EXCEPTIONS
inline namespace catching {
/** The name of a function of C linkage. */
#define HWM_HPP_RUN(what) hwm_v0_1_run_##what
#else
inline namespace plain {
#define HWM_HPP_RUN(what) hwm_v0_1_run_##what##_plain
#endif

/** Runs a callback, unless it threw before in this call. False: it threw. */
template <class Function, class Body>
bool run(Callback<Function> &callback, Body body) noexcept {
#if HWM_HPP_EXCEPTIONS
    std::exception_ptr *thrown = callback.calls.place();
    if (thrown != nullptr && *thrown != nullptr)
        return false;
    try {
        body(callback.function);
    } catch (...) {
        if (thrown != nullptr)
            *thrown = std::current_exception();
        return false;
    }
#else
    body(callback.function);
#endif
    return true;
}

extern "C" {
/** What the C API calls. */
inline std::int32_t HWM_HPP_RUN(progress)(const hwm_progress *progress, void *user_data) {
    bool go_on = true;
    const bool done = run(*static_cast<ProgressCallback *>(user_data),
                          [&](auto &function) { go_on = function(*progress); });
    return done && go_on ? 0 : 1;
}
/** What the C API calls. */
inline void HWM_HPP_RUN(token)(hwm_token_request *handle, void *user_data) {
    TokenRequest request(handle);
    if (!run(*static_cast<TokenCallback *>(user_data), [&](auto &function) { function(request); }))
        request.fail("the callback threw");
}
}

} // namespace

/** Functions that options and the clients made with them keep alive. */
struct Functions {
    std::shared_ptr<ProgressCallback> progress;
    std::shared_ptr<TokenCallback> token;
};

} // namespace detail

/** Ends calls from outside; any thread may use it. */
class Cancel {
  public:
    /** A handle that is not triggered. */
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

/** What a client is made with, and what a call may change. */
class Options {
  public:
    /** Options of which none is set: every key has its default. */
    Options() : handle_(hwm_options_new()) {}

    /** Sets one option, or unsets it with NULL or std::nullopt. */
    Result<void> try_set(const Text &key, const Text &value) {
        hwm_error *error = nullptr;
        if (hwm_options_set(handle_.get(), key.get(), value.get(), &error) < 0)
            return Error(error);
        return {};
    }
    /** Sets from the environment every option that is not set yet. */
    Result<void> try_fill_from_env() {
        hwm_error *error = nullptr;
        if (hwm_options_from_env(handle_.get(), &error) < 0)
            return Error(error);
        return {};
    }

#if HWM_HPP_EXCEPTIONS
    /** Options of key and value: `hwm::Options{{"app_id", "…"}, {"proxy", std::getenv("PROXY")}}`. */
    Options(std::initializer_list<std::pair<Text, Text>> values) : Options() {
        for (const auto &[key, value] : values)
            set(key, value);
    }
    /** Options from the environment: `HWM_<KEY>`. */
    static Options from_env() {
        Options options;
        options.fill_from_env();
        return options;
    }
    /** Sets one option, or unsets it with NULL or std::nullopt. */
    Options &set(const Text &key, const Text &value) & {
        if (auto done = try_set(key, value); !done)
            throw done.error();
        return *this;
    }
    /** The same for options that are just being made. */
    Options &&set(const Text &key, const Text &value) && {
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
     *  whether to go on. What it throws comes out of the call as hwm::CallbackError, after that was
     *  cancelled and drained. */
    template <class F> Options &on_progress(F function) {
        if constexpr (std::is_void_v<std::invoke_result_t<F &, const Progress &>>) {
            functions_.progress = std::make_shared<detail::ProgressCallback>(
                [function = std::move(function)](const Progress &progress) mutable {
                    function(progress);
                    return true;
                });
        } else {
            functions_.progress = std::make_shared<detail::ProgressCallback>(std::move(function));
        }
        hwm_error *error = nullptr;
        if (hwm_options_on_progress(handle_.get(), detail::HWM_HPP_RUN(progress),
                                    functions_.progress.get(), &error) < 0)
            detail::fail(Error(error));
        return *this;
    }
    /** Has a function asked for tokens: `void(TokenRequest &)`. Exceptions as in on_progress(). */
    template <class F> Options &on_token(F function) {
        functions_.token = std::make_shared<detail::TokenCallback>(std::move(function));
        hwm_error *error = nullptr;
        if (hwm_options_on_token(handle_.get(), detail::HWM_HPP_RUN(token), functions_.token.get(),
                                 &error) < 0)
            detail::fail(Error(error));
        return *this;
    }
    /** Lets a cancel handle end the calls that run with these options. */
    Options &cancel(const Cancel &cancel) {
        hwm_error *error = nullptr;
        if (hwm_options_set_cancel(handle_.get(), cancel.get(), &error) < 0)
            detail::fail(Error(error));
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

    /** Puts every account into a status. The range, which may be a view, holds what converts to
     *  std::string_view. What a callback threw is the cause() of the error. */
    template <class Range> Result<Report> try_set_status(Status status, Range &&accounts) const {
        return run(status, detail::Accounts(accounts), nullptr);
    }
    /** The same with options that differ for this call. */
    template <class Range>
    Result<Report> try_set_status(Status status, Range &&accounts, const Options &overrides) const {
        return run(status, detail::Accounts(accounts), &overrides);
    }
    /** The same for a list in braces. */
    Result<Report> try_set_status(Status status, List accounts) const {
        return run(status, detail::Accounts(accounts), nullptr);
    }
    /** The same for a list in braces with options that differ for this call. */
    Result<Report> try_set_status(Status status, List accounts, const Options &overrides) const {
        return run(status, detail::Accounts(accounts), &overrides);
    }
    /** Ends the client in good manners: logs out, if its options say so. */
    Result<void> try_close() {
        hwm_error *error = nullptr;
        if (hwm_client_close(handle_.get(), &error) < 0)
            return Error(error);
        return {};
    }

#if HWM_HPP_EXCEPTIONS
    /** A client with these options, copied. */
    explicit Client(const Options &options) : Client(made(try_make(options))) {}

    /** Puts every account into a status; the report tells what became of each, whether or not all
     *  were applied. Throws hwm::Error, with the report if there is one, and hwm::CallbackError for
     *  what a callback threw. */
    template <class Range> Report set_status(Status status, Range &&accounts) const {
        return made(try_set_status(status, accounts));
    }
    /** The same with options that differ for this call. */
    template <class Range>
    Report set_status(Status status, Range &&accounts, const Options &overrides) const {
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
                       const Options *overrides) const {
        hwm_report *report = nullptr;
        hwm_error *error = nullptr;
        std::exception_ptr thrown;
        // Kept for the call, even if the callback gives the options another one.
        const auto own = overrides != nullptr ? overrides->functions_.progress : nullptr;
        const auto calls = [](const auto &callback) { return callback ? &callback->calls : nullptr; };
        const detail::Calls::Call in_token(calls(functions_.token), &thrown);
        const detail::Calls::Call in_progress(calls(functions_.progress), &thrown);
        const detail::Calls::Call in_own(calls(own), &thrown);
        const hwm_code code = hwm_set_status(
            handle_.get(), static_cast<std::int32_t>(status), accounts.pointers(),
            accounts.lengths(), accounts.size(),
            overrides != nullptr ? overrides->get() : nullptr, &report, &error);
        Report owned(report);
        if (code < 0 || thrown != nullptr)
            return Error(error, std::move(owned), std::move(thrown));
        return owned;
    }
    Client(hwm_client *handle, detail::Functions functions) noexcept
        : handle_(handle), functions_(std::move(functions)) {}
#if HWM_HPP_EXCEPTIONS
    template <class T> static T made(Result<T> result) {
        if (result)
            return std::move(result).value();
        if (result.error().cause() == nullptr)
            throw result.error();
        try {
            std::rethrow_exception(result.error().cause());
        } catch (...) {
            throw CallbackError(result.error()); // nests what is being handled here
        }
    }
#endif
    std::unique_ptr<hwm_client, Free> handle_;
    detail::Functions functions_;
};
} // namespace v0_1
} // namespace hwm

#undef HWM_HPP_RUN
#endif
#undef HWM_HPP_STANDARD
#endif
