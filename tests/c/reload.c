/* dlopen(), use, dlclose(), a thousand times: threads, descriptors and memory come back. */
/* sandbox: {"users": 5} */
/* link: -lpthread -ldl -Wl,--as-needed */
/* not under: valgrind sanitizers threads */
#include "check.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

enum { ROUNDS = 1000 };

static size_t entries(const char *path) {
    DIR *folder = opendir(path);
    size_t count = 0;
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static long resident_kib(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A function of the library, by a way that ISO C allows. */
static void load(void *library, const char *name, void *function) {
    void *found = dlsym(library, name);
    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

/* One call through a library that was just loaded. */
static hwm_code use(void *library) {
    hwm_options *(*options_new)(void);
    hwm_code (*options_set)(hwm_options *, const char *, const char *, hwm_error **);
    void (*options_free)(hwm_options *);
    hwm_code (*client_new)(const hwm_options *, hwm_client **, hwm_error **);
    void (*client_free)(hwm_client *);
    hwm_code (*set_status)(hwm_client *, int32_t, const char *const *, const size_t *, size_t,
                           const hwm_options *, hwm_report **, hwm_error **);
    const char *accounts[] = {"user0001"};
    hwm_client *client = NULL;
    load(library, "hwm_options_new", &options_new);
    load(library, "hwm_options_set", &options_set);
    load(library, "hwm_options_free", &options_free);
    load(library, "hwm_client_new", &client_new);
    load(library, "hwm_client_free", &client_free);
    load(library, "hwm_set_status", &set_status);
    hwm_options *options = options_new();
    options_set(options, "endpoint", sandbox("URL"), NULL);
    options_set(options, "access_token", sandbox("TOKEN"), NULL);
    client_new(options, &client, NULL);
    options_free(options);
    hwm_code code = set_status(client, 0, accounts, NULL, 1, NULL, NULL, NULL);
    client_free(client);
    return code;
}

static sem_t closed;

/* A host thread that used the library and ends after it was closed. */
static void *used_before_the_close(void *library) {
    hwm_code code = use(library);
    sem_wait(&closed);
    return (void *)(size_t)(code == HWM_OK);
}

static void a_thousand_rounds_give_everything_back(void) {
    size_t threads = 0, descriptors = 0;
    long memory = 0;
    int bad = 0;
    sem_init(&closed, 0, 0);
    for (int round = 0; round < ROUNDS; round++) {
        void *library = dlopen(getenv("LIBHWM"), RTLD_NOW | RTLD_LOCAL);
        void *fine = NULL;
        pthread_t thread;
        if (library == NULL) {
            printf("%s\n", dlerror());
            CHECK(library != NULL);
            return;
        }
        if (round % 10 == 0) {
            pthread_create(&thread, NULL, used_before_the_close, library);
            bad += use(library) != HWM_OK;
            sem_post(&closed);
            dlclose(library);
            pthread_join(thread, &fine);
            bad += fine == NULL;
        } else {
            bad += use(library) != HWM_OK;
            dlclose(library);
        }
        if (round == 100) {
            threads = entries("/proc/self/task");
            descriptors = entries("/proc/self/fd");
            memory = resident_kib();
        }
    }
    CHECK_SAME(bad, 0);
    /* The library's threads end by themselves shortly after a client is freed. */
    for (int i = 0; i < 1000 && entries("/proc/self/task") > threads; i++)
        usleep(5000);
    CHECK(entries("/proc/self/task") <= threads);
    CHECK(entries("/proc/self/fd") <= descriptors);
    CHECK(resident_kib() < memory + 4096);
    if (resident_kib() >= memory + 4096)
        printf("%ld KiB after 100 rounds, %ld after %d\n", memory, resident_kib(), ROUNDS);
}

int main(void) {
    RUN(a_thousand_rounds_give_everything_back);
    return tests_failed;
}
