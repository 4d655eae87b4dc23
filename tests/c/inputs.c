/* Every input check: what is refused, by which code, in which words, before anything is sent. */
#include "check.h"

#include <stdint.h>

static hwm_client *client;

/* The message of a refused call with these accounts; the report must be NULL then. */
static const char *refused(int32_t status, const char *const *accounts, const size_t *lengths,
                           size_t count, hwm_code expected) {
    static char message[1024];
    hwm_report *report = (hwm_report *)&message;
    hwm_error *error = (hwm_error *)&message;
    hwm_code code =
        hwm_set_status(client, status, accounts, lengths, count, NULL, &report, &error);
    CHECK_SAME(code, expected);
    CHECK(report == NULL);
    CHECK(error != NULL && hwm_error_code(error) == code);
    CHECK_SAME(hwm_error_http_status(error), 0);
    snprintf(message, sizeof message, "%s", hwm_error_message(error));
    hwm_error_free(error);
    return message;
}

#define REFUSED(beginning, status, accounts, lengths, count)                                       \
    do {                                                                                           \
        const char *message = refused(status, accounts, lengths, count, HWM_INVALID_ARGUMENT);     \
        CHECK(starts_with(message, beginning));                                                    \
        if (!starts_with(message, beginning))                                                      \
            printf("  %s\n", message);                                                             \
    } while (0)

static void no_accounts_are_refused(void) {
    const char *accounts[] = {"user0001"};
    REFUSED("no accounts", 0, accounts, NULL, 0);
    REFUSED("no accounts", 0, NULL, NULL, 0);
}

static void an_empty_account_is_named_by_its_index(void) {
    const char *accounts[] = {"user0001", ""};
    size_t lengths[] = {0, 0};
    REFUSED("account 1 is empty", 0, accounts, NULL, 2);
    REFUSED("account 0 is empty", 0, accounts, lengths, 2);
}

static void a_control_character_is_refused(void) {
    const char *accounts[] = {"user0001", "a\nb"};
    const char *with_nul[] = {"a\0b"};
    size_t lengths[] = {3};
    REFUSED("account 1 holds a control character (U+000A", 0, accounts, NULL, 2);
    REFUSED("account 0 holds a control character (U+0000", 0, with_nul, lengths, 1);
}

static void an_account_over_255_bytes_is_refused(void) {
    char longest[257];
    const char *accounts[] = {longest};
    memset(longest, 'x', 256);
    longest[256] = '\0';
    REFUSED("account 0 has 256 bytes", 0, accounts, NULL, 1);
}

static void an_account_that_is_not_utf8_is_named_by_its_index(void) {
    const char *accounts[] = {"user0001", "user0002", "a\xff"};
    size_t cut_short[] = {8, 8, 1};
    const char *half[] = {"\xe5\xbc\xa0"};
    size_t two[] = {2};
    REFUSED("account 2 is not UTF-8", 0, accounts, NULL, 3);
    REFUSED("account 0 is not UTF-8", 0, half, two, 1);
    hwm_report *report = NULL;
    CHECK_SAME(hwm_set_status(client, 0, accounts, cut_short, 3, NULL, &report, NULL), HWM_PARTIAL);
    hwm_report_free(report);
}

static void a_status_other_than_0_and_1_is_refused(void) {
    const char *accounts[] = {"user0001"};
    REFUSED("status is 2", 2, accounts, NULL, 1);
    REFUSED("status is -1", -1, accounts, NULL, 1);
    REFUSED("status is 2147483647", INT32_MAX, accounts, NULL, 1);
}

static void a_count_without_an_array_is_refused(void) {
    const char *accounts[] = {"user0001", NULL, "user0003"};
    size_t lengths[] = {SIZE_MAX};
    REFUSED("accounts is NULL, but count is 3", 0, NULL, NULL, 3);
    REFUSED("accounts[1] is NULL", 0, accounts, NULL, 3);
    REFUSED("count is", 0, accounts, NULL, SIZE_MAX);
    REFUSED("lengths[0] is more", 0, accounts, lengths, 1);
}

