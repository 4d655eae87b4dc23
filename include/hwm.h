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
#define HWM_VERSION "0.1.0"
/** The version as numbers. */
#define HWM_VERSION_MAJOR 0
/** See #HWM_VERSION_MAJOR. */
#define HWM_VERSION_MINOR 1
/** See #HWM_VERSION_MAJOR. */
#define HWM_VERSION_PATCH 0
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

/**
 * @defgroup codes Codes, outcomes and statuses
 * @{
 */

/** What an account can be put into. */
enum {
    /** Enabled: the user can log in and use the service. */
    HWM_STATUS_NORMAL = 0,
    /** Disabled: the account is kept, but cannot be used. */
    HWM_STATUS_DISABLED = 1
};

/** What became of an account. */
enum {
    /** The service answered 200 to a request that held the account. True at that time. */
    HWM_OUTCOME_APPLIED = 0,
    /** The service refused the account when it was asked about it alone. */
    HWM_OUTCOME_REJECTED = 1,
    /** The service may or may not have changed the account. */
    HWM_OUTCOME_UNKNOWN = 2,
    /** The service never acted on the account in this call. */
    HWM_OUTCOME_NOT_ATTEMPTED = 3,
    /** For hwm_report_count(): all outcomes together. No code, outcome or status ever has this number. */
    HWM_OUTCOME_ANY = INT32_MAX
};

/**
 * What a fallible function returns: 0 or more when it did its work, less than 0 when it failed.
 *
 * A number is never reused. A later version may add codes: treat an unknown negative one as a
 * failure like any other, and an unknown positive one as success with a remark.
 */
typedef int32_t hwm_code;

/** Every #hwm_code. */
enum {
    /** Done. For hwm_set_status(): every account was applied, or the call was a dry run. */
    HWM_OK = 0,
    /** The run came to its end, but not every account was applied: read the report. */
    HWM_PARTIAL = 1,
    /**
     * An argument is wrong: NULL, not UTF-8, an empty list, a bad account, an undefined constant. The
     * message names it. Nothing was sent.
     */
    HWM_INVALID_ARGUMENT = -1,
    /** An option is unknown, badly valued, missing, or in conflict with another. Nothing was sent. */
    HWM_INVALID_OPTION = -2,
    /** The service does not accept the credentials or the token. */
    HWM_AUTHENTICATION = -3,
    /** The credentials are accepted, but may not do this. */
    HWM_PERMISSION = -4,
    /** The enterprise has too few resources for what was asked. */
    HWM_CAPACITY = -5,
    /** The request quota is used up for longer than `max_wait_ms` or the deadline allow. */
    HWM_QUOTA = -6,
    /** The service could not be reached, or the connection broke, more often than `attempts` allows. */
    HWM_NETWORK = -7,
    /** `deadline_ms` ran out before every account was settled. */
    HWM_TIMEOUT = -8,
    /** The call was cancelled before every account was settled. */
    HWM_CANCELLED = -9,
    /** The service failed, or refused everything alike. */
    HWM_SERVER = -10,
    /** What answered does not speak the documented protocol: a proxy's page, a redirect. */
    HWM_PROTOCOL = -11,
    /** A local file or system resource failed: the journal, the CA file, a thread. */
    HWM_IO = -12,
    /** Memory for the given input could not be had. */
    HWM_NO_MEMORY = -13,
    /** A defect of this library; please report it. Details went to the log. */
    HWM_PANIC = -14
};

/**
 * The name of a code, such as `"HWM_PARTIAL"`, for logs.
 *
 * @param code  Any number.
 * @return A string that lives as long as the program; `"undefined"` for a number that is no code.
 *
 * @code{.c}
 * printf("%s\n", hwm_code_name(HWM_PARTIAL)); // HWM_PARTIAL
 * @endcode
 */
HWM_API const char *hwm_code_name(hwm_code code);

/**
 * The name of an outcome: `"applied"`, `"rejected"`, `"unknown"` or `"not_attempted"`.
 *
 * @param outcome  Any number.
 * @return A string that lives as long as the program; `"undefined"` for a number that is no outcome.
 *
 * @code{.c}
 * printf("%s\n", hwm_outcome_name(HWM_OUTCOME_NOT_ATTEMPTED)); // not_attempted
 * @endcode
 */
HWM_API const char *hwm_outcome_name(int32_t outcome);

/**
 * The version of the library that runs, such as `"0.1.0"`; #HWM_VERSION is that of this header.
 *
 * @return A string that lives as long as the program.
 *
 * @code{.c}
 * printf("header %s, library %s\n", HWM_VERSION, hwm_version());
 * @endcode
 */
