/* Callbacks: where they run, what they may do, and how they end a call. */
/* sandbox: {"users": 40, "latency_ms": 5} */
/* link: -lpthread */
#include "check.h"

#include <pthread.h>
#include <time.h>

struct watch {
    pthread_t thread;
    int calls, elsewhere, block, cancel_after;
    uint64_t settled, total, last_size;
    hwm_cancel *cancel;
    hwm_client *client, *other;
    hwm_code same_code, other_code, close_code;
};

static int32_t watch(const hwm_progress *progress, void *user_data) {
    struct watch *seen = user_data;
    const char *accounts[] = {"user0001"};
    seen->elsewhere += !pthread_equal(seen->thread, pthread_self());
    seen->calls++;
    CHECK(progress->settled >= seen->settled && progress->settled <= progress->total);
    seen->settled = progress->settled;
    seen->total = progress->total;
    seen->last_size = progress->struct_size;
    if (seen->block) {
        struct timespec second = {1, 0};
        seen->block = 0;
        nanosleep(&second, NULL);
    }
    if (seen->cancel != NULL)
        hwm_cancel_trigger(seen->cancel);
    if (seen->client != NULL && seen->calls == 1) {
        seen->same_code = hwm_set_status(seen->client, 1, accounts, NULL, 1, NULL, NULL, NULL);
        seen->close_code = hwm_client_close(seen->client, NULL);
        seen->other_code = hwm_set_status(seen->other, 1, accounts, NULL, 1, NULL, NULL, NULL);
    }
    return seen->cancel_after != 0 && seen->calls >= seen->cancel_after;
}

/* A call over the sandbox's 40 users in batches of 1, watched. */
static hwm_code watched(struct watch *seen, hwm_client *client, size_t *applied) {
    hwm_options *overrides = hwm_options_new();
    hwm_report *report = NULL;
    const char **accounts = users(40);
    seen->thread = pthread_self();
    CHECK_SAME(hwm_options_on_progress(overrides, watch, seen, NULL), HWM_OK);
    if (seen->cancel != NULL)
        CHECK_SAME(hwm_options_set_cancel(overrides, seen->cancel, NULL), HWM_OK);
    hwm_code code = hwm_set_status(client, 0, accounts, NULL, 40, overrides, &report, NULL);
    CHECK(report != NULL && hwm_report_size(report) == 40);
    *applied = hwm_report_count(report, HWM_OUTCOME_APPLIED);
    hwm_report_free(report);
    hwm_options_free(overrides);
    free(accounts);
    return code;
}

static hwm_client *slow_client(void) {
    return client_of(sandbox_options("batch_size", "1", "concurrency", "2", NULL));
}

static void progress_runs_on_the_calling_thread_and_at_the_end(void) {
    struct watch seen = {0};
    size_t applied;
    hwm_client *client = slow_client();
    CHECK_SAME(watched(&seen, client, &applied), HWM_OK);
    CHECK(seen.calls > 0 && seen.elsewhere == 0);
    CHECK(seen.settled == 40 && seen.total == 40 && applied == 40);
    CHECK_SAME(seen.last_size, sizeof(hwm_progress));
    hwm_client_free(client);
}

static void a_callback_can_cancel_by_its_result(void) {
    struct watch seen = {0};
    size_t applied;
    hwm_client *client = slow_client();
    seen.cancel_after = 1;
    CHECK_SAME(watched(&seen, client, &applied), HWM_CANCELLED);
    CHECK(applied < 40);
    hwm_client_free(client);
}

static void a_callback_can_trigger_a_cancel_handle_which_is_sticky(void) {
    struct watch seen = {0};
    size_t applied;
    hwm_client *client = slow_client();
    hwm_cancel *cancel = hwm_cancel_new();
    seen.cancel = cancel;
    CHECK_SAME(watched(&seen, client, &applied), HWM_CANCELLED);
    CHECK(applied < 40);
    CHECK_SAME(watched(&seen, client, &applied), HWM_CANCELLED);
    CHECK_SAME(applied, 0);
    hwm_cancel_reset(cancel);
    seen = (struct watch){0};
    CHECK_SAME(watched(&seen, client, &applied), HWM_OK);
    hwm_cancel_free(cancel);
    hwm_client_free(client);
}

static void the_clients_own_hooks_hold_for_its_calls(void) {
    hwm_cancel *cancel = hwm_cancel_new();
    hwm_options *options = sandbox_options(NULL);
    struct watch seen = {0};
    const char *accounts[] = {"user0001"};
    seen.thread = pthread_self();
    CHECK_SAME(hwm_options_set_cancel(options, cancel, NULL), HWM_OK);
    CHECK_SAME(hwm_options_on_progress(options, watch, &seen, NULL), HWM_OK);
    hwm_client *client = client_of(options);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    CHECK(seen.calls > 0);
    seen.settled = 0;
    hwm_cancel_trigger(cancel);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_CANCELLED);
    hwm_cancel_free(cancel);
    hwm_client_free(client);
}

static void a_callback_may_block_for_a_second(void) {
    struct watch seen = {0};
    size_t applied;
    hwm_client *client = slow_client();
    seen.block = 1;
    CHECK_SAME(watched(&seen, client, &applied), HWM_OK);
    CHECK_SAME(applied, 40);
    hwm_client_free(client);
}

