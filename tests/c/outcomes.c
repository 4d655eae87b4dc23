/* What a run tells: code, report, error, for runs that end well, in part, and badly. */
#include "check.h"

#include <time.h>

static void every_account_is_applied(void) {
    hwm_client *client = client_of(sandbox_options(NULL));
    const char **accounts = users(250);
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_set_status(client, HWM_STATUS_DISABLED, accounts, NULL, 250, NULL, &report,
                              &error),
               HWM_OK);
    CHECK(error == NULL && report != NULL);
    CHECK(hwm_report_size(report) == 250 && hwm_report_count(report, HWM_OUTCOME_ANY) == 250);
    for (int32_t code = HWM_PANIC; code < HWM_OK; code++)
        CHECK_SAME(hwm_report_count(report, code), 0);
    CHECK_SAME(hwm_report_count(report, HWM_OUTCOME_APPLIED), 250);
    CHECK_SAME(hwm_report_count(report, 99), 0);
    for (size_t i = 0; i < 250; i++) {
        hwm_report_entry entry;
        CHECK_SAME(hwm_report_item(report, i, &entry, sizeof entry, &error), HWM_OK);
        CHECK(strcmp(entry.account, accounts[i]) == 0 && entry.account_length == 8);
        CHECK(entry.index == i && entry.outcome == HWM_OUTCOME_APPLIED && entry.http_status == 200);
        CHECK(entry.attempts == 1 && entry.time_ms > 1500000000000u && entry.from_journal == 0);
        CHECK(strlen(entry.request_id) == 32 && strcmp(entry.service_code, "") == 0);
    }
    hwm_report_free(report);
    free(accounts);
    CHECK(hwm_client_close(client, NULL) == HWM_OK && hwm_client_close(client, NULL) == HWM_OK);
    hwm_client_free(client);
}

static void one_bad_account_is_found_and_the_rest_applied(void) {
    hwm_client *client = client_of(sandbox_options("language", "en-US", NULL));
    const char **accounts = users(100);
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    hwm_report_entry entry;
    accounts[57] = "\xe5\xbc\xa0\xe4\xbc\x9f";
    CHECK_SAME(hwm_set_status(client, HWM_STATUS_NORMAL, accounts, NULL, 100, NULL, &report,
                              &error),
               HWM_PARTIAL);
    CHECK(error == NULL);
    CHECK_SAME(hwm_report_count(report, HWM_OUTCOME_APPLIED), 99);
    CHECK_SAME(hwm_report_count(report, HWM_OUTCOME_REJECTED), 1);
    CHECK_SAME(hwm_report_item(report, 57, &entry, sizeof entry, NULL), HWM_OK);
    CHECK(strcmp(entry.account, accounts[57]) == 0 && entry.outcome == HWM_OUTCOME_REJECTED);
    CHECK(strcmp(entry.service_code, "USG.201040000") == 0 && entry.isolated == 1);
    CHECK(entry.http_status == 400 && strstr(entry.message, "account") != NULL);
    /* The texts are the report's own: they outlive the client. */
    hwm_client_free(client);
    CHECK_TEXT(entry.service_code, "USG.201040000");
    hwm_report_free(report);
    free(accounts);
}

static void lengths_stand_in_for_nul_and_repeats_are_sent_once(void) {
    hwm_client *client = client_of(sandbox_options(NULL));
    const char *text = "user0001user0002user0001";
    const char *accounts[] = {text, text + 8, text + 16};
    size_t lengths[] = {8, 8, 8};
    hwm_report *report = NULL;
    hwm_report_entry entry;
    CHECK_SAME(hwm_set_status(client, 0, accounts, lengths, 3, NULL, &report, NULL), HWM_OK);
    CHECK_SAME(hwm_report_size(report), 2);
    CHECK_SAME(hwm_report_item(report, 1, &entry, sizeof entry, NULL), HWM_OK);
    CHECK(strcmp(entry.account, "user0002") == 0 && entry.index == 1);
    hwm_report_free(report);
    hwm_client_free(client);
}

static void a_dry_run_sends_nothing(void) {
    hwm_client *client = client_of(sandbox_options(NULL));
    hwm_options *overrides = hwm_options_new();
    const char **accounts = users(20);
    hwm_report *report = NULL;
    hwm_options_set(overrides, "dry_run", "true", NULL);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 20, overrides, &report, NULL), HWM_OK);
    CHECK_SAME(hwm_report_count(report, HWM_OUTCOME_NOT_ATTEMPTED), 20);
    hwm_report_free(report);
    free(accounts);
    hwm_options_free(overrides);
    hwm_client_free(client);
}