HWM_API const char *hwm_version(void);

/** @} */

/**
 * @defgroup errors Errors
 * @{
 */

/**
 * Why a function failed. Yours once a function has set it: free it with hwm_error_free().
 *
 * Its texts belong to it and hold no secret. Several threads may read one error at once.
 */
typedef struct hwm_error hwm_error;

/**
 * The code that the function returned with this error.
 *
 * @param error  An error, or NULL.
 * @return A negative code; #HWM_OK for NULL.
 */
HWM_API hwm_code hwm_error_code(const hwm_error *error);

/**
 * The sentence for a person: what was tried, what came back, what to do.
 *
 * @param error  An error, or NULL.
 * @return UTF-8 text of the error's; empty for NULL, never NULL.
 *
 * @code{.c}
 * if (hwm_options_set(options, "batch_size", "many", &err) < 0) {
 *     fprintf(stderr, "%s\n", hwm_error_message(err));
 *     hwm_error_free(err);
 * }
 * @endcode
 */
HWM_API const char *hwm_error_message(const hwm_error *error);

/**
 * The HTTP status of the answer behind the error.
 *
 * @param error  An error, or NULL.
 * @return Such as 401; 0 when no answer is behind it, and for NULL.
 */
HWM_API int32_t hwm_error_http_status(const hwm_error *error);

/**
 * The service's own code behind the error, its `error_code`.
 *
 * @param error  An error, or NULL.
 * @return Such as `"USG.000000004"`, of the error's; empty when there is none, never NULL.
 */
HWM_API const char *hwm_error_service_code(const hwm_error *error);

/**
 * The id of the request behind the error, to quote to the vendor's support.
 *
 * @param error  An error, or NULL.
 * @return Text of the error's; empty when there is none, never NULL.
 *
 * @code{.c}
 * fprintf(stderr, "HTTP %d %s [request %s]\n", (int)hwm_error_http_status(err),
 *         hwm_error_service_code(err), hwm_error_request_id(err));
 * @endcode
 */
HWM_API const char *hwm_error_request_id(const hwm_error *error);

/**
 * Frees an error and its texts.
 *
 * @param error  An error, or NULL: nothing happens.
 */
HWM_API void hwm_error_free(hwm_error *error);

/** @} */

/**
 * @defgroup cancel Cancelling
 * @{
 */

/** Ends the calls it was given to with hwm_options_set_cancel(). Any thread may use it at any time. */
typedef struct hwm_cancel hwm_cancel;

/**
 * A cancel handle that is not triggered.
 *
 * @return A handle for hwm_cancel_free(); NULL only if something is badly broken.
 *
 * @code{.c}
 * hwm_cancel *cancel = hwm_cancel_new();
 * hwm_options_set_cancel(options, cancel, NULL);
 * // now hwm_cancel_trigger(cancel) on any thread ends a call that runs with these options
 * hwm_cancel_free(cancel); // the options keep what they need
 * @endcode
 */
HWM_API hwm_cancel *hwm_cancel_new(void);

/**
 * Cancels. Safe in a signal handler: it is one atomic operation.
 *
 * The first trigger starts no new request and leaves `drain_ms` to those in flight; a second one
 * ends the call at once. It is sticky: a call that starts later with this handle is cancelled too,
 * until hwm_cancel_reset(). The call returns #HWM_CANCELLED if it left something unsettled, and its
 * report, unless its list was too long to be read before.
 *
 * @param cancel  A cancel handle, or NULL: nothing happens.
 */
HWM_API void hwm_cancel_trigger(hwm_cancel *cancel);

/**
 * Makes the handle fit for a next call. Not while a call that it may cancel still runs.
 *
 * @param cancel  A cancel handle, or NULL: nothing happens.
 */
HWM_API void hwm_cancel_reset(hwm_cancel *cancel);

/**
 * Frees a cancel handle. Options, clients and calls that were given it go on, uncancelled.
 *
 * @param cancel  A cancel handle that no thread and no signal handler will use again, or NULL:
 *                nothing happens.
 */
HWM_API void hwm_cancel_free(hwm_cancel *cancel);

/** @} */

/**
 * @defgroup progress Progress
 * @{
 */

