//! Options and proxies from the environment: read when asked for, and never over what is set.
//!
//! Each case runs this test's program again with an environment of its own.

mod scene;

use std::process::Command;

use hwm::{Call, Client, Options, UserStatus};
use hwm_sandbox::Config;

const CASE: &str = "HWM_TEST_CASE";

/// Runs `test` of this program as `case` with these variables; it must pass.
fn again(test: &str, case: &str, variables: &[(&str, &str)]) {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program)
        .args([test, "--exact", "--nocapture"])
        .env(CASE, case)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn case() -> Option<String> {
    std::env::var(CASE).ok()
}

#[test]
fn the_environment_is_read_only_when_asked_for_and_loses_to_what_is_set() {
    match case().as_deref() {
        None => again(
            "the_environment_is_read_only_when_asked_for_and_loses_to_what_is_set",
            "inside",
            &[
                ("HWM_BATCH_SIZE", "7"),
                ("HWM_CONCURRENCY", "2"),
                ("HWM_LANGUAGE", ""),
                ("HWM_ALLOW_HTTP", "true"),
                ("HWM_CA_FILE", "/etc/passwd"),
            ],
        ),
        Some(_) => {
            assert_eq!(Options::new().get("batch_size"), None);
            let mut options = Options::new();
            options.set("concurrency", "9").unwrap();
            options.fill_from_env().unwrap();
            assert_eq!(options.get("batch_size"), Some("7"));
            assert_eq!(options.get("concurrency"), Some("9"));
            assert_eq!(options.get("language"), None, "empty counts as unset");
            assert_eq!(options.get("allow_http"), None, "not from the environment");
            assert_eq!(options.get("ca_file"), None, "not from the environment");
        }
    }
}

#[test]
fn a_bad_value_in_the_environment_is_named_by_its_variable() {
    match case().as_deref() {
        None => again(
            "a_bad_value_in_the_environment_is_named_by_its_variable",
            "inside",
            &[("HWM_BATCH_SIZE", "many")],
        ),
        Some(_) => {
            let error = Options::from_env().unwrap_err();
            assert!(error.message().contains("HWM_BATCH_SIZE") && error.message().contains("many"));
        }
    }
}

#[test]
fn the_environments_proxy_is_used_unless_no_proxy_or_none_says_otherwise() {
    const NAME: &str = "the_environments_proxy_is_used_unless_no_proxy_or_none_says_otherwise";
    let Some(case) = case() else {
        // Nothing listens there: a request that goes through the proxy fails.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let gone = format!("http://127.0.0.1:{port}");
        for (http, no) in [("HTTP_PROXY", "NO_PROXY"), ("http_proxy", "no_proxy")] {
            again(NAME, "through", &[(http, &gone)]);
            again(NAME, "past", &[(http, &gone), (no, "127.0.0.1")]);
            again(NAME, "none", &[(http, &gone)]);
        }
        return;
    };
    let sandbox = scene::start(scene::disabled_users(1));
    let mut options = scene::options(&sandbox);
    options.set("attempts", "1").unwrap();
    if case != "none" {
        options.set("proxy", None).unwrap();
    }
    let client = Client::new(&options).unwrap();
    let result = client.set_status(UserStatus::Normal, ["u0000"], Call::new());
    assert_eq!(result.is_ok(), case != "through", "{result:?}");
}

#[test]
fn a_machine_without_roots_says_so_and_still_serves_loopback_http() {
    const NAME: &str = "a_machine_without_roots_says_so_and_still_serves_loopback_http";
    let Some(_) = case() else {
        let empty = tempfile::tempdir().unwrap();
        let none = empty.path().join("none.pem");
        std::fs::write(&none, "").unwrap();
        let (file, folder) = (none.to_str().unwrap(), empty.path().to_str().unwrap());
        again(NAME, "inside", &[("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)]);
        return;
    };
    let mut options = Options::new();
    scene::set(&mut options, &[("access_token", "t"), ("proxy", "none")]);
    let error = Client::new(&options).unwrap_err();
    assert!(error.message().contains("no trusted root certificates"), "{error}");
    assert!(error.message().contains("ca_file"));
    let sandbox = scene::start(scene::disabled_users(1));
    assert!(
        scene::client(&sandbox, &[])
            .set_status(UserStatus::Normal, ["u0000"], Call::new())
            .unwrap()
            .all_applied()
    );
    let private = scene::start(Config { tls: true, ..scene::disabled_users(1) });
    assert!(
        scene::client(&private, &[])
            .set_status(UserStatus::Normal, ["u0000"], Call::new())
            .unwrap()
            .all_applied(),
        "ca_file suffices"
    );
}
