/**
 * @file hwm.h
 * @brief Sets the status of many Huawei Cloud Meeting accounts and tells the truth about each.
 *
 * Generated from bindings/c/src: change it there.
 *
 * @mainpage hwm for C
 *
 * Hand it a list of accounts and a status, get back what became of every account:
 *
 * @code{.c}
 * hwm_options *mine = hwm_options_new();
 * hwm_client *meetings = NULL;
 * hwm_report *result = NULL;
 * hwm_error *trouble = NULL;
 * const char *leavers[] = {"test010", "test011"};
 *
 * if (hwm_options_from_env(mine, &trouble) >= 0 &&
 *     hwm_client_new(mine, &meetings, &trouble) >= 0 &&
 *     hwm_set_status(meetings, HWM_STATUS_DISABLED, leavers, NULL, 2, NULL, &result, &trouble) >= 0)
 *     printf("%zu of 2 disabled\n", hwm_report_count(result, HWM_OUTCOME_APPLIED));
 * else
 *     fprintf(stderr, "%s\n", hwm_error_message(trouble));
 *
 * hwm_report_free(result);
 * hwm_error_free(trouble);
 * hwm_client_free(meetings);
 * hwm_options_free(mine);
 * @endcode
 *
 * @section results What comes back
 *
 * A function that can fail returns an #hwm_code and takes an `hwm_error **err` last:
 *
 * | code                   | `*err`     | `*report` of hwm_set_status()                             |
 * |------------------------|------------|-----------------------------------------------------------|
 * | 0: #HWM_OK             | NULL       | set: all accounts applied, or a dry run's plan            |
 * | positive: #HWM_PARTIAL | NULL       | set: not every account was applied                        |
 * | negative, planned      | set        | set: what was settled before the end, and what was not    |
 * | negative, not planned  | set        | NULL: nothing was sent, see below                         |
 *
 * A call is not planned when an argument or option is wrong (#HWM_INVALID_ARGUMENT,
 * #HWM_INVALID_OPTION, a journal that is refused among them), or when its list could not be read to
 * the end: the deadline passed, it was cancelled, or memory ran out.
 *
 * Every out-parameter is set to NULL on entry, so one error variable serves a chain of calls, as
 * above, when the chain ends at the first failure. `err` and `report` may be NULL: not wanted.
 *
 * @section conventions Conventions
 *
 * - **Names.** What a client does is hwm_<verb>_<noun>(client, …); all else is hwm_<type>_<verb>.
 * - **Ownership.** What a function hands out through `hwm_<type> **` or returns from a `_new` is
 *   yours: give it to hwm_<type>_free(), which takes NULL, sends nothing and does not wait for the
 *   network. A `const char *` that comes back belongs to the handle it was asked of. Handles do not
 *   depend on each other: free them in any order.
 * - **Strings** are UTF-8 and NUL-terminated. Strings that go in are borrowed for the call. In
 *   strings that come out a U+0000 of the service is a U+FFFD.
 * - **Wrong use** is an error, not a crash: NULL where it is not allowed, text that is not UTF-8, a
 *   count without an array, a number that is no constant give #HWM_INVALID_ARGUMENT with the name of
 *   the parameter. A pointer to memory that was freed cannot be noticed.
 * - **Threads.** A client, a report, an error and a cancel handle may be used by several threads at
 *   once; options by one at a time. No handle may be freed while it is in use.
 * - **Callbacks** run on the thread of the call they belong to; only the log function runs anywhere.
 *   In a callback, a call on the same client and closing it are refused; another client may be used.
 * - **Stack.** A thread that calls the library needs #HWM_STACK_SIZE bytes, besides what your
 *   callbacks and the program's thread-local variables take. It starts threads of its own for the rest.
 * - **Signals.** The library's threads block all signals, so handlers run on your threads. SIGPIPE
 *   is not raised in them. hwm_cancel_trigger() may be called in a handler.
 * - **fork().** A child may use and free every handle it inherited, but for a call that was running:
 *   connections are built anew. In the child of a program with several threads, what the C library
 *   allows there still is the limit.
 * - **Unloading.** dlclose() gives back handles, but the code stays mapped.
 * - **What may abort the process**: memory that runs out in a small allocation (lists and reports
 *   answer #HWM_NO_MEMORY), a C++ exception or a longjmp() that leaves a callback (hwm.hpp lets none
 *   out), too small a stack, and nothing else.
 *   A defect of the library is #HWM_PANIC.
 * - **Environment.** hwm_options_from_env() reads the variables `HWM_<KEY>`. hwm_client_new(), and the
 *   first call on a client in a forked child, read `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`
 *   (these also in lower case) and `REQUEST_METHOD`, unless option `proxy` is set, and on Linux, for
 *   https:// endpoints, `SSL_CERT_FILE` and `SSL_CERT_DIR`. All are read once, none in a set-user-ID or
 *   set-group-ID program, and nothing else is but what the C library reads to look up names.
 * - **Output.** Nothing is written to stdout or stderr: see hwm_set_log().
 *
 * @section linking Linking
 *
 * After `make install`, `pkg-config --cflags --libs hwm` and CMake's `hwm::hwm` link the shared
 * library. Statically:
 *
 * @code{.sh}
 * cc program.c $(pkg-config --cflags hwm) /usr/local/lib/libhwm.a -lm -lpthread -ldl
 * cc -static program.c $(pkg-config --static --cflags --libs hwm)
 * @endcode
 *
 * or CMake's `hwm::hwm_static`. `-lm` is always needed; the others are part of newer C libraries.
 * `libhwm.a` shows nothing but `hwm_*`, so that it stands beside other Rust archives. Take the one
 * that `make` leaves or installs: cargo alone makes one that does not. With `-static`, glibc asks for
 * its shared libraries all the same when it looks up a host name.
 *
 * @section abi ABI
 *
 * Only `int32_t`, `uint32_t`, `uint64_t`, `size_t`, pointers, and structures of these cross. Until
 * version 1.0 a new minor version (0.1 to 0.2) may change anything and gets a new soname; a new patch
 * version (0.1.0 to 0.1.1) only adds functions, constants, option keys, and fields at the end of
 * structures. Numbers of constants are never used again.
 */
#ifndef HWM_H
#define HWM_H

#include <stddef.h>
#include <stdint.h>

/** @name Version of this header
 * @{ */
/** The version as text; hwm_version() is that of the library. */
#define HWM_VERSION "@VERSION@"
/** The version as numbers. */
#define HWM_VERSION_MAJOR @MAJOR@
/** See #HWM_VERSION_MAJOR. */
#define HWM_VERSION_MINOR @MINOR@
/** See #HWM_VERSION_MAJOR. */
#define HWM_VERSION_PATCH @PATCH@
/** A number to compare with: 1000000 × major + 1000 × minor + patch. */
#define HWM_VERSION_NUMBER \
    (HWM_VERSION_MAJOR * 1000000 + HWM_VERSION_MINOR * 1000 + HWM_VERSION_PATCH)
/** @} */

/** Bytes of stack that a calling thread needs: what the tests measure, and a quarter of it at least. */
#define HWM_STACK_SIZE (96 * 1024)

/** Marks what the library exports. */
#ifndef HWM_API
#if defined(__GNUC__) || defined(__clang__)
#define HWM_API __attribute__((visibility("default")))
#else
#define HWM_API
#endif
#endif

/** Marks what a later version may drop, with what to use instead. */
#ifndef HWM_DEPRECATED
#if defined(__GNUC__) || defined(__clang__)
#define HWM_DEPRECATED(instead) __attribute__((deprecated(instead)))
#else
#define HWM_DEPRECATED(instead)
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif
