// What is asked of the service.
#pragma once

#include "options.hpp"

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

namespace hwm {
inline namespace v0_1 {

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
