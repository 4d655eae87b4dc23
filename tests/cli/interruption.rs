//! Ctrl-C and SIGTERM in the middle of a run.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hwm_sandbox::{Config, Sandbox};
use rustix::process::{Pid, Signal, kill_process};

use crate::{HWM, environment, folder, users};

const SOON: Duration = Duration::from_secs(20);

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    Command::new(HWM)
        .env_clear()
        .envs(environment(sandbox))
        .arg("set-status")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts")
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("the signal is sent");
}

fn slow_sandbox(latency_ms: u64) -> Sandbox {
    Sandbox::start(Config { latency_ms, ..Config::default() }).expect("a sandbox")
}

#[test]
fn a_signal_lets_what_is_in_flight_end_reports_it_and_exits_6() {
    for signal in [Signal::INT, Signal::TERM] {
        let sandbox = slow_sandbox(300);
        let accounts = users(&sandbox, 20);
        let mut arguments = vec!["disabled", "--batch-size", "5", "--concurrency", "1"];
        arguments.extend(accounts.iter().map(String::as_str));
        let child = start(&sandbox, &arguments);
        assert!(sandbox.wait_for_requests(1, SOON));
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(6), "{signal:?}");
        assert!(stdout.contains("not attempted"), "{stdout}");
        let applied = stdout.lines().filter(|line| line.starts_with("applied")).count();
        assert_eq!(applied, 5 * sandbox.request_count(), "{stdout}");
        assert!(sandbox.request_count() < 4);
    }
}

#[test]
fn a_second_signal_ends_the_wait_for_what_is_in_flight() {
    let sandbox = slow_sandbox(60_000);
    let child = start(
        &sandbox,
        &["disabled", "user0005", "--drain-ms", "60000", "--request-timeout-ms", "90000"],
    );
    assert!(sandbox.wait_for_requests(1, SOON));
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert!(String::from_utf8(output.stdout).unwrap().contains("unknown        user0005"));
}

#[test]
fn a_cancelled_run_goes_on_where_its_journal_ends() {
    let (sandbox, folder) = (slow_sandbox(200), folder());
    let journal = folder.path().join("run.jsonl");
    let accounts = users(&sandbox, 20);
    let mut arguments = vec!["disabled", "--batch-size", "5", "--concurrency", "1"];
    arguments.extend(["--journal", journal.to_str().unwrap()]);
    arguments.extend(accounts.iter().map(String::as_str));
    let child = start(&sandbox, &arguments);
    assert!(sandbox.wait_for_requests(1, SOON));
    send(&child, Signal::INT);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(6));
    let settled = sandbox.request_count();
    let dry: Vec<&str> = arguments.iter().copied().chain(["--dry-run"]).collect();
    let output = start(&sandbox, &dry).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(sandbox.request_count(), settled);
    let output = start(&sandbox, &arguments).wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert_eq!(sandbox.request_count(), 4, "{stdout}");
    assert_eq!(stdout.matches("(from the journal)").count(), settled * 5, "{stdout}");
}

#[test]
fn a_cancelled_run_says_how_to_go_on_and_what_is_lost_without_a_journal() {
    let (sandbox, folder) = (slow_sandbox(400), folder());
    let journal = folder.path().join("run.jsonl");
    for (flags, expected) in [
        (
            vec!["--journal", journal.to_str().unwrap()],
            "the same command with the same --journal goes on with the 15 accounts that are left",
        ),
        (vec![], "nothing was written down to go on from; to set all of them again does no harm"),
    ] {
        let accounts = users(&sandbox, 20);
        let mut arguments = vec!["disabled", "--batch-size", "5", "--concurrency", "1"];
        arguments.extend(flags);
        arguments.extend(accounts.iter().map(String::as_str));
        sandbox.clear_requests();
        let child = start(&sandbox, &arguments);
        assert!(sandbox.wait_for_requests(1, SOON));
        send(&child, Signal::INT);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(6));
        let stderr = String::from_utf8(output.stderr).unwrap();
        let left = 20 - 5 * sandbox.request_count();
        let expected = expected.replace("15", &left.to_string());
        assert!(stderr.lines().last().unwrap().contains(&expected), "{stderr}");
    }
}
