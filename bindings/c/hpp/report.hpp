// What became of the accounts of one call: statuses, outcomes, entries and the range of them.
#pragma once

#include <hwm.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string_view>

namespace hwm {
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

} // namespace v0_1
} // namespace hwm
