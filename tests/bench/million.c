/* Sets the status of many accounts through the C ABI and prints what that took, as one line:
 *
 *     million COUNT
 *
 * Options come from the environment. The line holds, separated by spaces: seconds, peak memory
 * before and after the call in KiB, resident memory with the report and without it in KiB (0 where
 * the system does not tell). */
#include <hwm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* For one name. */
#define ROOM 24

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The peak of this program. What getrusage() says may be that of the one that started it. */
static long peak_kib(void) {
    char line[256];
    long peak = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && peak == 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtol(line + 6, NULL, 10);
    if (file != NULL)
        fclose(file);
    if (peak > 0)
        return peak;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss / 1024;
#else
    return usage.ru_maxrss;
#endif
}

/* What is resident now, free memory given back first. */
static long resident_kib(void) {
    long pages = 0;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void check(hwm_code code, hwm_error *error) {
    if (code == HWM_OK)
        return;
    fprintf(stderr, "%s: %s\n", hwm_code_name(code), error ? hwm_error_message(error) : "");
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    /* One block for all names: the caller's own memory, part of the peak before. */
    char *names = malloc(count * ROOM);
    const char **accounts = malloc(count * sizeof *accounts);
    if (count == 0 || names == NULL || accounts == NULL)
        return EXIT_FAILURE;
    for (size_t i = 0; i < count; i++) {
        snprintf(names + ROOM * i, ROOM, "u%07zu", i);
        accounts[i] = names + ROOM * i;
    }

    hwm_options *options = hwm_options_new();
    hwm_client *client = NULL;
    hwm_report *report = NULL;
    hwm_error *error = NULL;
    check(hwm_options_from_env(options, &error), error);
    check(hwm_client_new(options, &client, &error), error);
    /* The first call connects and allocates what every call shares. */
    check(hwm_set_status(client, HWM_STATUS_NORMAL, accounts, NULL, 1, NULL, NULL, &error), error);

    long before = peak_kib();
    double began = seconds();
    check(hwm_set_status(client, HWM_STATUS_NORMAL, accounts, NULL, count, NULL, &report, &error), error);
    double took = seconds() - began;
    long after = peak_kib();
    if (hwm_report_count(report, HWM_OUTCOME_APPLIED) != count)
        return EXIT_FAILURE;
    long with_report = resident_kib();
    hwm_report_free(report);
    long without_report = resident_kib();
    printf("%.3f %ld %ld %ld %ld\n", took, before, after, with_report, without_report);

    hwm_client_free(client);
    hwm_options_free(options);
    free(accounts);
    free(names);
    return EXIT_SUCCESS;
}
