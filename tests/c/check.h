/* What every C test program shares: checks that count, a client of the sandbox, lists of accounts. */
#ifndef CHECK_H
#define CHECK_H

#include <hwm.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failed; /* checks that failed in the running test */
static int tests_failed;

/* Counts a failure and goes on, so that a test cleans up behind itself. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                 \
            check_failed++;                                                                        \
        }                                                                                          \
    } while (0)

/* As CHECK_SAME(actual, expected) for numbers; a failure tells both. */
#define CHECK_SAME(actual, expected)                                                               \
    check_same(__FILE__, __LINE__, #actual, (long long)(actual), #expected, (long long)(expected))

static inline void check_same(const char *file, int line, const char *what, long long actual,
                              const char *wanted, long long expected) {
    if (actual != expected) {
        printf("%s:%d: %s is %lld, not %s (%lld)\n", file, line, what, actual, wanted, expected);
        check_failed++;
    }
}

/* As CHECK_SAME for text, which may be NULL. */
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, actual, expected)

static inline void check_text(const char *file, int line, const char *what, const char *actual,
                              const char *expected) {
    if (actual == NULL || strcmp(actual, expected) != 0) {
        printf("%s:%d: %s is \"%s\", not \"%s\"\n", file, line, what,
               actual == NULL ? "(NULL)" : actual, expected);
        check_failed++;
    }
}

/* Runs one test and tells how it went, on a line that tests/c/run counts. */
#define RUN(test)                                                                                  \
    do {                                                                                           \
        check_failed = 0;                                                                          \
        test();                                                                                    \
        printf("%s %s\n", check_failed == 0 ? "ok" : "FAILED", #test);                             \
        fflush(stdout);                                                                            \
        tests_failed += check_failed != 0;                                                         \
    } while (0)

/* What tests/c/run says about the sandbox: url, control, token or ca. */
static inline const char *sandbox(const char *what) {
    char name[64];
    snprintf(name, sizeof name, "SANDBOX_%s", what);
    return getenv(name);
}

/* Every test that uses the sandbox runs with the log at its most talkative: no secret is in it. */
static inline void no_secret(int32_t level, const char *target, const char *message,
                             void *unused) {
    (void)level;
    (void)target;
    (void)unused;
    if (strstr(message, sandbox("TOKEN")) != NULL || strstr(message, "Basic ") != NULL ||
        strstr(message, "signature=") != NULL) {
        printf("a secret in the log: %s\n", message);
        abort();
    }
}

/* Options for the sandbox, then keys and values up to a NULL key. */
static inline hwm_options *sandbox_options(const char *key, ...) {
    hwm_options *options = hwm_options_new();
    hwm_error *error = NULL;
    va_list rest;
    static int talkative;
    if (!__atomic_exchange_n(&talkative, 1, __ATOMIC_RELAXED))
        hwm_set_log(HWM_LOG_TRACE, no_secret, NULL);
    CHECK_SAME(hwm_options_set(options, "endpoint", sandbox("URL"), &error), HWM_OK);
    CHECK_SAME(hwm_options_set(options, "access_token", sandbox("TOKEN"), &error), HWM_OK);
    CHECK_SAME(hwm_options_set(options, "ca_file", sandbox("CA"), &error), HWM_OK);
    va_start(rest, key);
    for (; key != NULL; key = va_arg(rest, const char *)) {
        CHECK_SAME(hwm_options_set(options, key, va_arg(rest, const char *), &error), HWM_OK);
        if (error != NULL)
            puts(hwm_error_message(error));
        hwm_error_free(error);
        error = NULL;
    }
    va_end(rest);
    return options;
}

/* A client with these options, which it frees. */
static inline hwm_client *client_of(hwm_options *options) {
    hwm_client *client = NULL;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_client_new(options, &client, &error), HWM_OK);
    if (error != NULL)
        puts(hwm_error_message(error));
    hwm_error_free(error);
    hwm_options_free(options);
    return client;
}

/* user0001, user0002, …: the sandbox's users, in one piece of memory for free(). */
static inline const char **users(size_t count) {
    const char **list = malloc(count * (sizeof *list + 16));
    char *text = (char *)(list + count);
    for (size_t i = 0; i < count; i++) {
        list[i] = text + 16 * i;
        snprintf(text + 16 * i, 16, "user%04u", (unsigned)(i + 1));
    }
    return list;
}

static inline int starts_with(const char *text, const char *beginning) {
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

#endif