/** How far a call has come. Later versions add fields at the end only. */
typedef struct hwm_progress {
    /** Bytes of this structure that the library filled. */
    uint64_t struct_size;
    /** Distinct accounts of the call. */
    uint64_t total;
    /**
     * Accounts about which this call asks no more: applied, rejected, or given up, as unknown or, when
     * no connection was found for them, as not attempted.
     */
    uint64_t settled;
    /** Accounts applied so far. */
    uint64_t applied;
    /** Accounts rejected so far. */
    uint64_t rejected;
    /** Accounts given up as unknown so far. */
    uint64_t unknown;
    /** Status requests sent so far, retries among them. */
    uint64_t requests;
    /** How many of those were tries after the first. */
    uint64_t retries;
    /** Milliseconds until the request quota lets the next request go; 0 when it does not wait. */
    uint64_t quota_wait_ms;
    /** Milliseconds since the call began. */
    uint64_t elapsed_ms;
    /** Estimated milliseconds that are left; UINT64_MAX while there is nothing to judge by. */
    uint64_t remaining_ms;
} hwm_progress;

/**
 * Told how far a call has come: at most 20 times a second, and once at the end.
 *
 * Runs on the thread that called hwm_set_status(). It may block, trigger cancel handles and use
 * other clients, but not the client whose call it reports on: that is refused.
 *
 * @param progress   The numbers; the library's, good until the callback returns.
 * @param user_data  What hwm_options_on_progress() was given.
 * @return 0 to go on; anything else cancels the call.
 */
typedef int32_t (*hwm_progress_fn)(const hwm_progress *progress, void *user_data);

/** @} */

/**
 * @defgroup tokens Tokens of your own
 * @{
 */

/** A question for a token. It is the library's, and good only until the callback returns. */
typedef struct hwm_token_request hwm_token_request;

/**
 * Asked for an access token; answers with hwm_token_request_set() or hwm_token_request_fail().
 *
 * Runs on the thread of one call that needs a token, when there is none yet and when the service
 * does not accept the last one any more. An answer that is neither counts as a failure.
 *
 * @param request    The question.
 * @param user_data  What hwm_options_on_token() was given.
 */
typedef void (*hwm_token_fn)(hwm_token_request *request, void *user_data);

/**
 * Answers a question for a token.
 *
 * @param request        The question.
 * @param token          The token, copied; the copy is wiped after use.
 * @param valid_seconds  How long it is valid from now on; 0: unknown.
 * @param err            Receives the error; NULL: not wanted.
 * @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
 *
 * @code{.c}
 * static void token_from_vault(hwm_token_request *request, void *user_data) {
 *     const char *token = (const char *)user_data; // in earnest: ask your vault
 *     if (token != NULL)
 *         hwm_token_request_set(request, token, 3600, NULL);
 *     else
 *         hwm_token_request_fail(request, "the vault is sealed", NULL);
 * }
 * @endcode
 */
HWM_API hwm_code hwm_token_request_set(hwm_token_request *request,
                                       const char *token,
                                       uint64_t valid_seconds,
                                       hwm_error **err);

/**
 * Answers that there is no token; the call ends with #HWM_AUTHENTICATION.
 *
 * @param request  The question.
 * @param message  Why there is none: it becomes part of the call's error.
 * @param err      Receives the error; NULL: not wanted.
 * @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
 */
HWM_API hwm_code hwm_token_request_fail(hwm_token_request *request,
                                        const char *message,
                                        hwm_error **err);

/** @} */

/**
 * @defgroup options Options
 * @{
 */

