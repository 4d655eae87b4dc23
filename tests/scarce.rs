//! A host that is short of memory or of descriptors gets an error, or a call that works; never an
//! abort, a panic or a call that does not come back.
//!
//! The program is its own helper: started with [`ROLE`] it makes a client and a call.

use std::io::Write;
use std::process::{Command, Output};

use hwm::{Call, Client, UserStatus};
use hwm_sandbox::{Config, Sandbox, UserSpec};

const ROLE: &str = "--make-the-call";
/// As [`ROLE`], with a list that has no end and does not tell its length.
const ENDLESS: &str = "--make-a-call-without-end";
/// What the helper prints before it does anything with the library.
const READY: &str = "ready";
const DONE: &str = "done";
const ACCOUNTS: usize = 200;

fn main() {
    let role = std::env::args().nth(1);
    if role.as_deref() == Some(ROLE) {
        make_the_call(accounts().collect::<Vec<_>>());
    } else if role.as_deref() == Some(ENDLESS) {
        make_the_call((0..).map(|number| format!("u{number}")).filter(|_| true));
    } else if cfg!(target_os = "linux") {
        a_host_short_of_it_gets_an_error("v", (2048..).step_by(96));
        a_host_short_of_it_gets_an_error("d", (256..).step_by(96));
        a_host_short_of_it_gets_an_error("n", 3..);
        a_list_that_outgrows_the_memory_is_an_error();
    }
}

fn accounts() -> impl Iterator<Item = String> {
    (0..ACCOUNTS).map(|number| format!("u{number:04}"))
}

fn make_the_call(list: impl IntoIterator<Item = String>) {
    println!("{READY}");
    let result = Client::from_env()
        .and_then(|client| client.set_status(UserStatus::Normal, list, Call::new()));
    let told = match result {
        Ok(_) => DONE,
        Err(error) => error.kind().name(),
    };
    let _ = std::io::stdout().write_all(told.as_bytes());
}

/// Runs the helper under `ulimit -LIMIT` with each value, until it works five times in a row.
fn a_host_short_of_it_gets_an_error(limit: &str, values: impl Iterator<Item = u32>) {
    let users = accounts().map(|account| UserSpec::new(account, 1));
    let config = Config { user_list: users.collect(), ..Config::default() };
    let sandbox = Sandbox::start(config).expect("a sandbox");
    let (mut errors, mut worked) = (0, 0);
    for value in values {
        let output = helper(&sandbox, ROLE, limit, value);
        let told = String::from_utf8_lossy(&output.stdout);
        if !told.contains(READY) {
            continue;
        }
        assert!(output.status.success(), "ulimit -{limit} {value}: {output:?}");
        errors += u32::from(!told.contains(DONE));
        worked = if told.contains(DONE) { worked + 1 } else { 0 };
        if worked == 5 {
            break;
        }
    }
    assert!(errors > 0, "ulimit -{limit} was never scarce");
    println!("a_host_short_of_it_gets_an_error: ulimit -{limit}, {errors} errors: ok");
}

fn a_list_that_outgrows_the_memory_is_an_error() {
    let sandbox = Sandbox::start(Config::default()).expect("a sandbox");
    // Different parts of the list are the first that find no room.
    for megabytes in [56, 64, 72, 80] {
        let output = helper(&sandbox, ENDLESS, "v", megabytes << 10);
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{megabytes} MiB: {output:?}");
        assert!(told.ends_with("no_memory"), "{megabytes} MiB: {told}");
    }
    assert_eq!(sandbox.request_count(), 0);
    println!("a_list_that_outgrows_the_memory_is_an_error: ok");
}

fn helper(sandbox: &Sandbox, role: &str, limit: &str, value: u32) -> Output {
    let script = format!(r#"ulimit -{limit} {value} && exec "$0" {role}"#);
    let program = std::env::current_exe().expect("this program");
    Command::new("sh")
        .args(["-c", &script])
        .arg(program)
        .env("HWM_ENDPOINT", sandbox.url())
        .env("HWM_ACCESS_TOKEN", "sandbox-token")
        .env("HWM_PROXY", "none")
        .env("HWM_ATTEMPTS", "1")
        .output()
        .expect("sh")
}
