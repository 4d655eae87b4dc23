//! Exit codes that scripts can tell apart.

use std::net::TcpListener;

use hwm_sandbox::{Config, Sandbox};

use crate::{run, sandbox, set_status};

#[test]
fn all_applied_is_0_and_the_statuses_are_set() {
    let sandbox = sandbox();
    let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "user0006"]));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.status_of("user0005"), Some(1));
    assert_eq!(sandbox.status_of("user0006"), Some(1));
}

#[test]
fn some_not_applied_is_1() {
    let sandbox = sandbox();
    let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "nobody"]));
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(sandbox.status_of("user0005"), Some(1));
}

#[test]
fn wrong_usage_is_2_and_nothing_is_sent() {
    let sandbox = sandbox();
    for (arguments, expected) in [
        (vec!["sleepy", "user0005"], "a status is normal (or enable"),
        (vec!["disabled"], "ACCOUNTS"),
        (vec!["disabled", "a", "--batch-size", "0"], "a whole number from 1 to 1000"),
        (vec!["disabled", "a", "--colour", "red"], "--colour"),
        (vec!["disabled", "a", "--endpoint", "http://10.0.0.1"], "allow_http"),
        (vec!["disabled", "a", "--column", "x"], "--file"),
        (vec!["disabled", "a\tb"], "control character"),
        (vec!["disabled", "a", ""], "argument 2 of the accounts is empty"),
    ] {
        let run = run(&mut set_status(&sandbox, &arguments));
        assert_eq!(run.code, 2, "{arguments:?} {run:?}");
        assert!(run.stderr.contains(expected), "{arguments:?} {run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn credentials_that_are_missing_or_refused_are_3() {
    let sandbox = sandbox();
    let none = run(set_status(&sandbox, &["normal", "user0005"]).env_remove("HWM_ACCESS_TOKEN"));
    assert_eq!(none.code, 3, "{none:?}");
    assert!(none.stderr.contains("HWM_APP_ID"), "{none:?}");
    let wrong = run(set_status(&sandbox, &["normal", "user0005"]).env("HWM_ACCESS_TOKEN", "stale"));
    assert_eq!(wrong.code, 3, "{wrong:?}");
    assert!(!wrong.stderr.contains("stale"), "{wrong:?}");
}

#[test]
fn no_permission_is_4() {
    let config = Config { forbidden_tokens: vec!["powerless".into()], ..Config::default() };
    let sandbox = Sandbox::start(config).unwrap();
    let run =
        run(set_status(&sandbox, &["normal", "user0005"]).env("HWM_ACCESS_TOKEN", "powerless"));
    assert_eq!(run.code, 4, "{run:?}");
}

#[test]
fn a_service_that_is_not_there_is_5() {
    let sandbox = sandbox();
    // Bound, but nothing listens behind it any more: connections are refused.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let run = run(&mut set_status(
        &sandbox,
        &["normal", "user0005", "--endpoint", &url, "--attempts", "2"],
    ));
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stdout.contains("not_attempted  user0005"), "{run:?}");
}

#[test]
fn a_journal_that_cannot_be_written_is_7() {
    let sandbox = sandbox();
    let run = run(&mut set_status(
        &sandbox,
        &["normal", "user0005", "--journal", "/nonexistent/folder/run.jsonl"],
    ));
    assert_eq!(run.code, 7, "{run:?}");
    assert_eq!(sandbox.request_count(), 0);
}