/**
 * A set of options: string keys with string values, and callbacks. For one thread at a time.
 *
 * Options serve twice: hwm_client_new() copies them into a client, and hwm_set_status() takes some
 * as overrides for one call. A key of scope *client* among overrides is an error.
 *
 * | option | scope | default | environment |
 * |--------|-------|---------|-------------|
 * | `endpoint` | client | `cn-north-4` | `HWM_ENDPOINT` |
 * | `access_token` | client | none | `HWM_ACCESS_TOKEN` |
 * | `app_id` | client | none | `HWM_APP_ID` |
 * | `app_key` | client | none | `HWM_APP_KEY` |
 * | `user_id` | client | none | `HWM_USER_ID` |
 * | `corp_id` | client | none | `HWM_CORP_ID` |
 * | `dept_code` | client | none | `HWM_DEPT_CODE` |
 * | `login` | client | none | `HWM_LOGIN` |
 * | `password` | client | none | `HWM_PASSWORD` |
 * | `account_type` | call | `0` | `HWM_ACCOUNT_TYPE` |
 * | `language` | call | none | `HWM_LANGUAGE` |
 * | `batch_size` | call | `100` | `HWM_BATCH_SIZE` |
 * | `concurrency` | call | `4` | `HWM_CONCURRENCY` |
 * | `max_requests_per_minute` | client | `0` | `HWM_MAX_REQUESTS_PER_MINUTE` |
 * | `attempts` | call | `5` | `HWM_ATTEMPTS` |
 * | `retry_base_ms` | call | `200` | `HWM_RETRY_BASE_MS` |
 * | `retry_max_ms` | call | `20000` | `HWM_RETRY_MAX_MS` |
 * | `max_wait_ms` | call | `300000` | `HWM_MAX_WAIT_MS` |
 * | `connect_timeout_ms` | client | `5000` | `HWM_CONNECT_TIMEOUT_MS` |
 * | `request_timeout_ms` | call | `30000` | `HWM_REQUEST_TIMEOUT_MS` |
 * | `deadline_ms` | call | `0` | `HWM_DEADLINE_MS` |
 * | `drain_ms` | call | `5000` | `HWM_DRAIN_MS` |
 * | `isolate` | call | `true` | `HWM_ISOLATE` |
 * | `capacity_codes` | call | `USG.201050006` | `HWM_CAPACITY_CODES` |
 * | `journal` | call | none | `HWM_JOURNAL` |
 * | `journal_max_age_h` | call | `0` | `HWM_JOURNAL_MAX_AGE_H` |
 * | `dry_run` | call | `false` | `HWM_DRY_RUN` |
 * | `ca_file` | client | none | not read |
 * | `proxy` | client | none | `HWM_PROXY` |
 * | `allow_http` | client | `false` | not read |
 * | `logout` | client | `false` | `HWM_LOGOUT` |
 *
 * - `endpoint`: a region (cn-north-4, ap-southeast-1) or https:// URLs separated by commas. Where
 *   the service is: a region, or URLs that all serve the same tenant, tried in order.
 * - `access_token`: text without control characters. Secret. A token obtained elsewhere.
 * - `app_id`: text without control characters. App ID to authenticate with; needs app_key.
 * - `app_key`: text without control characters. Secret. Key of the App ID.
 * - `user_id`: text without control characters. User to act as under the App ID; unset: the
 *   enterprise's default administrator.
 * - `corp_id`: text without control characters. Enterprise to act for. Only for service providers:
 *   a single enterprise that sends it is refused.
 * - `dept_code`: text without control characters. Department of the App ID user.
 * - `login`: text without control characters. Administrator's account to authenticate with; needs
 *   password.
 * - `password`: text without control characters. Secret. Password of login.
 * - `account_type`: 0, 1, meeting, third_party. What the accounts are: 0 or meeting, accounts of
 *   the service; 1 or third_party, user IDs of an App ID enterprise.
 * - `language`: zh-CN, en-US. Language of the service's messages; unset: not sent, and the service
 *   answers in Chinese.
 * - `batch_size`: a whole number from 1 to 1000. Accounts a request. The service is known to take
 *   100; more is at your own risk.
 * - `concurrency`: a whole number from 1 to 64. Requests in flight at once.
 * - `max_requests_per_minute`: a whole number from 0 to 4294967295. Ceiling on status requests,
 *   evenly spread; 0: only what the gateway's quota headers ask for.
 * - `attempts`: a whole number from 1 to 100. Tries of one batch, the first included. Waiting for
 *   quota does not count.
 * - `retry_base_ms`: a whole number from 0 to 4294967295. Upper bound of the first backoff; doubles
 *   with each try.
 * - `retry_max_ms`: a whole number from 0 to 4294967295. Upper bound of every backoff.
 * - `max_wait_ms`: a whole number from 0 to 4294967295. Longest single wait for quota; a longer one
 *   ends the call.
 * - `connect_timeout_ms`: a whole number from 1 to 4294967295. Time for name, connection and TLS of
 *   one attempt.
 * - `request_timeout_ms`: a whole number from 1 to 4294967295. Time for one attempt, the answer's
 *   body included.
 * - `deadline_ms`: a whole number from 0 to 4294967295. Time for the whole call; 0: none.
 * - `drain_ms`: a whole number from 0 to 4294967295. What a cancel leaves to the requests in
 *   flight.
 * - `isolate`: true or false. Find the bad accounts of a refused batch; false: all of them stay
 *   unknown.
 * - `capacity_codes`: text without control characters. Service codes, separated by commas, that
 *   mean too few resources.
 * - `journal`: a path. File that records what was sent and settled, to resume a call that was
 *   interrupted.
 * - `journal_max_age_h`: a whole number from 0 to 4294967295. Hours for which the outcomes of a
 *   finished journal are believed, each by its own age: older ones are sent again, and when none is
 *   young enough, or at 0, the journal is refused.
 * - `dry_run`: true or false. Check and plan, with what a journal leaves to send; send and write
 *   nothing.
 * - `ca_file`: a path. PEM file of roots to trust besides the platform's.
 * - `proxy`: an http:// or https:// URL, or none. Secret. Proxy to go through, or none; unset:
 *   HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, read once and not in a set-user-ID program;
 *   loopback endpoints then go direct. One that is not loopback needs allow_http for http://
 *   endpoints.
 * - `allow_http`: true or false. Allow http:// to hosts that are not loopback, or through a proxy
 *   that is not. Tokens travel readable.
 * - `logout`: true or false. Log out the tokens that this client fetched when it is closed.
 */
