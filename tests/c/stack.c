/* The stack that a calling thread needs: the least that works is well below what hwm.h promises. */
/* sandbox: {"users": 40, "tls": true} */
/* link: -lpthread */
/* not under: valgrind sanitizers threads */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* Removed by the parent too: a child whose stack overflows leaves it behind. */
static char journal[64];

/* Tokens fetched and logged out, TLS, a journal, refusals taken apart, a report in both forms. */
static void *everything(void *code) {
    hwm_options *options = sandbox_options(
        "app_id", "4d4f1a6b0c2e4c1f9a35d7be8c60a1f2", "app_key",
        "9f86d081884c7d659a2feaa0c55ad015", "logout", "true", "batch_size", "20", "journal", journal,
        NULL);
    const char **accounts = users(40);
    hwm_report *report = NULL;
    hwm_report_entry entry;
    const char *json = NULL;
    CHECK_SAME(hwm_options_set(options, "access_token", NULL, NULL), HWM_OK);
    hwm_options_from_env(options, NULL);
    hwm_client *client = client_of(options);
    accounts[7] = "nobody";
    accounts[31] = "no-one";
    *(hwm_code *)code = hwm_set_status(client, 0, accounts, NULL, 40, NULL, &report, NULL);
    CHECK_SAME(hwm_report_item(report, 39, &entry, sizeof entry, NULL), HWM_OK);
    CHECK_SAME(hwm_report_json(report, &json, NULL), HWM_OK);
    CHECK_SAME(hwm_client_close(client, NULL), HWM_OK);
    hwm_client_free(client);
    hwm_report_free(report);
    free(accounts);
    return NULL;
}

/* In a child: a stack that is too small ends the process. */
static int works_with(size_t stack) {
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_attr_t attributes;
        pthread_t thread;
        hwm_code code = HWM_PANIC;
        pthread_attr_init(&attributes);
        if (pthread_attr_setstacksize(&attributes, stack) != 0 ||
            pthread_create(&thread, &attributes, everything, &code) != 0)
            _exit(1);
        pthread_join(thread, NULL);
        _exit(code == HWM_PARTIAL && check_failed == 0 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    unlink(journal);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void the_stack_that_the_header_names_is_enough_with_a_margin(void) {
    size_t least = 16 * 1024;
    while (least < HWM_STACK_SIZE && !works_with(least))
        least += 4 * 1024;
    printf("least stack: %zu KiB\n", least / 1024);
    CHECK(least > 16 * 1024); /* else nothing was measured */
    CHECK(least + least / 4 <= HWM_STACK_SIZE);
    CHECK(works_with(HWM_STACK_SIZE));
}

int main(void) {
    snprintf(journal, sizeof journal, "/tmp/hwm-stack-%ld", (long)getpid());
    RUN(the_stack_that_the_header_names_is_enough_with_a_margin);
    return tests_failed;
}
