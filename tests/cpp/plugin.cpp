// Exceptions of callbacks between a program and a plugin that have each their own copy of the header.
// sandbox: {"users": 20}
// flags: -fvisibility=hidden -ldl
// plugin: -fvisibility=hidden -Wl,-Bsymbolic
#include "check.hpp"

#include <dlfcn.h>
#include <stdexcept>

/* What the plugin does for the program, across a C interface that lets exceptions pass. */
struct Plugin {
    hwm::Report (*set_status)(const hwm::Client &client, const hwm::Options &overrides);
    void (*throw_in_progress)(hwm::Options &options);
    void (*throw_in_token)(hwm::Options &options);
    bool (*catches)(const hwm::Client &client);
};

static const std::vector<std::string> accounts{"user0001", "user0002", "user0003"};

/* Whether a call ends with what a callback threw, and with the report. */
template <class Call> static bool comes_out(Call call, hwm_code code, const std::string &what) {
    try {
        call();
    } catch (const hwm::CallbackError &error) {
        try {
            std::rethrow_if_nested(error);
        } catch (const std::runtime_error &thrown) {
            return thrown.what() == what && error.code() == code && error.report() != nullptr &&
                   error.report()->size() == 3;
        }
    }
    return false;
}

#ifdef PLUGIN

static const Plugin plugin{
    [](const hwm::Client &client, const hwm::Options &overrides) {
        return client.set_status(hwm::Status::normal, accounts, overrides);
    },
    [](hwm::Options &options) {
        options.on_progress([](const hwm::Progress &) { throw std::runtime_error("plugin"); });
    },
    [](hwm::Options &options) {
        options.on_token([](hwm::TokenRequest &) { throw std::runtime_error("plugin"); });
    },
    [](const hwm::Client &client) {
        return comes_out([&] { client.set_status(hwm::Status::normal, accounts); }, HWM_CANCELLED,
                         "program");
    },
};

extern "C" __attribute__((visibility("default"))) const Plugin *hwm_test_plugin() { return &plugin; }

#else

static const Plugin *plugin;

static hwm::Options slow_options() {
    return sandbox_options().set("batch_size", "1").set("concurrency", "1");
}

static hwm::Options that_throw(hwm::Options options) {
    options.on_progress([](const hwm::Progress &) { throw std::runtime_error("program"); });
    return options;
}

static void a_callback_of_the_program_throws_in_a_call_of_the_plugin() {
    const hwm::Client client(that_throw(slow_options()));
    const hwm::Client calm(slow_options());
    CHECK(comes_out([&] { plugin->set_status(client, {}); }, HWM_CANCELLED, "program"));
    CHECK(comes_out([&] { plugin->set_status(calm, that_throw({})); }, HWM_CANCELLED, "program"));
    CHECK(plugin->set_status(calm, {}).all_applied());
    CHECK(plugin->catches(client));
}

static void a_callback_of_the_plugin_throws_in_a_call_of_the_program() {
    hwm::Options options = slow_options();
    plugin->throw_in_progress(options);
    const auto run = [&] { hwm::Client(options).set_status(hwm::Status::normal, accounts); };
    CHECK(comes_out(run, HWM_CANCELLED, "plugin"));
    options = slow_options().set("access_token", std::nullopt);
    plugin->throw_in_token(options);
    CHECK(comes_out(run, HWM_AUTHENTICATION, "plugin"));
}

static void an_error_of_the_plugin_is_caught_as_what_it_is() {
    const hwm::Client client(sandbox_options().set("access_token", "t0k3n"));
    try {
        plugin->set_status(client, {});
        CHECK(false);
    } catch (const hwm::Error &error) {
        CHECK(error.code() == HWM_AUTHENTICATION && error.cause() == nullptr);
        CHECK(error.report() != nullptr);
    }
}

int main(int, char **argv) {
    void *library = dlopen((std::string(argv[0]) + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        std::puts(dlerror());
        return 1;
    }
    using Entry = const Plugin *();
    plugin = reinterpret_cast<Entry *>(dlsym(library, "hwm_test_plugin"))();
    RUN(a_callback_of_the_program_throws_in_a_call_of_the_plugin);
    RUN(a_callback_of_the_plugin_throws_in_a_call_of_the_program);
    RUN(an_error_of_the_plugin_is_caught_as_what_it_is);
    return tests_failed;
}

#endif
