/* The host's signals stay the host's: SIGPIPE never raised, handlers on the host's threads only. */
/* sandbox: {"users": 40, "latency_ms": 20} */
/* link: -lpthread */
/* not under: threads valgrind: a second thread there waits long for its turn */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A server that reads a little of each request and ends the connection with FIN, then RST. */
static int listener, accepted;

static void *slam(void *unused) {
    (void)unused;
    for (;;) {
        char little[16];
        int connection = accept(listener, NULL, NULL);
        if (connection < 0)
            return NULL;
        __atomic_add_fetch(&accepted, 1, __ATOMIC_RELAXED);
        if (recv(connection, little, sizeof little, 0) < 0)
            perror("recv");
        shutdown(connection, SHUT_WR);
        struct linger now = {1, 0};
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(connection);
    }
}

static void a_server_that_hangs_up_raises_no_sigpipe(void) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    char url[64];
    pthread_t server;
    static char text[1000][200];
    const char *accounts[1000];
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_SAME(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_SAME(listen(listener, 16), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_create(&server, NULL, slam, NULL);
    for (int i = 0; i < 1000; i++) {
        memset(text[i], 'a', sizeof text[i] - 1);
        snprintf(text[i], 8, "%07d", i);
        text[i][7] = 'a';
        accounts[i] = text[i];
    }
    signal(SIGPIPE, SIG_DFL);
    hwm_client *client = client_of(sandbox_options("endpoint", url, "batch_size", "1000",
                                                   "retry_base_ms", "1", "retry_max_ms", "2", NULL));
    for (int i = 0; i < 20; i++) {
        hwm_report *report = NULL;
        CHECK(hwm_set_status(client, 0, accounts, NULL, 1000, NULL, &report, NULL) < 0);
        CHECK(report != NULL && hwm_report_count(report, HWM_OUTCOME_APPLIED) == 0);
        hwm_report_free(report);
    }
    CHECK(__atomic_load_n(&accepted, __ATOMIC_RELAXED) >= 20);
    hwm_client_free(client);
    shutdown(listener, SHUT_RDWR);
    close(listener);
    pthread_join(server, NULL);
}

static pthread_t host;
static volatile sig_atomic_t on_host, elsewhere;
static hwm_cancel *cancel;

static void handle(int signal_number) {
    if (pthread_equal(pthread_self(), host))
        on_host++;
    else
        elsewhere++;
    if (signal_number == SIGINT)
        hwm_cancel_trigger(cancel);
}

static void handlers_run_on_the_hosts_threads(void) {
    const int numbers[] = {SIGALRM, SIGCHLD, SIGINT};
    struct sigaction action, found;
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    const char **accounts = users(40);
    hwm_report *report = NULL;
    host = pthread_self();
    cancel = hwm_cancel_new();
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    for (int i = 0; i < 3; i++)
        sigaction(numbers[i], &action, NULL);
    hwm_options *options = sandbox_options("batch_size", "1", "concurrency", "4", NULL);
    CHECK_SAME(hwm_options_set_cancel(options, cancel, NULL), HWM_OK);
    hwm_client *client = client_of(options);
    setitimer(ITIMER_REAL, &often, NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 40, NULL, &report, NULL), HWM_OK);
    hwm_report_free(report);
    report = NULL;
    waitpid(pid, NULL, 0);
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(on_host > 1 && elsewhere == 0);
    /* A handler may cancel: the run ends and still tells. */
    kill(getpid(), SIGINT);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 40, NULL, &report, NULL), HWM_CANCELLED);
    CHECK(report != NULL && hwm_report_size(report) == 40);
    CHECK_SAME(elsewhere, 0);
    for (int i = 0; i < 3; i++) {
        sigaction(numbers[i], NULL, &found);
        CHECK_SAME(found.sa_handler, handle);
    }
    hwm_report_free(report);
    hwm_client_free(client);
    hwm_cancel_free(cancel);
    free(accounts);
}

static void the_signal_mask_of_the_caller_is_as_before(void) {
    sigset_t before, after;
    const char *accounts[] = {"user0001"};
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    hwm_client *client = client_of(sandbox_options(NULL));
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    hwm_client_free(client);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int i = 1; i < 32; i++)
        CHECK_SAME(sigismember(&before, i), sigismember(&after, i));
}

int main(void) {
    RUN(a_server_that_hangs_up_raises_no_sigpipe);
    RUN(handlers_run_on_the_hosts_threads);
    RUN(the_signal_mask_of_the_caller_is_as_before);
    return tests_failed;
}
