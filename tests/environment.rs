//! Options and proxies from the environment: read when asked for, and never over what is set.
//!
//! Each case runs this test's program again with an environment of its own.

mod raw;
mod scene;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use hwm::{Call, Client, Options, UserStatus};
use hwm_sandbox::Config;
use raw::{RawServer, answer, serve_bytes};

const CASE: &str = "HWM_TEST_CASE";

/// Runs `test` of this program as `case` with these variables; it must pass.
fn again(test: &str, case: &str, variables: &[(&str, &str)]) {
    run(&std::env::current_exe().unwrap(), test, case, variables);
}

/// What the library reads, and this machine may have set.
const READ: [&str; 11] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "REQUEST_METHOD",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

fn run(program: &Path, test: &str, case: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(program);
    for name in READ {
        command.env_remove(name);
    }
    let output = command
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

/// A server by an address of this machine that is not one of loopback.
fn elsewhere(server: &RawServer) -> String {
    server.url().replace("127.0.0.1", "0.0.0.0")
}

/// A server, or a proxy, that says yes to everything.
fn yes() -> RawServer {
    serve_bytes(answer(200, "X-Request-Id: {id}\r\n", b""), false)
}

fn client_of(endpoint: &str) -> Client {
    let mut options = Options::new();
    scene::set(&mut options, &[("endpoint", endpoint), ("allow_http", "true")]);
    scene::set(&mut options, &[("access_token", "t"), ("attempts", "1")]);
    if case().as_deref() == Some("none") {
        options.set("proxy", "none").unwrap();
    }
    Client::new(&options).unwrap()
}

#[test]
fn the_environments_proxy_is_used_unless_no_proxy_or_none_says_otherwise() {
    const NAME: &str = "the_environments_proxy_is_used_unless_no_proxy_or_none_says_otherwise";
    let service = yes();
    let Some(case) = case() else {
        for (http, no) in [("HTTP_PROXY", "NO_PROXY"), ("http_proxy", "no_proxy")] {
            let proxy = yes();
            let gone_through = |case, variables: &[(&str, &str)]| {
                let before = proxy.heard().len();
                again(NAME, case, &[&[(http, &*proxy.url())], variables].concat());
                proxy.heard().len() - before
            };
            assert_eq!(gone_through("elsewhere", &[]), 1);
            assert_eq!(gone_through("elsewhere", &[(no, "0.0.0.0")]), 0);
            assert_eq!(gone_through("elsewhere", &[("REQUEST_METHOD", "GET")]), 0, "a CGI program");
            assert_eq!(gone_through("none", &[]), 0);
            assert_eq!(gone_through("loopback", &[]), 0, "loopback goes direct");
            assert_eq!(gone_through("localhost", &[]), 0, "loopback goes direct");
        }
        let proxy = yes();
        again(NAME, "elsewhere", &[("ALL_PROXY", &proxy.url())]);
        assert_eq!(proxy.heard().len(), 1);
        return;
    };
    let endpoint = match &*case {
        "loopback" => service.url(),
        "localhost" => service.url().replace("127.0.0.1", "localhost"),
        _ => elsewhere(&service),
    };
    let call = client_of(&endpoint).set_status(UserStatus::Normal, ["a"], Call::new());
    assert!(call.unwrap().all_applied());
}

#[test]
fn a_set_user_id_program_takes_neither_proxies_nor_roots_nor_options_from_the_environment() {
    const NAME: &str =
        "a_set_user_id_program_takes_neither_proxies_nor_roots_nor_options_from_the_environment";
    let Some(case) = case() else {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let private = scene::start(Config { tls: true, ..scene::disabled_users(1) });
        let root = folder.path().join("root.pem");
        std::fs::copy(private.ca_path().unwrap(), &root).unwrap();
        std::fs::set_permissions(&root, PermissionsExt::from_mode(0o644)).unwrap();
        let (proxy, service) = (yes(), yes());
        let variables = [
            ("HTTP_PROXY", proxy.url()),
            ("https_proxy", proxy.url()),
            ("SSL_CERT_FILE", root.to_str().unwrap().to_owned()),
            ("HWM_BATCH_SIZE", "7".to_owned()),
            ("TEST_SERVICE", elsewhere(&service)),
            ("TEST_PRIVATE", private.url()),
        ];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        again(NAME, "as usual", &variables);
        assert_eq!((proxy.heard().len(), service.heard().len()), (1, 0));
        assert_eq!(private.request_count(), 1);
        let Some(program) = set_user_id(folder.path(), NAME) else {
            eprintln!("not tried: not root, or where the program is built such files are ignored");
            return;
        };
        run(&program, NAME, "set-user-ID", &variables);
        assert_eq!((proxy.heard().len(), service.heard().len()), (1, 1));
        assert_eq!(private.request_count(), 1, "the caller's root is not trusted");
        return;
    };
    if case == "asked who" {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let ids = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap();
        let ids: Vec<_> = ids.split_whitespace().take(2).collect();
        assert_ne!(ids[0], ids[1], "the caller's user and the program's");
        return;
    }
    let usual = case == "as usual";
    let variable = |name| std::env::var(name).unwrap();
    assert_eq!(Options::from_env().unwrap().is_set("batch_size"), usual);
    let set = |client: &Client| client.set_status(UserStatus::Normal, ["u0000"], Call::new());
    assert!(set(&client_of(&variable("TEST_SERVICE"))).unwrap().all_applied());
    let mut options = Options::new();
    scene::set(&mut options, &[("endpoint", &variable("TEST_PRIVATE")), ("attempts", "1")]);
    options.set("access_token", "sandbox-token").unwrap();
    // Where the platform has no roots either, there is no client.
    let trusting = Client::new(&options).and_then(|client| set(&client));
    assert_eq!(trusting.is_ok(), usual, "{trusting:?}");
}

/// This program, as one that runs as another user than its caller; `None` where that cannot be.
fn set_user_id(folder: &Path, test: &str) -> Option<PathBuf> {
    const ANOTHER: u32 = 65534;
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    let program = folder.join("set-user-id");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::os::unix::fs::chown(&program, Some(ANOTHER), None).ok()?;
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o4755)).unwrap();
    // A file system may be mounted so that it does not count.
    let asked = Command::new(&program).args([test, "--exact"]).env(CASE, "asked who").output();
    asked.is_ok_and(|asked| asked.status.success()).then_some(program)
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
