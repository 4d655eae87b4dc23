/* A quota that is used up: what the gateway said, in the error and in the report. */
/* sandbox: {"users": 20, "quota": {"limit": 1, "window_ms": 60000}} */
#include "check.h"

static void a_quota_that_ends_a_run_says_what_the_gateway_answered(void) {
    hwm_client *first = client_of(sandbox_options(NULL));
    hwm_client *second = client_of(sandbox_options("max_wait_ms", "0", NULL));
    const char *accounts[] = {"user0001"};
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    hwm_report_entry entry;
    CHECK_SAME(hwm_set_status(first, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(second, 0, accounts, NULL, 1, NULL, &report, &error), HWM_QUOTA);
    CHECK(strstr(hwm_error_message(error), "quota") != NULL);
    CHECK_SAME(hwm_error_http_status(error), 429);
    CHECK_TEXT(hwm_error_service_code(error), "APIG.0308");
    CHECK(strlen(hwm_error_request_id(error)) > 0);
    CHECK_SAME(hwm_report_item(report, 0, &entry, sizeof entry, NULL), HWM_OK);
    CHECK(entry.outcome == HWM_OUTCOME_NOT_ATTEMPTED && entry.http_status == 429);
    CHECK_TEXT(entry.request_id, hwm_error_request_id(error));
    hwm_report_free(report);
    hwm_error_free(error);
    hwm_client_free(second);
    hwm_client_free(first);
}

int main(void) {
    RUN(a_quota_that_ends_a_run_says_what_the_gateway_answered);
    return tests_failed;
}
