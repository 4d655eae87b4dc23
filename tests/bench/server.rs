//! A sandbox in a process of its own, so that a bench does not share its processor time or memory
//! with it: the bench's own program, started once more.
#![allow(dead_code, unreachable_pub)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use hwm_sandbox::{Config, Sandbox};

/// The only argument of the program when it is to be the sandbox.
const ROLE: &str = "--be-the-sandbox";

/// A running sandbox; it ends when this is dropped.
pub struct Server {
    pub url: String,
    process: Child,
    input: Option<ChildStdin>,
}

/// Is the sandbox, if this process was started to be it; to be called first thing.
pub fn serve_if_asked() {
    if std::env::args().nth(1).as_deref() != Some(ROLE) {
        return;
    }
    let mut input = BufReader::new(std::io::stdin());
    let mut line = String::new();
    input.read_line(&mut line).expect("a configuration");
    let config: Config = serde_json::from_str(&line).expect("a good configuration");
    let sandbox = Sandbox::start(config).expect("the sandbox starts");
    println!("{}", sandbox.url());
    let _ = input.read_to_end(&mut Vec::new());
    drop(sandbox);
    std::process::exit(0);
}

impl Server {
    pub fn start(config: &Config) -> Server {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox's process starts");
        let mut input = process.stdin.take().expect("its input");
        let config = serde_json::to_string(config).expect("a configuration as JSON");
        writeln!(input, "{config}").expect("the configuration is sent");
        let mut url = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut url).expect("where it listens");
        Server { url: url.trim().to_owned(), process, input: Some(input) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// A file of the build folder, which is on a real disk.
pub fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The `number`-th account.
pub fn account(number: usize) -> String {
    format!("u{number:07}")
}

/// Writes a CSV file of `count` disabled users and returns a configuration with them.
pub fn with_users(count: usize) -> Config {
    let path = scratch(&format!("users-{count}.csv"));
    let mut csv = String::from("account,status\n");
    for number in 0..count {
        csv.push_str(&account(number));
        csv.push_str(",1\n");
    }
    std::fs::write(&path, csv).expect("the users are written");
    Config { users_csv: Some(path), log_bodies: false, ..Config::default() }
}
