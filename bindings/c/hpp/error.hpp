// Why a function failed, and the results of those that do not throw.
#pragma once

#include "report.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
/** 1 when exceptions are on. */
#define HWM_HPP_EXCEPTIONS 1
#else
/** 1 when exceptions are on. */
#define HWM_HPP_EXCEPTIONS 0
#endif

namespace hwm {
inline namespace v0_1 {

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

} // namespace v0_1
} // namespace hwm