static void a_wrong_token_ends_the_run_with_a_full_report(void) {
    hwm_client *client = client_of(sandbox_options("access_token", "t0k3n", NULL));
    const char **accounts = users(3);
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 3, NULL, &report, &error),
               HWM_AUTHENTICATION);
    CHECK(hwm_error_code(error) == HWM_AUTHENTICATION && hwm_error_http_status(error) == 401);
    CHECK_TEXT(hwm_error_service_code(error), "USG.000000004");
    CHECK_SAME(strlen(hwm_error_request_id(error)), 32);
    CHECK(strstr(hwm_error_message(error), "t0k3n") == NULL);
    CHECK(report != NULL && hwm_report_count(report, HWM_OUTCOME_NOT_ATTEMPTED) == 3);
    hwm_report_free(report);
    hwm_error_free(error);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 3, NULL, NULL, NULL), HWM_AUTHENTICATION);
    free(accounts);
    hwm_client_free(client);
}

static void nobody_there_is_a_network_error_with_a_full_report(void) {
    hwm_client *client = client_of(
        sandbox_options("endpoint", "http://127.0.0.1:1", "attempts", "2", "retry_base_ms", "1", NULL));
    const char *accounts[] = {"user0001"};
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, &report, &error), HWM_NETWORK);
    CHECK_SAME(hwm_report_count(report, HWM_OUTCOME_NOT_ATTEMPTED), 1);
    hwm_report_free(report);
    hwm_error_free(error);
    hwm_client_free(client);
}

static void a_closed_client_refuses_calls(void) {
    hwm_client *client = client_of(sandbox_options(NULL));
    const char *accounts[] = {"user0001"};
    CHECK_SAME(hwm_client_close(client, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL),
               HWM_INVALID_ARGUMENT);
    hwm_client_free(client);
}

static void a_report_is_json_too(void) {
    hwm_client *client = client_of(sandbox_options(NULL));
    const char *accounts[] = {"user0001", "nobody"};
    hwm_report *report = NULL;
    const char *json = NULL, *again = NULL;
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 2, NULL, &report, NULL), HWM_PARTIAL);
    CHECK_SAME(hwm_report_json(report, &json, NULL), HWM_OK);
    CHECK(strstr(json, "\"account\":\"nobody\"") != NULL);
    CHECK(strstr(json, "\"outcome\":\"rejected\"") != NULL);
    CHECK(hwm_report_json(report, &again, NULL) == HWM_OK && again == json);
    hwm_report_free(report);
    hwm_client_free(client);
}

/* Of the calling thread, in seconds. */
static double processor_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void counting_a_long_report_takes_no_longer_than_a_short_one(void) {
    hwm_client *client = client_of(sandbox_options("dry_run", "true", NULL));
    const char **accounts = users(200000);
    hwm_report *report = NULL;
    size_t counted = 0;
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 200000, NULL, &report, NULL), HWM_OK);
    double began = processor_time();
    for (int i = 0; i < 10000; i++)
        counted += hwm_report_count(report, HWM_OUTCOME_NOT_ATTEMPTED);
    CHECK(processor_time() - began < 1.0); /* one by one it would be 2,000,000,000 accounts */
    CHECK_SAME(counted, (size_t)10000 * 200000);
    CHECK_SAME(hwm_report_count(report, HWM_OUTCOME_APPLIED), 0);
    CHECK(hwm_report_count(report, HWM_OUTCOME_ANY) == 200000 && hwm_report_count(report, 4) == 0);
    hwm_report_free(report);
    hwm_client_free(client);
    free(accounts);
}

static void options_come_from_the_environment_when_asked_for(void) {
    hwm_options *options = hwm_options_new();
    hwm_client *client = NULL;
    hwm_error *error = NULL;
    setenv("HWM_ENDPOINT", sandbox("URL"), 1);
    setenv("HWM_ACCESS_TOKEN", sandbox("TOKEN"), 1);
    CHECK_SAME(hwm_client_new(options, &client, NULL), HWM_INVALID_OPTION);
    CHECK_SAME(hwm_options_from_env(options, &error), HWM_OK);
    CHECK_SAME(hwm_client_new(options, &client, &error), HWM_OK);
    hwm_client_free(client);
    hwm_options_free(options);
    options = hwm_options_new();
    setenv("HWM_BATCH_SIZE", "many", 1);
    CHECK_SAME(hwm_options_from_env(options, &error), HWM_INVALID_OPTION);
    CHECK(strstr(hwm_error_message(error), "HWM_BATCH_SIZE") != NULL);
    unsetenv("HWM_BATCH_SIZE");
    hwm_error_free(error);
    hwm_options_free(options);
}

int main(void) {
    RUN(every_account_is_applied);
    RUN(one_bad_account_is_found_and_the_rest_applied);
    RUN(lengths_stand_in_for_nul_and_repeats_are_sent_once);
    RUN(a_dry_run_sends_nothing);
    RUN(a_wrong_token_ends_the_run_with_a_full_report);
    RUN(nobody_there_is_a_network_error_with_a_full_report);
    RUN(a_closed_client_refuses_calls);
    RUN(a_report_is_json_too);
    RUN(counting_a_long_report_takes_no_longer_than_a_short_one);
    RUN(options_come_from_the_environment_when_asked_for);
    return tests_failed;
}