typedef struct hwm_options hwm_options;

/**
 * Options of which none is set: every key has its default.
 *
 * @return Options for hwm_options_free(); NULL only if something is badly broken.
 *
 * @code{.c}
 * hwm_options *mine = hwm_options_new();
 * hwm_options_set(mine, "batch_size", "50", NULL);
 * hwm_options_free(mine);
 * @endcode
 */
HWM_API hwm_options *hwm_options_new(void);

/**
 * Sets one option, or unsets it.
 *
 * @param options  The options to change.
 * @param key      The option's name, such as `"app_id"`.
 * @param value    The value as text, copied; NULL: back to the default.
 * @param err      Receives the error; NULL: not wanted.
 * @return #HWM_OK; #HWM_INVALID_OPTION for an unknown key or a value that the key does not take: the
 *         message names the key, the value (never that of a secret) and what is allowed;
 *         #HWM_INVALID_ARGUMENT for NULL and for text that is not UTF-8.
 *
 * @code{.c}
 * hwm_options_set(options, "app_id", "4d4f1a6b0c2e4c1f", &err);
 * hwm_options_set(options, "language", "en-US", &err);
 * hwm_options_set(options, "language", NULL, &err); // unset again
 * @endcode
 */
HWM_API hwm_code hwm_options_set(hwm_options *options,
                                 const char *key,
                                 const char *value,
                                 hwm_error **err);

/**
 * Sets from the environment every option that is not set yet: `HWM_<KEY>`, such as `HWM_APP_ID`.
 *
 * Empty variables count as unset; `ca_file` and `allow_http` are not taken from there, and nothing is
 * in a set-user-ID program. No other thread may change the environment meanwhile, as with every
 * getenv(). What else is read of it, and when: see the main page.
 *
 * @param options  The options to fill.
 * @param err      Receives the error; NULL: not wanted.
 * @return #HWM_OK; #HWM_INVALID_OPTION names the variable whose value is not allowed.
 *
 * @code{.c}
 * if (hwm_options_from_env(options, &err) < 0)
 *     fprintf(stderr, "%s\n", hwm_error_message(err));
 * @endcode
 */
HWM_API hwm_code hwm_options_from_env(hwm_options *options,
                                      hwm_error **err);

/**
 * Has a function told how far a call has come. Scope: call.
 *
 * @param options    The options to change.
 * @param function   The function; NULL removes it.
 * @param user_data  Handed to the function as it is. Both must stay usable as long as these options
 *                   or a client made with them are in use.
 * @param err        Receives the error; NULL: not wanted.
 * @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
 *
 * @code{.c}
 * static int32_t show(const hwm_progress *progress, void *user_data) {
 *     (void)user_data;
 *     fprintf(stderr, "\r%llu of %llu", (unsigned long long)progress->settled,
 *             (unsigned long long)progress->total);
 *     return 0; // go on
 * }
 *
 * static hwm_code watch(hwm_options *options) {
 *     return hwm_options_on_progress(options, show, NULL, NULL);
 * }
 * @endcode
 */
HWM_API hwm_code hwm_options_on_progress(hwm_options *options,
                                         hwm_progress_fn function,
                                         void *user_data,
                                         hwm_error **err);

/**
 * Has a function asked for access tokens, in place of any other credential. Scope: client.
 *
 * @param options    The options to change.
 * @param function   The function; NULL removes it.
 * @param user_data  Handed to the function as it is, on whichever thread makes the call. Both must
 *                   stay usable as long as these options or a client made with them are in use.
 * @param err        Receives the error; NULL: not wanted.
 * @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
 *
 * @code{.c}
 * static void ask(hwm_token_request *request, void *user_data) {
 *     hwm_token_request_set(request, (const char *)user_data, 0, NULL);
 * }
 *
 * static hwm_code use(hwm_options *options, char *token) {
 *     return hwm_options_on_token(options, ask, token, NULL);
 * }
 * @endcode
 */
HWM_API hwm_code hwm_options_on_token(hwm_options *options,
                                      hwm_token_fn function,
                                      void *user_data,
                                      hwm_error **err);