static void null_is_named_by_its_parameter(void) {
    hwm_options *options = hwm_options_new();
    hwm_client *made = NULL;
    hwm_report_entry entry;
    const char *json = "";
    const char *accounts[] = {"user0001"};
    hwm_error *error = NULL;
#define NAMED(name, call)                                                                          \
    do {                                                                                           \
        CHECK_SAME((call), HWM_INVALID_ARGUMENT);                                                  \
        CHECK_TEXT(hwm_error_message(error), name " is NULL");                                     \
        hwm_error_free(error);                                                                     \
        error = NULL;                                                                              \
    } while (0)
    NAMED("options", hwm_options_set(NULL, "language", "en-US", &error));
    NAMED("key", hwm_options_set(options, NULL, "en-US", &error));
    NAMED("options", hwm_options_from_env(NULL, &error));
    NAMED("options", hwm_client_new(NULL, &made, &error));
    NAMED("out", hwm_client_new(options, NULL, &error));
    NAMED("options", hwm_options_on_progress(NULL, NULL, NULL, &error));
    NAMED("options", hwm_options_on_token(NULL, NULL, NULL, &error));
    NAMED("options", hwm_options_set_cancel(NULL, NULL, &error));
    NAMED("client", hwm_client_close(NULL, &error));
    NAMED("client", hwm_set_status(NULL, 0, accounts, NULL, 1, NULL, NULL, &error));
    NAMED("report", hwm_report_item(NULL, 0, &entry, sizeof entry, &error));
    NAMED("report", hwm_report_json(NULL, &json, &error));
    CHECK(json == NULL);
    NAMED("request", hwm_token_request_set(NULL, "token", 0, &error));
    NAMED("request", hwm_token_request_fail(NULL, "no", &error));
    CHECK_SAME(hwm_options_set(NULL, NULL, NULL, NULL), HWM_INVALID_ARGUMENT);
    hwm_options_free(options);
}

static void null_handles_do_nothing(void) {
    hwm_cancel_trigger(NULL);
    hwm_cancel_reset(NULL);
    CHECK(hwm_report_size(NULL) == 0 && hwm_report_count(NULL, HWM_OUTCOME_ANY) == 0);
    CHECK(hwm_error_code(NULL) == HWM_OK && hwm_error_http_status(NULL) == 0);
    CHECK_TEXT(hwm_error_message(NULL), "");
    CHECK_TEXT(hwm_error_service_code(NULL), "");
    CHECK_TEXT(hwm_error_request_id(NULL), "");
    hwm_options_free(NULL);
    hwm_client_free(NULL);
    hwm_report_free(NULL);
    hwm_error_free(NULL);
    hwm_cancel_free(NULL);
}

/* Sets one option that must be refused, and looks for words in the message. */
static void option_refused(const char *key, const char *value, hwm_code code, const char *word,
                           const char *other) {
    hwm_options *options = hwm_options_new();
    hwm_error *error = NULL;
    CHECK_SAME(hwm_options_set(options, key, value, &error), code);
    CHECK(strstr(hwm_error_message(error), word) != NULL);
    CHECK(strstr(hwm_error_message(error), other) != NULL);
    if (strstr(hwm_error_message(error), word) == NULL || strstr(hwm_error_message(error), other) == NULL)
        printf("  %s\n", hwm_error_message(error));
    hwm_error_free(error);
    hwm_options_free(options);
}

static void an_unknown_option_is_refused_with_those_there_are(void) {
    option_refused("batchsize", "5", HWM_INVALID_OPTION, "unknown option \"batchsize\"", "batch_size");
    option_refused("a\xff", "5", HWM_INVALID_ARGUMENT, "key is not UTF-8", "1");
}

static void a_bad_option_value_is_refused_with_what_is_allowed(void) {
    option_refused("batch_size", "1001", HWM_INVALID_OPTION, "\"1001\"", "from 1 to 1000");
    option_refused("batch_size", "many", HWM_INVALID_OPTION, "\"many\"", "from 1 to 1000");
    option_refused("language", "fr-FR", HWM_INVALID_OPTION, "\"fr-FR\"", "zh-CN, en-US");
    option_refused("isolate", "maybe", HWM_INVALID_OPTION, "\"maybe\"", "true or false");
    option_refused("ca_file", "a\xff", HWM_INVALID_ARGUMENT, "value is not UTF-8", "1");
}

