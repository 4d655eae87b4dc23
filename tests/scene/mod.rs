//! A sandbox with users of known names, and a client that points at it.
#![allow(dead_code, unreachable_pub)]

use hwm::{Client, Options};
use hwm_sandbox::{Config, Sandbox, UserSpec};

/// `count` accounts `u0000`, `u0001`, …
pub fn accounts(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("u{i:04}")).collect()
}

/// A sandbox configuration with `count` users, all of them disabled.
pub fn disabled_users(count: usize) -> Config {
    let user_list = accounts(count).iter().map(|account| UserSpec::new(account, 1)).collect();
    Config { user_list, ..Config::default() }
}

/// Starts a sandbox.
pub fn start(config: Config) -> Sandbox {
    Sandbox::start(config).expect("the sandbox starts")
}

/// Options that reach the sandbox with its fixed token, and retry quickly.
pub fn options(sandbox: &Sandbox) -> Options {
    let mut options = Options::new();
    set(
        &mut options,
        &[("endpoint", &sandbox.url()), ("retry_base_ms", "1"), ("retry_max_ms", "5")],
    );
    set(&mut options, &[("access_token", "sandbox-token"), ("proxy", "none")]);
    if let Some(path) = sandbox.ca_path() {
        options.set("ca_file", path.to_str()).expect("a path");
    }
    options
}

/// Sets many options.
pub fn set(options: &mut Options, values: &[(&str, &str)]) {
    for (key, value) in values {
        options.set(key, *value).expect("a good option");
    }
}

/// Options of one call.
pub fn call(values: &[(&str, &str)]) -> Options {
    let mut options = Options::new();
    set(&mut options, values);
    options
}

/// A client of the sandbox, with these options besides.
pub fn client(sandbox: &Sandbox, values: &[(&str, &str)]) -> Client {
    let mut options = options(sandbox);
    set(&mut options, values);
    Client::new(&options).expect("a client")
}
