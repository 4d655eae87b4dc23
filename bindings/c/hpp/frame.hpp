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

@INCLUDES@
@BEFORE@
/** Sets the status of many Huawei Cloud Meeting accounts. */
namespace hwm {
/** Its name changes with the ABI of this header. */
inline namespace v0_1 {

@PARTS@
} // namespace v0_1
} // namespace hwm

#undef HWM_HPP_RUN
#endif
#undef HWM_HPP_STANDARD
#endif
