// Functions of the program that run in a call, and what they throw.
#pragma once

#include "arguments.hpp"
#include "error.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace hwm {
inline namespace v0_1 {

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

} // namespace v0_1
} // namespace hwm
