//! The promises of the command `hwm`, kept over the sandbox.

#![allow(clippy::disallowed_methods, reason = "a test reads its own environment")]

mod accounts;
mod confirmation;
mod doctor;
mod example;
mod exit_codes;
mod interruption;
mod log;
mod manual;
mod memory;
mod report;
mod report_file;
mod settings;
mod terminal;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use hwm_sandbox::{Config, Sandbox};

/// The built command.
pub(crate) const HWM: &str = env!("CARGO_BIN_EXE_hwm");

/// A sandbox with 300 users, of whom every eighth has a name outside ASCII.
pub(crate) fn sandbox() -> Sandbox {
    Sandbox::start(Config::default()).expect("a sandbox")
}

/// The environment of a run: nothing of the tester's own, and the sandbox to talk to.
pub(crate) fn environment(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    vec![
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", "/nonexistent".into()),
        ("HWM_ENDPOINT", sandbox.url()),
        ("HWM_ACCESS_TOKEN", "sandbox-token".into()),
        ("HWM_PROXY", "none".into()),
        ("HWM_RETRY_BASE_MS", "1".into()),
    ]
}

/// `hwm set-status` against `sandbox`, arguments to follow.
pub(crate) fn set_status(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = Command::new(HWM);
    command.env_clear().envs(environment(sandbox)).arg("set-status").args(arguments);
    command
}

/// What the command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs to the end. Whatever a test is about, nothing that it prints holds a secret.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the command runs");
    let run = Run {
        code: output.status.code().expect("no signal ended it"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    };
    let Config { app_key, .. } = Config::default();
    for secret in ["sandbox-token", "Sandbox-1", &app_key] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
    }
    run
}

/// A folder that goes away with its value.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Writes `bytes` to `folder/name` and returns the path as text.
pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a written file");
    path.into_os_string().into_string().expect("UTF-8")
}

/// `user0009`, `user0010`, … : so many accounts that exist.
pub(crate) fn users(sandbox: &Sandbox, count: usize) -> Vec<String> {
    sandbox.users().into_iter().skip(2).take(count).map(|user| user.account).collect()
}

/// Gives a file or folder these permissions.
pub(crate) fn restrict(path: &str, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}
