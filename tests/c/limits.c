/* No descriptors, no threads, no memory: a clear error, and the client works again afterwards. */
/* sandbox: {"users": 40} */
/* not under: valgrind sanitizers threads */
#include "check.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void set_soft(int which, rlim_t value, struct rlimit *before) {
    getrlimit(which, before);
    struct rlimit now = {value, before->rlim_max};
    CHECK_SAME(setrlimit(which, &now), 0);
}

/* The lowest descriptor that is free. */
static rlim_t next_descriptor(void) {
    int free_one = dup(0);
    close(free_one);
    return (rlim_t)free_one;
}

/* A negative code that names what is missing, or a client that came through all the same. */
static void clear_error(hwm_code code, hwm_error *error) {
    CHECK(code == HWM_OK || code == HWM_IO || code == HWM_NETWORK);
    CHECK(code == HWM_OK || strlen(hwm_error_message(error)) > 20);
    hwm_error_free(error);
}

static void without_descriptors_there_is_a_clear_error_and_then_all_is_well(void) {
    struct rlimit before;
    const char *accounts[] = {"user0001"};
    hwm_client *none = NULL;
    hwm_error *error = NULL;
    hwm_client *client =
        client_of(sandbox_options("attempts", "2", "retry_base_ms", "1", "retry_max_ms", "2", NULL));
    hwm_options *options = sandbox_options(NULL);
    set_soft(RLIMIT_NOFILE, next_descriptor(), &before);
    hwm_code code = hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, &error);
    CHECK(code < 0);
    clear_error(code, error);
    error = NULL;
    code = hwm_client_new(options, &none, &error);
    CHECK(code < 0);
    clear_error(code, error);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    CHECK_SAME(hwm_client_new(options, &none, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(none, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    hwm_client_free(none);
    hwm_options_free(options);
    hwm_client_free(client);
}

/* A file that is not there, or is no PEM file, is a wrong option. One that cannot be opened for want
   of a descriptor may be right. */
static void a_ca_file_without_a_descriptor_to_read_it_is_no_wrong_option(void) {
    struct rlimit before;
    hwm_client *client = NULL;
    hwm_error *error = NULL;
    hwm_options *options = sandbox_options("ca_file", __FILE__, NULL);
    set_soft(RLIMIT_NOFILE, next_descriptor(), &before);
    CHECK_SAME(hwm_client_new(options, &client, &error), HWM_IO);
    CHECK(strstr(hwm_error_message(error), __FILE__) != NULL);
    hwm_error_free(error);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK_SAME(hwm_client_new(options, &client, &error), HWM_INVALID_OPTION);
    CHECK(strstr(hwm_error_message(error), "no certificate") != NULL);
    hwm_error_free(error);
    CHECK_SAME(hwm_options_set(options, "ca_file", "/nowhere/ca.pem", NULL), HWM_OK);
    CHECK_SAME(hwm_client_new(options, &client, &error), HWM_INVALID_OPTION);
    CHECK(strstr(hwm_error_message(error), "/nowhere/ca.pem") != NULL);
    hwm_error_free(error);
    hwm_options_free(options);
}

struct squeeze {
    struct rlimit before;
    int calls;
};

static int32_t take_descriptors(const hwm_progress *progress, void *user_data) {
    struct squeeze *squeeze = user_data;
    (void)progress;
    if (squeeze->calls++ == 0)
        set_soft(RLIMIT_NOFILE, next_descriptor(), &squeeze->before);
    return 0;
}

static void descriptors_that_run_out_in_a_run_leave_a_full_report(void) {
    struct squeeze squeeze = {{0, 0}, 0};
    hwm_options *options = sandbox_options("batch_size", "1", "concurrency", "8", "attempts", "2",
                                           "retry_base_ms", "1", NULL);
    const char **accounts = users(40);
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    CHECK_SAME(hwm_options_on_progress(options, take_descriptors, &squeeze, NULL), HWM_OK);
    hwm_client *client = client_of(options);
    hwm_code code = hwm_set_status(client, 0, accounts, NULL, 40, NULL, &report, &error);
    setrlimit(RLIMIT_NOFILE, &squeeze.before);
    clear_error(code == HWM_PARTIAL ? HWM_OK : code, error);
    CHECK_SAME(hwm_report_size(report), 40);
    hwm_report_free(report);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 40, NULL, NULL, NULL), HWM_OK);
    hwm_client_free(client);
    free(accounts);
}

