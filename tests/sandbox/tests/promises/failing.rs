//! What a failing test prints of its sandbox.

use std::process::Command;

use hwm_sandbox::{Config, Sandbox};

use crate::wire::{Request, send};

/// Set in the process in which the test fails on purpose.
const FAILS: &str = "SANDBOX_TEST_FAILS";

#[test]
fn a_failing_test_prints_seed_and_requests_and_no_token() {
    const NAME: &str = "failing::a_failing_test_prints_seed_and_requests_and_no_token";
    let config = Config { seed: 4711, tokens: vec!["very-secret".into()], ..Config::default() };
    let accounts = ["user0001", "user0002", "user0003", "user0005", "user0006", "user0007"];
    let request = Request::set_status(1, &accounts);
    let request = request.instead("X-Access-Token", Some("very-secret"));
    if std::env::var_os(FAILS).is_some() {
        let sandbox = Sandbox::start(config).unwrap();
        assert_eq!(send(&sandbox.url(), &request).status, 0, "on purpose");
    }
    let failing = Command::new(std::env::current_exe().unwrap())
        .args([NAME, "--exact"])
        .env(FAILS, "yes")
        .output()
        .unwrap();
    assert!(!failing.status.success());
    let told = String::from_utf8(failing.stdout).unwrap();
    for expected in [
        "sandbox of seed 4711\nrequests: 1\n",
        "    1 PUT ",
        "/status/1 -> 200 (id ",
        "\"user0001\" \"user0002\"",
        "\"user0006\" and 1 more",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains("very-secret"), "{told}");
}
