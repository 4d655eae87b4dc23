// Sets the status of the accounts of a text or CSV file, one a line, and prints the report.
//
//     set_status disabled ACCOUNTS.csv [CA.pem]
//
// Options come from the environment: HWM_APP_ID and HWM_APP_KEY, HWM_ENDPOINT, …
#include <hwm.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

// The first field of every line, but for the header "account" of a CSV file.
static std::vector<std::string> read_lines(const char *path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        line.erase(std::min(line.find_first_of("\r,"), line.size()));
        if (!line.empty() && (!lines.empty() || line != "account"))
            lines.push_back(line);
    }
    return lines;
}

static void print(const hwm::Report &report) {
    for (hwm::Entry entry : report)
        std::cout << hwm::name(entry.outcome) << ' ' << entry.account << ' ' << entry.service_code
                  << ' ' << entry.message << '\n';
    std::cout << report.count(hwm::Outcome::applied) << " of " << report.size() << " applied\n";
}

int main(int argc, char **argv) {
    if (argc < 3) {
        std::cerr << "usage: " << argv[0] << " normal|disabled ACCOUNTS.csv [CA.pem]\n";
        return 1;
    }
    const auto status =
        std::string(argv[1]) == "normal" ? hwm::Status::normal : hwm::Status::disabled;
    try {
        hwm::Options options = hwm::Options::from_env();
        if (argc > 3)
            options.set("ca_file", argv[3]);
        options.on_progress([](const hwm::Progress &progress) {
            std::cerr << '\r' << progress.settled << " of " << progress.total;
        });
        hwm::Client client(options);
        hwm::Report report = client.set_status(status, read_lines(argv[2]));
        std::cerr << '\n';
        print(report);
        return report.all_applied() ? 0 : 1;
    } catch (const hwm::Error &error) {
        if (error.report() != nullptr)
            print(*error.report());
        std::cerr << hwm_code_name(error.code()) << ": " << error.what() << '\n';
        return 1;
    }
}
