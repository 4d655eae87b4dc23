// What a client is made with, what a call may change, and what ends it.
#pragma once

#include "callbacks.hpp"

#include <hwm.h>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

namespace hwm {
inline namespace v0_1 {

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

} // namespace v0_1
} // namespace hwm
