// The C++ header with -fno-exceptions: what begins with try_ does it all.
// sandbox: {"users": 20}
// flags: -fno-exceptions -fno-rtti
#include "check.hpp"

static_assert(HWM_HPP_EXCEPTIONS == 0);

static void a_run_needs_no_exceptions() {
    auto client = hwm::Client::try_make(sandbox_options());
    CHECK(client);
    auto report = client.value().try_set_status(hwm::Status::disabled, users(20));
    CHECK(report && report.value().all_applied());
    auto refused = client.value().try_set_status(hwm::Status::disabled, {"user0001", ""});
    CHECK(!refused && refused.error().code() == HWM_INVALID_ARGUMENT);
    CHECK(client.value().try_close());
}

static void a_client_that_cannot_be_made_says_why() {
    auto client = hwm::Client::try_make(hwm::Options());
    CHECK(!client && client.error().code() == HWM_INVALID_OPTION);
}

int main() {
    RUN(a_run_needs_no_exceptions);
    RUN(a_client_that_cannot_be_made_says_why);
    return tests_failed;
}