/* In a child of an ordinary user, since root is not bound by the limit. */
static int without_threads(void) {
    struct rlimit before;
    const char *accounts[] = {"user0001"};
    hwm_client *none = NULL;
    hwm_error *error = NULL;
    alarm(60);
    check_failed = 0;
    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    hwm_client *client = client_of(sandbox_options("attempts", "2", "retry_base_ms", "1", NULL));
    hwm_options *options = sandbox_options(NULL);
    set_soft(RLIMIT_NPROC, 0, &before);
    hwm_code code = hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, &error);
    clear_error(code, error);
    error = NULL;
    code = hwm_client_new(options, &none, &error);
    CHECK_SAME(code, HWM_IO);
    CHECK(strstr(hwm_error_message(error), "thread") != NULL);
    clear_error(code, error);
    setrlimit(RLIMIT_NPROC, &before);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    CHECK_SAME(hwm_client_new(options, &none, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(none, 0, accounts, NULL, 1, NULL, NULL, NULL), HWM_OK);
    hwm_client_free(none);
    hwm_client_free(client);
    hwm_options_free(options);
    fflush(stdout);
    return check_failed;
}

static void without_threads_there_is_a_clear_error_and_then_all_is_well(void) {
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(without_threads());
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A client made and used by name under a limit; 1 when it ends in no clear way. */
static int under_a_limit(int which, rlim_t value) {
    struct rlimit before;
    const char **accounts = users(40);
    const char *port = strrchr(sandbox("URL"), ':');
    char url[64];
    hwm_client *client = NULL;
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    alarm(60);
    check_failed = 0;
    if (which == RLIMIT_NPROC && geteuid() == 0 && setuid(65534) != 0)
        return 1;
    snprintf(url, sizeof url, "http://localhost%s", port);
    hwm_options *options =
        sandbox_options("endpoint", url, "batch_size", "5", "attempts", "2", "retry_base_ms", "1", NULL);
    set_soft(which, which == RLIMIT_NOFILE ? next_descriptor() + value : value, &before);
    hwm_code code = hwm_client_new(options, &client, &error);
    if (code == HWM_OK)
        code = hwm_set_status(client, 0, accounts, NULL, 40, NULL, &report, &error);
    CHECK(client == NULL || hwm_report_size(report) == 40);
    CHECK_SAME((code < 0), (error != NULL));
    clear_error(code == HWM_PARTIAL ? HWM_OK : code, error);
    setrlimit(which, &before);
    hwm_report_free(report);
    hwm_client_free(client);
    CHECK_SAME(hwm_client_new(options, &client, NULL), HWM_OK);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, 40, NULL, NULL, NULL), HWM_OK);
    hwm_client_free(client);
    hwm_options_free(options);
    free(accounts);
    fflush(stdout);
    return check_failed;
}

static void whatever_number_of_descriptors_or_threads_is_left_nothing_aborts(void) {
    fflush(stdout);
    for (rlim_t value = 0; value < 20; value++) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0)
            _exit(value < 14 ? under_a_limit(RLIMIT_NOFILE, value)
                             : under_a_limit(RLIMIT_NPROC, value - 14));
        waitpid(pid, &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

/* In a child, whose memory is limited to what it has and a little. */
static int without_memory_for_a_list(void) {
    struct rlimit before;
    enum { many = 1000000 };
    unsigned long pages = 0;
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1); /* the others hold memory in reserve */
#endif
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    const char **accounts = users(many);
    hwm_client *client = client_of(sandbox_options("dry_run", "true", NULL));
    FILE *file = fopen("/proc/self/statm", "r");
    check_failed = 0;
    CHECK(file != NULL && fscanf(file, "%lu", &pages) == 1);
    if (file != NULL)
        fclose(file);
    rlim_t has = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
    set_soft(RLIMIT_AS, has + 8 * 1024 * 1024, &before);
    hwm_code code = hwm_set_status(client, 0, accounts, NULL, many, NULL, &report, &error);
    setrlimit(RLIMIT_AS, &before);
    CHECK(code == HWM_NO_MEMORY && report == NULL);
    CHECK(strstr(hwm_error_message(error), "memory") != NULL);
    hwm_error_free(error);
    CHECK_SAME(hwm_set_status(client, 0, accounts, NULL, many, NULL, &report, NULL), HWM_OK);
    CHECK_SAME(hwm_report_size(report), many);
    hwm_report_free(report);
    hwm_client_free(client);
    free(accounts);
    fflush(stdout);
    return check_failed;
}

static void a_list_that_memory_does_not_hold_is_an_error_and_then_all_is_well(void) {
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(without_memory_for_a_list());
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void) {
    /* First: what other tests gave back would be there to be used. */
    RUN(a_list_that_memory_does_not_hold_is_an_error_and_then_all_is_well);
    RUN(without_descriptors_there_is_a_clear_error_and_then_all_is_well);
    RUN(a_ca_file_without_a_descriptor_to_read_it_is_no_wrong_option);
    RUN(descriptors_that_run_out_in_a_run_leave_a_full_report);
    RUN(without_threads_there_is_a_clear_error_and_then_all_is_well);
    RUN(whatever_number_of_descriptors_or_threads_is_left_nothing_aborts);
    return tests_failed;
}