static void a_header_value_with_a_line_break_is_refused_and_not_shown(void) {
    hwm_options *options = hwm_options_new();
    hwm_error *error = NULL;
    CHECK_SAME(hwm_options_set(options, "access_token", "s3cret\r\nX-Evil: 1", &error),
               HWM_INVALID_OPTION);
    CHECK(strstr(hwm_error_message(error), "access_token") != NULL);
    CHECK(strstr(hwm_error_message(error), "s3cret") == NULL);
    hwm_error_free(error);
    hwm_options_free(options);
}

/* A client that must not be made of these options, which it frees. */
static void not_made(hwm_options *options, const char *word) {
    hwm_client *made = client;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_client_new(options, &made, &error), HWM_INVALID_OPTION);
    CHECK(made == NULL);
    CHECK(strstr(hwm_error_message(error), word) != NULL);
    if (strstr(hwm_error_message(error), word) == NULL)
        printf("  %s\n", hwm_error_message(error));
    hwm_error_free(error);
    hwm_options_free(options);
}

static void no_credential_is_refused(void) {
    not_made(sandbox_options("access_token", NULL, NULL), "credential");
    not_made(sandbox_options("app_id", "1", NULL), "");
}

static void plain_http_is_for_loopback_only(void) {
    not_made(sandbox_options("endpoint", "http://192.0.2.1:80", NULL), "allow_http");
    hwm_client_free(
        client_of(sandbox_options("endpoint", "http://192.0.2.1:80", "allow_http", "true", NULL)));
}

static void a_missing_ca_file_is_refused(void) {
    not_made(sandbox_options("ca_file", "/nowhere/ca.pem", NULL), "ca_file");
}

static void overrides_are_for_call_options_only(void) {
    const char *accounts[] = {"user0001"};
    hwm_options *overrides = hwm_options_new();
    hwm_error *error = NULL;
    hwm_options_set(overrides, "access_token", "other", NULL);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, overrides, NULL, &error),
               HWM_INVALID_OPTION);
    CHECK(strstr(hwm_error_message(error), "access_token") != NULL);
    CHECK(strstr(hwm_error_message(error), "other") == NULL);
    hwm_error_free(error);
    hwm_options_free(overrides);
}

static void undefined_constants_have_a_name_and_count_nothing(void) {
    CHECK_TEXT(hwm_code_name(-99), "undefined");
    CHECK_TEXT(hwm_outcome_name(4), "undefined");
    CHECK_TEXT(hwm_code_name(HWM_QUOTA), "HWM_QUOTA");
    CHECK_TEXT(hwm_outcome_name(HWM_OUTCOME_NOT_ATTEMPTED), "not_attempted");
    CHECK_TEXT(hwm_version(), HWM_VERSION);
}

int main(void) {
    client = client_of(sandbox_options(NULL));
    RUN(no_accounts_are_refused);
    RUN(an_empty_account_is_named_by_its_index);
    RUN(a_control_character_is_refused);
    RUN(an_account_over_255_bytes_is_refused);
    RUN(an_account_that_is_not_utf8_is_named_by_its_index);
    RUN(a_status_other_than_0_and_1_is_refused);
    RUN(a_count_without_an_array_is_refused);
    RUN(null_is_named_by_its_parameter);
    RUN(null_handles_do_nothing);
    RUN(an_unknown_option_is_refused_with_those_there_are);
    RUN(a_bad_option_value_is_refused_with_what_is_allowed);
    RUN(a_header_value_with_a_line_break_is_refused_and_not_shown);
    RUN(no_credential_is_refused);
    RUN(plain_http_is_for_loopback_only);
    RUN(a_missing_ca_file_is_refused);
    RUN(overrides_are_for_call_options_only);
    RUN(undefined_constants_have_a_name_and_count_nothing);
    hwm_client_free(client);
    return tests_failed;
}