static void a_callback_may_use_another_client_but_not_its_own(void) {
    struct watch seen = {0};
    size_t applied;
    hwm_client *client = slow_client();
    seen.client = client;
    seen.other = slow_client();
    CHECK_SAME(watched(&seen, client, &applied), HWM_OK);
    CHECK(seen.same_code == HWM_INVALID_ARGUMENT && seen.close_code == HWM_INVALID_ARGUMENT);
    CHECK(seen.other_code == HWM_OK && applied == 40);
    hwm_client_free(seen.other);
    hwm_client_free(client);
}

struct vault {
    const char *token, *failure;
    int asked;
};

static void open_vault(hwm_token_request *request, void *user_data) {
    struct vault *vault = user_data;
    vault->asked++;
    CHECK_SAME(hwm_token_request_set(request, NULL, 0, NULL), HWM_INVALID_ARGUMENT);
    if (vault->token != NULL)
        CHECK_SAME(hwm_token_request_set(request, vault->token, 3600, NULL), HWM_OK);
    if (vault->failure != NULL)
        CHECK_SAME(hwm_token_request_fail(request, vault->failure, NULL), HWM_OK);
}

/* A call whose token comes from the vault; the message of its error goes to text. */
static hwm_code with_vault(struct vault *vault, char *text, size_t size) {
    hwm_options *options = sandbox_options("access_token", NULL, NULL);
    const char *accounts[] = {"user0001"};
    hwm_error *error = NULL;
    CHECK_SAME(hwm_options_on_token(options, open_vault, vault, NULL), HWM_OK);
    hwm_client *client = client_of(options);
    hwm_code code = hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, &error);
    if (code == HWM_OK)
        code = hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, &error);
    snprintf(text, size, "%s", hwm_error_message(error));
    hwm_error_free(error);
    hwm_client_free(client);
    return code;
}

static void a_token_function_is_asked_once_and_its_token_used(void) {
    struct vault vault = {sandbox("TOKEN"), NULL, 0};
    char text[512];
    CHECK_SAME(with_vault(&vault, text, sizeof text), HWM_OK);
    CHECK_SAME(vault.asked, 1);
}

static void a_token_function_may_fail_with_its_own_words(void) {
    struct vault vault = {NULL, "the vault is sealed", 0};
    struct vault silent = {NULL, NULL, 0};
    char text[512];
    CHECK_SAME(with_vault(&vault, text, sizeof text), HWM_AUTHENTICATION);
    CHECK(strstr(text, "the vault is sealed") != NULL);
    CHECK_SAME(with_vault(&silent, text, sizeof text), HWM_AUTHENTICATION);
}

static void a_token_function_among_overrides_is_refused(void) {
    hwm_client *client = slow_client();
    hwm_options *overrides = hwm_options_new();
    const char *accounts[] = {"user0001"};
    CHECK_SAME(hwm_options_on_token(overrides, open_vault, NULL, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, overrides, NULL, NULL),
               HWM_INVALID_OPTION);
    CHECK_SAME(hwm_options_on_token(overrides, NULL, NULL, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, overrides, NULL, NULL), HWM_OK);
    hwm_options_free(overrides);
    hwm_client_free(client);
}

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int log_lines, log_secrets;

static void log_line(int32_t level, const char *target, const char *message, void *user_data) {
    pthread_mutex_lock(&log_lock);
    log_lines++;
    log_secrets += strstr(message, (const char *)user_data) != NULL;
    CHECK(level >= HWM_LOG_ERROR && level <= HWM_LOG_TRACE && starts_with(target, "hwm"));
    pthread_mutex_unlock(&log_lock);
}

static void the_log_tells_requests_and_never_the_token(void) {
    char *token = malloc(64);
    snprintf(token, 64, "%s", sandbox("TOKEN"));
    hwm_set_log(HWM_LOG_TRACE, log_line, token);
    hwm_client *client = slow_client();
    const char *accounts[] = {"user0001", "nobody"};
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 2, NULL, NULL, NULL), HWM_PARTIAL);
    CHECK(log_lines > 0 && log_secrets == 0);
    hwm_set_log(HWM_LOG_OFF, NULL, NULL);
    memset(token, '#', 64);
    free(token);
    int before = log_lines;
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 2, NULL, NULL, NULL), HWM_PARTIAL);
    CHECK_SAME(log_lines, before);
    hwm_client_free(client);
}

int main(void) {
    RUN(progress_runs_on_the_calling_thread_and_at_the_end);
    RUN(a_callback_can_cancel_by_its_result);
    RUN(a_callback_can_trigger_a_cancel_handle_which_is_sticky);
    RUN(the_clients_own_hooks_hold_for_its_calls);
    RUN(a_callback_may_block_for_a_second);
    RUN(a_callback_may_use_another_client_but_not_its_own);
    RUN(a_token_function_is_asked_once_and_its_token_used);
    RUN(a_token_function_may_fail_with_its_own_words);
    RUN(a_token_function_among_overrides_is_refused);
    RUN(the_log_tells_requests_and_never_the_token);
    return tests_failed;
}
