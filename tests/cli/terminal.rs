//! The command on a terminal, played by tmux: bar, question, Ctrl-C, resume.

use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use hwm_sandbox::{Config, Sandbox};

use crate::{HWM, environment, folder, users, write};

const SOON: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A terminal of 100 by 24 with a shell in it.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn open(folder: &Path, sandbox: &Sandbox) -> Terminal {
        let socket = folder.join("tmux").into_os_string().into_string().expect("UTF-8");
        let terminal = Terminal { socket };
        let variables: Vec<String> = environment(sandbox)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut arguments = vec!["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "24"];
        arguments.extend(["env", "-i", "TERM=screen", "PS1=ready ", "LC_ALL=C.UTF-8"]);
        arguments.extend(variables.iter().map(String::as_str));
        arguments.push("/bin/sh");
        terminal.tmux(&arguments);
        terminal.wait_for("ready");
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        let output = Command::new("tmux")
            .env("LC_ALL", "C.UTF-8")
            .args(["-S", &self.socket])
            .args(arguments)
            .output()
            .expect("tmux is installed (Debian: apt-get install tmux)");
        assert!(output.status.success(), "{output:?}");
        output
    }

    fn enter(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.tmux(&["send-keys", "Enter"]);
    }

    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Empties the screen, so that only what comes from now on is found.
    fn clear(&self) {
        self.tmux(&["send-keys", "-R", "Enter"]);
        self.wait_for("ready");
    }

    fn screen(&self) -> String {
        let output = self.tmux(&["capture-pane", "-p", "-J"]);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Looks until `text` is on the screen.
    fn wait_for(&self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(started.elapsed() < SOON, "{text:?} never came:\n{screen}");
            thread::sleep(BETWEEN_LOOKS);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-S", &self.socket, "kill-server"]).output();
    }
}

/// A list of `count` users in a file, and the command that disables them, telling its exit code.
fn command(folder: &Path, sandbox: &Sandbox, count: usize, more: &str) -> String {
    let list = write(folder, "list", users(sandbox, count).join("\n"));
    format!("{HWM} set-status disabled --file {list} {more}; echo code=$?")
}

fn slow_sandbox() -> Sandbox {
    Sandbox::start(Config { latency_ms: 400, ..Config::default() }).expect("a sandbox")
}

#[test]
fn many_accounts_are_asked_for_and_only_a_yes_goes_on() {
    let (sandbox, folder) = (slow_sandbox(), folder());
    let terminal = Terminal::open(folder.path(), &sandbox);
    terminal.enter(&command(folder.path(), &sandbox, 21, ""));
    terminal.wait_for("Set 21 accounts disabled? [y/N]");
    terminal.enter("");
    terminal.wait_for("code=6");
    assert_eq!(sandbox.request_count(), 0);
    terminal.clear();
    terminal.enter(&command(folder.path(), &sandbox, 21, ""));
    terminal.wait_for("[y/N]");
    terminal.press("C-c");
    terminal.wait_for("nothing was sent");
    assert_eq!(sandbox.request_count(), 0);
    terminal.clear();
    terminal.enter(&command(folder.path(), &sandbox, 21, ""));
    terminal.wait_for("[y/N]");
    terminal.enter("y");
    terminal.wait_for("code=0");
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn a_bar_shows_the_way_ctrl_c_stops_it_and_the_journal_goes_on() {
    let (sandbox, folder) = (slow_sandbox(), folder());
    let terminal = Terminal::open(folder.path(), &sandbox);
    let journal = folder.path().join("run.jsonl");
    let more = format!("--yes --batch-size 10 --concurrency 1 --journal {}", journal.display());
    let command = command(folder.path(), &sandbox, 60, &more);
    terminal.enter(&command);
    let screen = terminal.wait_for("10 of 60");
    assert!(screen.contains('━'), "{screen}");
    terminal.press("C-c");
    terminal.wait_for("cancelling");
    let screen = terminal.wait_for("code=6");
    assert!(!screen.contains("━"), "the bar is gone: {screen}");
    let before = sandbox.request_count();
    assert!((2..6).contains(&before), "{before}");
    terminal.clear();
    terminal.enter(&command);
    terminal.wait_for("code=0");
    assert_eq!(sandbox.request_count(), 6);
    assert!(users(&sandbox, 60).iter().all(|account| sandbox.status_of(account) == Some(1)));
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let (sandbox, folder) = (slow_sandbox(), folder());
    let terminal = Terminal::open(folder.path(), &sandbox);
    for (prefix, coloured) in [("", true), ("NO_COLOR=1 ", false)] {
        terminal.enter(&format!("{prefix}{HWM} set-status normal nobody; echo code=$?"));
        terminal.wait_for("code=1");
        let output = terminal.tmux(&["capture-pane", "-p", "-e"]);
        let screen = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(screen.contains("\x1b[31mrejected"), coloured, "{screen}");
        terminal.clear();
    }
}