/**
 * Lets a cancel handle end the calls that run with these options. Scope: call.
 *
 * @param options  The options to change.
 * @param cancel   The handle, which stays yours and may be freed at any time; NULL: none any more.
 * @param err      Receives the error; NULL: not wanted.
 * @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
 *
 * @code{.c}
 * hwm_cancel *stop = hwm_cancel_new();
 * hwm_options_set_cancel(options, stop, NULL);
 * // … and in a signal handler or on another thread: hwm_cancel_trigger(stop);
 * hwm_cancel_free(stop);
 * @endcode
 */
HWM_API hwm_code hwm_options_set_cancel(hwm_options *options,
                                        hwm_cancel *cancel,
                                        hwm_error **err);

/**
 * Frees options. Clients made with them keep their copy.
 *
 * @param options  Options, or NULL: nothing happens.
 */
HWM_API void hwm_options_free(hwm_options *options);

/** @} */

/**
 * @defgroup clients Clients
 * @{
 */

/**
 * A client: connections, tokens and pace, shared by all its calls.
 *
 * Any thread may make calls with it, also at the same time. Make one for each enterprise and keep
 * it: tokens and connections are used again. A client that a fork() carried into a child process
 * works there too; it builds its connections anew.
 */
typedef struct hwm_client hwm_client;

/**
 * Makes a client. Nothing is sent yet.
 *
 * @param options  What to make it with: a credential at least. Copied.
 * @param out      Receives the client, for hwm_client_free(); NULL when the function fails.
 * @param err      Receives the error; NULL: not wanted.
 * @return #HWM_OK; #HWM_INVALID_OPTION when there is no credential or more than one, for plain http://
 *         to a host that is not loopback, and for a `ca_file` that cannot be used; #HWM_IO when the
 *         platform has no trusted roots, no descriptor is left to read the `ca_file`, or no thread can
 *         be started; #HWM_INVALID_ARGUMENT for NULL.
 *
 * @code{.c}
 * hwm_client *mine = NULL;
 * if (hwm_client_new(options, &mine, &err) < 0) {
 *     fprintf(stderr, "%s\n", hwm_error_message(err));
 *     hwm_error_free(err);
 * }
 * hwm_client_free(mine);
 * @endcode
 */
HWM_API hwm_code hwm_client_new(const hwm_options *options,
                                hwm_client **out,
                                hwm_error **err);

/**
 * Ends a client in good manners: new calls are refused from now on, and the token that it fetched is
 * logged out if the option `logout` is set. That takes 5 seconds at most.
 *
 * The client is still to be freed. Closing twice is fine. To end without logging out,
 * hwm_client_free() alone will do.
 *
 * @param client  The client.
 * @param err     Receives the error; NULL: not wanted.
 * @return #HWM_OK; #HWM_INVALID_ARGUMENT for NULL and while calls of the client run, which go on; any
 *         other negative code when logging out failed.
 *
 * @code{.c}
 * hwm_client_close(client, NULL); // logs out, when the option says so
 * hwm_client_free(client);
 * @endcode
 */
HWM_API hwm_code hwm_client_close(hwm_client *client,
                                  hwm_error **err);

/**
 * Frees a client. Sends nothing and does not wait for the network. No call may still be running.
 *
 * @param client  A client, or NULL: nothing happens.
 */
HWM_API void hwm_client_free(hwm_client *client);

/** @} */

/**
 * @defgroup reports Reports
 * @{
 */

/**
 * What became of every distinct account of one call, in the caller's order. Yours: free it with
 * hwm_report_free(), before or after the client.
 *
 * Several threads may read one report at once.
 */
typedef struct hwm_report hwm_report;

/**
 * What became of one account. Its texts belong to the report. Later versions add fields at the end
 * only.
 */
typedef struct hwm_report_entry {
    /** Where the account stands first in the caller's list, from 0. */
    uint64_t index;
    /** When the deciding answer came, in milliseconds since 1970-01-01 UTC; 0 when there was none. */
    uint64_t time_ms;
    /** The account, NUL-terminated. */
    const char *account;
    /** The service's `error_code` that decided; empty when there was none. */
    const char *service_code;
    /** The service's message, or what went wrong on the way; empty when all went well. */
    const char *message;
    /** The id of the deciding request, to quote to the vendor's support; may be empty. */
    const char *request_id;
    /** Bytes of `account` without its NUL. */
    uint32_t account_length;
    /**
     * #HWM_OUTCOME_APPLIED, #HWM_OUTCOME_REJECTED, #HWM_OUTCOME_UNKNOWN or
     * #HWM_OUTCOME_NOT_ATTEMPTED.
     */
    int32_t outcome;
    /** HTTP status of the deciding answer; 0 when there was none. */
    int32_t http_status;
    /** Requests of this call that held the account. */
    uint32_t attempts;
    /** 1 when the account was judged alone, else 0. */
    uint32_t isolated;
    /** 1 when the outcome was read from the journal of an earlier call, else 0. */
    uint32_t from_journal;
} hwm_report_entry;

