/* The ABI's numbers and shapes: they may grow at the end and never move. */
#include "check.h"

#include <stddef.h>

#define ASSERT_ABI(name, condition) typedef char name[(condition) ? 1 : -1]

ASSERT_ABI(code_is_32_bits, sizeof(hwm_code) == 4);
ASSERT_ABI(ok, HWM_OK == 0 && HWM_PARTIAL == 1);
ASSERT_ABI(failures, HWM_INVALID_ARGUMENT == -1 && HWM_INVALID_OPTION == -2 &&
                         HWM_AUTHENTICATION == -3 && HWM_PERMISSION == -4 && HWM_CAPACITY == -5 &&
                         HWM_QUOTA == -6 && HWM_NETWORK == -7 && HWM_TIMEOUT == -8 &&
                         HWM_CANCELLED == -9 && HWM_SERVER == -10 && HWM_PROTOCOL == -11 &&
                         HWM_IO == -12 && HWM_NO_MEMORY == -13 && HWM_PANIC == -14);
ASSERT_ABI(statuses, HWM_STATUS_NORMAL == 0 && HWM_STATUS_DISABLED == 1);
ASSERT_ABI(outcomes, HWM_OUTCOME_APPLIED == 0 && HWM_OUTCOME_REJECTED == 1 && HWM_OUTCOME_UNKNOWN == 2 &&
                         HWM_OUTCOME_NOT_ATTEMPTED == 3 && HWM_OUTCOME_ANY == INT32_MAX);
ASSERT_ABI(levels, HWM_LOG_OFF == 0 && HWM_LOG_ERROR == 1 && HWM_LOG_TRACE == 5);

#define P sizeof(void *)
ASSERT_ABI(entry_index, offsetof(hwm_report_entry, index) == 0);
ASSERT_ABI(entry_time, offsetof(hwm_report_entry, time_ms) == 8);
ASSERT_ABI(entry_account, offsetof(hwm_report_entry, account) == 16);
ASSERT_ABI(entry_service_code, offsetof(hwm_report_entry, service_code) == 16 + P);
ASSERT_ABI(entry_message, offsetof(hwm_report_entry, message) == 16 + 2 * P);
ASSERT_ABI(entry_request_id, offsetof(hwm_report_entry, request_id) == 16 + 3 * P);
ASSERT_ABI(entry_length, offsetof(hwm_report_entry, account_length) == 16 + 4 * P);
ASSERT_ABI(entry_outcome, offsetof(hwm_report_entry, outcome) == 20 + 4 * P);
ASSERT_ABI(entry_http_status, offsetof(hwm_report_entry, http_status) == 24 + 4 * P);
ASSERT_ABI(entry_attempts, offsetof(hwm_report_entry, attempts) == 28 + 4 * P);
ASSERT_ABI(entry_isolated, offsetof(hwm_report_entry, isolated) == 32 + 4 * P);
ASSERT_ABI(entry_from_journal, offsetof(hwm_report_entry, from_journal) == 36 + 4 * P);
ASSERT_ABI(entry_size, sizeof(hwm_report_entry) == 40 + 4 * P);

ASSERT_ABI(progress_first, offsetof(hwm_progress, struct_size) == 0);
ASSERT_ABI(progress_total, offsetof(hwm_progress, total) == 8);
ASSERT_ABI(progress_settled, offsetof(hwm_progress, settled) == 16);
ASSERT_ABI(progress_applied, offsetof(hwm_progress, applied) == 24);
ASSERT_ABI(progress_rejected, offsetof(hwm_progress, rejected) == 32);
ASSERT_ABI(progress_unknown, offsetof(hwm_progress, unknown) == 40);
ASSERT_ABI(progress_requests, offsetof(hwm_progress, requests) == 48);
ASSERT_ABI(progress_retries, offsetof(hwm_progress, retries) == 56);
ASSERT_ABI(progress_quota, offsetof(hwm_progress, quota_wait_ms) == 64);
ASSERT_ABI(progress_elapsed, offsetof(hwm_progress, elapsed_ms) == 72);
ASSERT_ABI(progress_remaining, offsetof(hwm_progress, remaining_ms) == 80);
ASSERT_ABI(progress_size, sizeof(hwm_progress) == 88);

static hwm_report *report;

static void an_older_caller_gets_the_fields_it_knows(void) {
    struct {
        uint64_t index, time_ms;
        const char *account;
        unsigned char guard[64];
    } old;
    memset(&old, 0x55, sizeof old);
    CHECK_SAME(hwm_report_item(report, 0, (hwm_report_entry *)(void *)&old,
                               offsetof(hwm_report_entry, service_code), NULL),
               HWM_OK);
    CHECK_TEXT(old.account, "user0001");
    for (size_t i = 0; i < sizeof old.guard; i++)
        CHECK_SAME(old.guard[i], 0x55);
}

static void a_newer_caller_finds_zeros_in_the_fields_that_are_not_known(void) {
    struct {
        hwm_report_entry entry;
        unsigned char more[32];
    } newer;
    memset(&newer, 0x55, sizeof newer);
    CHECK_SAME(hwm_report_item(report, 0, &newer.entry, sizeof newer, NULL), HWM_OK);
    CHECK_TEXT(newer.entry.account, "user0001");
    for (size_t i = 0; i < sizeof newer.more; i++)
        CHECK_SAME(newer.more[i], 0);
}

static void a_wrong_size_or_place_is_refused(void) {
    hwm_report_entry entry;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_report_item(report, 0, &entry, 0, &error), HWM_INVALID_ARGUMENT);
    CHECK(strstr(hwm_error_message(error), "out_size is 0") != NULL);
    hwm_error_free(error);
    CHECK_SAME(hwm_report_item(report, 0, &entry, (size_t)-1, &error), HWM_INVALID_ARGUMENT);
    hwm_error_free(error);
    CHECK_SAME(hwm_report_item(report, 2, &entry, sizeof entry, &error), HWM_INVALID_ARGUMENT);
    CHECK(strstr(hwm_error_message(error), "i is 2") != NULL);
    hwm_error_free(error);
    CHECK_SAME(hwm_report_item(report, 0, NULL, sizeof entry, &error), HWM_INVALID_ARGUMENT);
    CHECK_TEXT(hwm_error_message(error), "out is NULL");
    hwm_error_free(error);
    CHECK_SAME(hwm_report_json(report, NULL, &error), HWM_INVALID_ARGUMENT);
    hwm_error_free(error);
}

int main(void) {
    hwm_client *client = client_of(sandbox_options(NULL));
    const char *accounts[] = {"user0001", "user0002"};
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 2, NULL, &report, NULL), HWM_OK);
    RUN(an_older_caller_gets_the_fields_it_knows);
    RUN(a_newer_caller_finds_zeros_in_the_fields_that_are_not_known);
    RUN(a_wrong_size_or_place_is_refused);
    hwm_report_free(report);
    hwm_client_free(client);
    return tests_failed;
}
