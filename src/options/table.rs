//! The one table of options. Setters, checks, environment, flags and the manual come from it.

use crate::options::row::Kind::{Choice, Endpoint, Path, Proxy, Text};
use crate::options::row::Scope::{Call, Client};
use crate::options::row::{Flag, Key, Number, OptionKey, Words, flag, number, words};

/// The greatest number that any option takes, and the range of those without a bound of their own.
const MOST: u64 = u32::MAX as u64;
const ANY: (u64, u64) = (0, MOST);

/// Languages that the service speaks.
pub(crate) const LANGUAGES: &[&str] = &["zh-CN", "en-US"];

/// Makes a constant of each row for the library to read it by, and the table of all.
macro_rules! table {
    ($($name:ident: $reads:ident = $row:expr;)*) => {
        $(pub(crate) const $name: Key<$reads> = $row;)*

        /// Every option there is.
        pub const OPTIONS: &[OptionKey] = &[$($name.row),*];
    };
}

table! {
    ENDPOINT: Words = words(
        "endpoint", Client, Endpoint,
        "Where the service is: a region, or URLs that all serve the same tenant, tried in order.",
    ).default("cn-north-4");
    ACCESS_TOKEN: Words = words(
        "access_token", Client, Text,
        "A token obtained elsewhere.",
    ).secret();
    APP_ID: Words = words("app_id", Client, Text, "App ID to authenticate with; needs app_key.");
    APP_KEY: Words = words("app_key", Client, Text, "Key of the App ID.").secret();
    USER_ID: Words = words(
        "user_id", Client, Text,
        "User to act as under the App ID; unset: the enterprise's default administrator.",
    );
    CORP_ID: Words = words(
        "corp_id", Client, Text,
        "Enterprise to act for. Only for service providers: a single enterprise that sends it is refused.",
    );
    DEPT_CODE: Words = words("dept_code", Client, Text, "Department of the App ID user.");
    LOGIN: Words = words(
        "login", Client, Text,
        "Administrator's account to authenticate with; needs password.",
    );
    PASSWORD: Words = words("password", Client, Text, "Password of login.").secret();
    ACCOUNT_TYPE: Words = words(
        "account_type", Call, Choice(&["0", "1", "meeting", "third_party"]),
        "What the accounts are: 0 or meeting, accounts of the service; 1 or third_party, user IDs of an App ID enterprise.",
    ).default("0");
    LANGUAGE: Words = words(
        "language", Call, Choice(LANGUAGES),
        "Language of the service's messages; unset: not sent, and the service answers in Chinese.",
    );
    BATCH_SIZE: Number = number(
        "batch_size", Call, (1, 1000), "100",
        "Accounts a request. The service is known to take 100; more is at your own risk.",
    );
    CONCURRENCY: Number = number("concurrency", Call, (1, 64), "4", "Requests in flight at once.");
    MAX_REQUESTS_PER_MINUTE: Number = number(
        "max_requests_per_minute", Client, ANY, "0",
        "Ceiling on status requests, evenly spread; 0: only what the gateway's quota headers ask for.",
    );
    ATTEMPTS: Number = number(
        "attempts", Call, (1, 100), "5",
        "Tries of one batch, the first included. Waiting for quota does not count.",
    );
    RETRY_BASE_MS: Number = number(
        "retry_base_ms", Call, ANY, "200",
        "Upper bound of the first backoff; doubles with each try.",
    );
    RETRY_MAX_MS: Number = number(
        "retry_max_ms", Call, ANY, "20000",
        "Upper bound of every backoff.",
    );
    MAX_WAIT_MS: Number = number(
        "max_wait_ms", Call, ANY, "300000",
        "Longest single wait for quota; a longer one ends the call.",
    );
    CONNECT_TIMEOUT_MS: Number = number(
        "connect_timeout_ms", Client, (1, MOST), "5000",
        "Time for name, connection and TLS of one attempt.",
    );
    REQUEST_TIMEOUT_MS: Number = number(
        "request_timeout_ms", Call, (1, MOST), "30000",
        "Time for one attempt, the answer's body included.",
    );
    DEADLINE_MS: Number = number(
        "deadline_ms", Call, ANY, "0",
        "Time for the whole call; 0: none.",
    );
    DRAIN_MS: Number = number(
        "drain_ms", Call, ANY, "5000",
        "What a cancel leaves to the requests in flight.",
    );
    ISOLATE: Flag = flag(
        "isolate", Call, true,
        "Find the bad accounts of a refused batch; false: all of them stay unknown.",
    );
    CAPACITY_CODES: Words = words(
        "capacity_codes", Call, Text,
        "Service codes, separated by commas, that mean too few resources.",
    ).default("USG.201050006");
    JOURNAL: Words = words(
        "journal", Call, Path,
        "File that records what was sent and settled, to resume a call that was interrupted.",
    );
    JOURNAL_MAX_AGE_H: Number = number(
        "journal_max_age_h", Call, ANY, "0",
        "Hours for which the outcomes of a finished journal are believed, each by its own age: older ones are sent again, and when none is young enough, or at 0, the journal is refused.",
    );
    DRY_RUN: Flag = flag(
        "dry_run", Call, false,
        "Check and plan, with what a journal leaves to send; send and write nothing.",
    );
    CA_FILE: Words = words(
        "ca_file", Client, Path,
        "PEM file of roots to trust besides the platform's.",
    ).not_from_env();
    PROXY: Words = words(
        "proxy", Client, Proxy,
        "Proxy to go through, or none; unset: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, read once and not in a set-user-ID program; loopback endpoints then go direct. One that is not loopback needs allow_http for http:// endpoints.",
    ).secret();
    ALLOW_HTTP: Flag = flag(
        "allow_http", Client, false,
        "Allow http:// to hosts that are not loopback, or through a proxy that is not. Tokens travel readable.",
    ).not_from_env();
    LOGOUT: Flag = flag(
        "logout", Client, false,
        "Log out the tokens that this client fetched when it is closed.",
    );
}
