// What every C++ test program shares: checks that count, options for the sandbox, lists of accounts.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <hwm.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

[[maybe_unused]] static int check_failed;
[[maybe_unused]] static int tests_failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                            \
            check_failed++;                                                                        \
        }                                                                                          \
    } while (0)

#define RUN(test)                                                                                  \
    do {                                                                                           \
        check_failed = 0;                                                                          \
        test();                                                                                    \
        std::printf("%s %s\n", check_failed == 0 ? "ok" : "FAILED", #test);                        \
        std::fflush(stdout);                                                                       \
        tests_failed += check_failed != 0;                                                         \
    } while (0)

static inline hwm::Options sandbox_options() {
    hwm::Options options;
    CHECK(options.try_set("endpoint", std::string(std::getenv("SANDBOX_URL"))));
    CHECK(options.try_set("access_token", std::string(std::getenv("SANDBOX_TOKEN"))));
    return options;
}

static inline std::vector<std::string> users(unsigned count) {
    std::vector<std::string> list;
    for (unsigned i = 1; i <= count; i++) {
        char text[16];
        std::snprintf(text, sizeof text, "user%04u", i);
        list.emplace_back(text);
    }
    return list;
}

#endif