/**
 * How many distinct accounts a report covers.
 *
 * @param report  A report, or NULL.
 * @return The number of items; 0 for NULL.
 */
HWM_API size_t hwm_report_size(const hwm_report *report);

/**
 * How many accounts have an outcome.
 *
 * @param report   A report, or NULL.
 * @param outcome  An outcome, or #HWM_OUTCOME_ANY for all.
 * @return The number; 0 for NULL and for a number that is no outcome.
 *
 * @code{.c}
 * if (hwm_report_count(report, HWM_OUTCOME_APPLIED) == hwm_report_count(report, HWM_OUTCOME_ANY))
 *     puts("all done");
 * @endcode
 */
HWM_API size_t hwm_report_count(const hwm_report *report, int32_t outcome);

/**
 * How many outcomes were read from the journal of an earlier call, and not seen in this one.
 *
 * @param report  A report, or NULL.
 * @return The number; 0 for NULL.
 */
HWM_API size_t hwm_report_from_journal_count(const hwm_report *report);

/**
 * When the oldest of the outcomes from the journal was decided.
 *
 * @param report  A report, or NULL.
 * @return Milliseconds since 1970-01-01 UTC; 0 when no outcome is from the journal, and for NULL.
 */
HWM_API uint64_t hwm_report_from_journal_oldest_ms(const hwm_report *report);

/**
 * Tells what became of one account.
 *
 * @param report    A report.
 * @param i         Which item, from 0 to hwm_report_size() - 1.
 * @param out       Is filled; its texts live as long as the report.
 * @param out_size  `sizeof(hwm_report_entry)`, as the caller's header knows it. A shorter one is
 *                  filled as far as it goes; of a longer one the rest is set to 0.
 * @param err       Receives the error; NULL: not wanted.
 * @return #HWM_OK; #HWM_INVALID_ARGUMENT for NULL, an `i` past the end or an `out_size` of 0 or beyond
 *         4096; #HWM_NO_MEMORY when the report's texts could not be laid out.
 *
 * @code{.c}
 * for (size_t i = 0; i < hwm_report_size(report); i++) {
 *     hwm_report_entry entry;
 *     if (hwm_report_item(report, i, &entry, sizeof entry, NULL) == HWM_OK)
 *         printf("%s: %s %s\n", entry.account, hwm_outcome_name(entry.outcome), entry.message);
 * }
 * @endcode
 */
HWM_API hwm_code hwm_report_item(const hwm_report *report,
                                 size_t i,
                                 hwm_report_entry *out,
                                 size_t out_size,
                                 hwm_error **err);

/**
 * The whole report as JSON.
 *
 * One object: `status`, `account_type`, `dry_run`, `total`, `counts` by outcome, `plan`, `requests`,
 * `retries`, `elapsed_ms`, `from_journal_count`, `from_journal_oldest_ms`, and `accounts`, an array
 * with an object for each account in the fields of hwm_report_entry.
 *
 * @param report  A report.
 * @param out     Receives UTF-8 text of the report's; NULL when the function fails.
 * @param err     Receives the error; NULL: not wanted.
 * @return #HWM_OK; #HWM_INVALID_ARGUMENT for NULL; #HWM_NO_MEMORY.
 *
 * @code{.c}
 * const char *json = NULL;
 * if (hwm_report_json(report, &json, NULL) == HWM_OK)
 *     puts(json);
 * @endcode
 */
HWM_API hwm_code hwm_report_json(const hwm_report *report,
                                 const char **out,
                                 hwm_error **err);

/**
 * Frees a report and all its texts.
 *
 * @param report  A report, or NULL: nothing happens.
 */
HWM_API void hwm_report_free(hwm_report *report);

/** @} */

/**
 * @defgroup operations Operations
 * @{
 */

