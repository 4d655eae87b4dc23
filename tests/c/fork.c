/* fork() while eight threads are in calls: the child uses and frees what it inherited, 200 times. */
/* sandbox: {"users": 40} */
/* link: -lpthread */
/* not under: valgrind threads sanitizers: their allocators are not made for fork() beside threads */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, FORKS = 200 };

static hwm_client *client;
static int stop, failed_calls;

static void *work(void *unused) {
    const char *accounts[] = {"user0001", "user0002"};
    (void)unused;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        if (hwm_set_status(client, 0, accounts, NULL, 2, NULL, NULL, NULL) != HWM_OK)
            __atomic_add_fetch(&failed_calls, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* In the child: the old client works and can be freed, and so does a new one. */
static int child(void) {
    const char *accounts[] = {"user0003"};
    alarm(60);
    int bad = 0;
    bad += hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL) != HWM_OK;
    hwm_client_free(client);
    hwm_client *own = client_of(sandbox_options(NULL));
    bad += hwm_set_status(own, 0, accounts, NULL, 1, NULL, NULL, NULL) != HWM_OK;
    bad += hwm_client_close(own, NULL) != HWM_OK;
    hwm_client_free(own);
    return bad + check_failed;
}

static void a_child_uses_and_frees_old_and_new_clients(void) {
    pthread_t threads[THREADS];
    int bad = 0;
    client = client_of(sandbox_options(NULL));
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < FORKS; i++) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0)
            _exit(child());
        waitpid(pid, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            printf("child %d ended with %d\n", i, status);
            bad++;
        }
    }
    CHECK_SAME(bad, 0);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_SAME(failed_calls, 0);
    hwm_client_free(client);
}

static void a_child_may_free_without_use(void) {
    int status = 0;
    client = client_of(sandbox_options(NULL));
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        hwm_client_free(client);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    hwm_client_free(client);
}

static pid_t forked;
static int keep_alive[2];

/* Forks a child in the middle of the call, which lives until the parent closes the pipe. */
static int32_t fork_once(const hwm_progress *progress, void *unused) {
    char byte;
    (void)unused;
    if (forked == 0 && progress->applied > 0) {
        forked = fork();
        if (forked == 0) {
            close(keep_alive[1]);
            _exit(read(keep_alive[0], &byte, 1) == 0 ? 0 : 1);
        }
    }
    return 0;
}

static void a_child_forked_during_a_call_does_not_keep_its_journal_locked(void) {
    const char *accounts[] = {"user0001", "user0002"};
    char journal[] = "/tmp/hwm-fork-XXXXXX";
    hwm_error *error = NULL;
    int status = 0;
    close(mkstemp(journal));
    CHECK_SAME(pipe(keep_alive), 0);
    hwm_options *options = sandbox_options("journal", journal, "journal_max_age_h", "1", NULL);
    CHECK_SAME(hwm_options_on_progress(options, fork_once, NULL, NULL), HWM_OK);
    client = client_of(options);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, &error), HWM_OK);
    CHECK(forked > 0);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 2, NULL, NULL, &error), HWM_OK);
    if (error != NULL)
        puts(hwm_error_message(error));
    hwm_error_free(error);
    close(keep_alive[1]);
    waitpid(forked, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    hwm_client_free(client);
    unlink(journal);
}

int main(void) {
    RUN(a_child_forked_during_a_call_does_not_keep_its_journal_locked);
    RUN(a_child_may_free_without_use);
    RUN(a_child_uses_and_frees_old_and_new_clients);
    return tests_failed;
}
