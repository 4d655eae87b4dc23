//! The sandbox in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::wire::{Request, send};

struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    ready: Value,
}

impl Process {
    fn start(arguments: &[&str]) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hwm-sandbox"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        Process {
            stdin: child.stdin.take(),
            child,
            ready: serde_json::from_str(&line).expect(&line),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.ready[field].as_str().expect(field)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn one_json_line_tells_all_that_a_client_needs() {
    let process = Process::start(&["--users", "20", "--seed", "7", "--token", "my-token"]);
    let request = Request::set_status(1, &["user0001"])
        .instead("X-Access-Token", Some(process.text("token")));
    assert_eq!(send(process.text("url"), &request).status, 200);
    let users = send(process.text("control"), &Request::new("GET", "/users")).json();
    assert_eq!(users.as_array().map(Vec::len), Some(20));
    assert_eq!(users[0]["status"], 1);
}

#[test]
fn it_stops_when_its_input_closes_and_leaves_no_file() {
    let mut process = Process::start(&["--tls"]);
    let ca = process.text("ca_file").to_owned();
    assert!(std::path::Path::new(&ca).exists());
    drop(process.stdin.take());
    assert!(process.child.wait().expect("it ends").success());
    assert!(!std::path::Path::new(&ca).exists());
}

#[test]
fn it_stops_when_it_is_asked_to_by_a_signal() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut process = Process::start(&[]);
        kill_process(Pid::from_child(&process.child), signal).expect("the signal is sent");
        assert!(process.child.wait().expect("it ends").success(), "{signal:?}");
    }
}

#[test]
fn options_change_the_configuration_they_stand_beside() {
    let config =
        r#"{"users": 5, "batch_limit": 1, "faults": [{"when": "All", "what": "Error500"}]}"#;
    let process = Process::start(&["--config", config, "--users", "6", "--quota", "1/60"]);
    let config = send(process.text("control"), &Request::new("GET", "/config")).json();
    assert_eq!((&config["users"], &config["batch_limit"]), (&6.into(), &1.into()));
    assert_eq!(config["quota"]["window_ms"], 60_000);
    let request = Request::set_status(1, &["user0001"]);
    assert_eq!(send(process.text("url"), &request).status, 500);
    assert_eq!(send(process.text("url"), &request).status, 429);
}

#[test]
fn a_wrong_configuration_is_an_error_that_names_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_hwm-sandbox"))
        .args(["--config", r#"{"userz": 5}"#])
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("userz"));
}