/**
 * Puts every account into a status and tells what became of each.
 *
 * Blocks until every account has its outcome, however long the list: it is cut into requests, sent
 * under the service's quota, tried again where that is safe, and a refused request is taken apart
 * until its bad accounts are known. Repeats are sent once.
 *
 * @param client     The client to do it with.
 * @param status     #HWM_STATUS_NORMAL or #HWM_STATUS_DISABLED.
 * @param accounts   `count` accounts in UTF-8, each of 1 to 255 bytes without control characters. For
 *                   #HWM_STATUS_NORMAL their order is their priority. Borrowed for the call.
 * @param lengths    The length of each account in bytes; NULL: the accounts are NUL-terminated.
 * @param count      How many accounts there are: at least 1.
 * @param overrides  Options of scope call that differ for this call; NULL: none. A progress function
 *                   and a cancel handle among them take the place of the client's.
 * @param report     Receives the report, whatever the code, for hwm_report_free(). NULL when the
 *                   call was wrong, and when the deadline, a cancel or a lack of memory ended it
 *                   before its list was read: nothing was sent. NULL: not wanted.
 * @param err        Receives the error exactly when the code is negative, for hwm_error_free(). NULL:
 *                   not wanted.
 * @return #HWM_OK: every account was applied, or a dry run ended well. #HWM_PARTIAL: the run ended,
 *         not every account was applied. #HWM_INVALID_ARGUMENT: an argument is wrong, a bad account is
 *         named by its index, nothing was sent. #HWM_INVALID_OPTION: an override is wrong, or the
 *         journal is finished or of something else, nothing was sent. Any other code tells what ended
 *         the run early; when several apply, the one that comes first here: #HWM_PANIC, #HWM_NO_MEMORY, #HWM_IO, #HWM_AUTHENTICATION, #HWM_PERMISSION,
 *         #HWM_CAPACITY, #HWM_QUOTA, #HWM_CANCELLED, #HWM_TIMEOUT, #HWM_NETWORK, #HWM_PROTOCOL,
 *         #HWM_SERVER.
 *
 * @code{.c}
 * const char *leavers[] = {"zhang.wei", "test010"};
 * hwm_report *result = NULL;
 * hwm_code code = hwm_set_status(client, HWM_STATUS_DISABLED, leavers, NULL, 2, NULL, &result, &err);
 * if (code < 0)
 *     fprintf(stderr, "%s: %s\n", hwm_code_name(code), hwm_error_message(err));
 * printf("%zu of %zu applied\n", hwm_report_count(result, HWM_OUTCOME_APPLIED),
 *        hwm_report_size(result));
 * hwm_report_free(result);
 * hwm_error_free(err);
 * @endcode
 */
HWM_API hwm_code hwm_set_status(hwm_client *client,
                                int32_t status,
                                const char *const *accounts,
                                const size_t *lengths,
                                size_t count,
                                const hwm_options *overrides,
                                hwm_report **report,
                                hwm_error **err);

/** @} */

/**
 * @defgroup log Log
 * @{
 */

/** How fine the log is. */
enum {
    /** No log. */
    HWM_LOG_OFF = 0,
    /** What ended a call, and defects. */
    HWM_LOG_ERROR = 1,
    /** What the library coped with, but somebody should look at. */
    HWM_LOG_WARN = 2,
    /** One or a few lines a call. */
    HWM_LOG_INFO = 3,
    /** One or a few lines a request, with its id. */
    HWM_LOG_DEBUG = 4,
    /** Everything there is. */
    HWM_LOG_TRACE = 5
};

/**
 * Given one log record. No secret is ever part of one.
 *
 * Runs on whichever thread has something to tell, also on several at once and on threads of the
 * library's. It must not call back into the library, but for hwm_set_log() and what reads an error
 * or a report.
 *
 * @param level      #HWM_LOG_ERROR to #HWM_LOG_TRACE.
 * @param target     Which part tells it, such as `"hwm"`; good until the function returns.
 * @param message    One line without a newline; good until the function returns.
 * @param user_data  What hwm_set_log() was given.
 */
typedef void (*hwm_log_fn)(int32_t level, const char *target, const char *message, void *user_data);

/**
 * Sends the log to a function. One for the whole process; there is no log until one is set, and
 * nothing is ever written to stderr.
 *
 * When this returns, the function set before runs on no other thread any more and will not run
 * again: its user data may be freed. Each call keeps a few bytes for good.
 *
 * @param level      The finest level that is wanted; lower than #HWM_LOG_OFF counts as that, higher
 *                   than #HWM_LOG_TRACE as that.
 * @param function   The function; NULL removes the one before.
 * @param user_data  Handed to the function as it is, on any thread.
 *
 * @code{.c}
 * static void to_stderr(int32_t level, const char *target, const char *message, void *user_data) {
 *     (void)user_data;
 *     fprintf(stderr, "[%d] %s: %s\n", (int)level, target, message);
 * }
 *
 * static void log_all(void) {
 *     hwm_set_log(HWM_LOG_DEBUG, to_stderr, NULL);
 * }
 * @endcode
 */
HWM_API void hwm_set_log(int32_t level, hwm_log_fn function, void *user_data);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
