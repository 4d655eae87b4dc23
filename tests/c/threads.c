/* Sixteen threads on one client, reports read by several threads, the log changed under way. */
/* sandbox: {"users": 320} */
/* link: -lpthread */
#include "check.h"

#include <pthread.h>

enum { THREADS = 16, CALLS = 8, EACH = 20 };

static hwm_client *client;

static void quiet(int32_t level, const char *target, const char *message, void *user_data) {
    (void)level, (void)target, (void)message, (void)user_data;
}

/* A thread's calls over its own users; returns how many accounts were applied. */
static void *work(void *argument) {
    size_t number = (size_t)argument, applied = 0;
    const char **accounts = users(THREADS * EACH);
    for (int call = 0; call < CALLS; call++) {
        hwm_report *report = NULL;
        if (hwm_set_status(client, HWM_STATUS_DISABLED, accounts + number * EACH, NULL, EACH, NULL,
                           &report, NULL) == HWM_OK)
            applied += hwm_report_count(report, HWM_OUTCOME_APPLIED);
        hwm_report_free(report);
        hwm_set_log(call % 2 == 0 ? HWM_LOG_TRACE : HWM_LOG_OFF, quiet, NULL);
    }
    free(accounts);
    return (void *)applied;
}

static void sixteen_threads_share_one_client(void) {
    pthread_t threads[THREADS];
    client = client_of(sandbox_options(NULL));
    for (size_t i = 0; i < THREADS; i++)
        CHECK_SAME(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *applied = NULL;
        pthread_join(threads[i], &applied);
        CHECK_SAME((size_t)applied, CALLS * EACH);
    }
    hwm_set_log(HWM_LOG_OFF, NULL, NULL);
    hwm_client_free(client);
}

static hwm_report *report;

static void *read_all(void *argument) {
    const char *json = NULL;
    size_t bytes = 0;
    for (size_t i = 0; i < hwm_report_size(report); i++) {
        hwm_report_entry entry;
        if (hwm_report_item(report, i, &entry, sizeof entry, NULL) == HWM_OK)
            bytes += strlen(entry.account);
    }
    hwm_report_json(report, &json, NULL);
    *(const char **)argument = json;
    return (void *)bytes;
}

static void several_threads_read_one_report(void) {
    pthread_t threads[THREADS];
    const char *json[THREADS];
    const char **accounts = users(320);
    client = client_of(sandbox_options(NULL));
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 320, NULL, &report, NULL), HWM_OK);
    for (size_t i = 0; i < THREADS; i++)
        CHECK_SAME(pthread_create(&threads[i], NULL, read_all, &json[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *bytes = NULL;
        pthread_join(threads[i], &bytes);
        CHECK((size_t)bytes == 320 * 8 && json[i] != NULL && json[i] == json[0]);
    }
    hwm_report_free(report);
    hwm_client_free(client);
    free(accounts);
}

static void *trigger(void *cancel) {
    hwm_cancel_trigger(cancel);
    return NULL;
}

static void a_cancel_handle_works_from_another_thread(void) {
    hwm_options *options = sandbox_options("batch_size", "1", "concurrency", "1", NULL);
    hwm_cancel *cancel = hwm_cancel_new();
    const char **accounts = users(320);
    pthread_t thread;
    CHECK_SAME(hwm_options_set_cancel(options, cancel, NULL), HWM_OK);
    client = client_of(options);
    pthread_create(&thread, NULL, trigger, cancel);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 320, NULL, &report, NULL), HWM_CANCELLED);
    pthread_join(thread, NULL);
    CHECK_SAME(hwm_report_size(report), 320);
    hwm_report_free(report);
    hwm_client_free(client);
    hwm_cancel_free(cancel);
    free(accounts);
}

int main(void) {
    RUN(sixteen_threads_share_one_client);
    RUN(several_threads_read_one_report);
    RUN(a_cancel_handle_works_from_another_thread);
    return tests_failed;
}
