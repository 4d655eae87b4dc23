//! A call with a journal in a process of its own, which is killed at any moment or whose disk fills
//! up: nothing is lost, and nothing that was settled is sent again.
//!
//! The program is its own helper: started with [`ROLE`] it makes the call that the environment
//! describes and prints its report.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hwm::{Call, Client, ErrorKind, UserStatus};
use hwm_sandbox::{Config, LoggedRequest, Sandbox, UserSpec};
use serde_json::Value;

const ROLE: &str = "--make-the-call";
const ACCOUNTS: usize = 1200;
const BATCH: usize = 50;
const CONCURRENCY: usize = 4;
const LATENCY: Duration = Duration::from_millis(4);
/// Every so many accounts there is one that the service does not know.
const BAD_EVERY: usize = 111;
const KILLS: usize = 20;
const LONG: Duration = Duration::from_secs(60);

fn main() {
    if std::env::args().nth(1).as_deref() == Some(ROLE) {
        make_the_call();
        return;
    }
    a_killed_call_is_resumed_where_it_was();
    a_full_disk_ends_the_call_and_still_tells_everything();
}

fn accounts() -> Vec<String> {
    (0..ACCOUNTS)
        .map(|i| if is_bad(i) { format!("ghost{i:04}") } else { format!("u{i:04}") })
        .collect()
}

fn is_bad(number: usize) -> bool {
    number % BAD_EVERY == 60
}

fn make_the_call() {
    let client = Client::from_env().expect("a client");
    let result = client.set_status(UserStatus::Normal, accounts(), Call::new());
    let (failed, report) = match &result {
        Ok(report) => (None, report.to_json()),
        Err(error) => (
            Some((error.kind() == ErrorKind::Io, error.message())),
            error.report().expect("a report").to_json(),
        ),
    };
    let report: Value = serde_json::from_str(&report.expect("memory")).expect("JSON");
    println!("{}", serde_json::json!({ "failed": failed, "report": report }));
}

fn sandbox() -> Sandbox {
    let good = accounts().into_iter().filter(|account| account.starts_with('u'));
    Sandbox::start(Config {
        user_list: good.map(|account| UserSpec::new(account, 1)).collect(),
        tokens: (0..100).map(token).collect(),
        latency_ms: LATENCY.as_millis() as u64,
        ..Config::default()
    })
    .expect("the sandbox starts")
}

/// Every process has a token of its own, by which the sandbox's log tells them apart.
fn token(process: usize) -> String {
    format!("token-{process}")
}

fn sent_by(requests: &[LoggedRequest], process: usize) -> Vec<&LoggedRequest> {
    let token = token(process);
    requests.iter().filter(|r| r.header("x-access-token") == Some(&token)).collect()
}

fn journal(name: &str) -> PathBuf {
    let file = format!("kill-{}-{name}.jsonl", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    let _ = std::fs::remove_file(&path);
    path
}

fn describe(command: &mut Command, sandbox: &Sandbox, journal: &Path, process: usize) {
    command
        .env("HWM_ENDPOINT", sandbox.url())
        .env("HWM_ACCESS_TOKEN", token(process))
        .env("HWM_PROXY", "none")
        .env("HWM_JOURNAL", journal)
        .env("HWM_BATCH_SIZE", BATCH.to_string())
        .env("HWM_CONCURRENCY", CONCURRENCY.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
}

fn start(sandbox: &Sandbox, journal: &Path, process: usize) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    describe(command.arg(ROLE), sandbox, journal, process);
    command.spawn().expect("the process starts")
}

/// What the process printed, when it ended by itself.
fn printed(process: Child) -> Value {
    let output = process.wait_with_output().expect("the process ends");
    assert!(output.status.success(), "{}", output.status);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What a journal says: the accounts of every request, and which requests have which answer.
#[derive(Default)]
struct Told {
    sent: HashMap<String, Vec<String>>,
    settled: HashSet<String>,
    answered: HashSet<String>,
}

impl Told {
    fn by(journal: &Path) -> Told {
        let text = std::fs::read_to_string(journal).unwrap_or_default();
        let mut told = Told::default();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let line: Value = serde_json::from_str(line).expect("a readable line");
            let id = |name: &str| line[name].as_str().map(str::to_owned);
            if let Some(request) = id("sent") {
                let names = line["accounts"].as_array().expect("accounts");
                let names = names.iter().map(|name| name.as_str().expect("text").to_owned());
                told.sent.insert(request, names.collect());
            } else if let Some(request) = id("applied").or(id("rejected")) {
                told.settled.extend(told.sent[&request].iter().cloned());
                told.answered.insert(request);
            } else if let Some(request) = id("answered") {
                told.answered.insert(request);
            }
        }
        told
    }

    fn unanswered(&self) -> usize {
        self.sent.keys().filter(|request| !self.answered.contains(*request)).count()
    }
}

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after it was started: the journal is being created.
    AfterStart(Duration),
    /// So long after so many of its requests were decided on.
    AfterRequests(usize, Duration),
}

/// Kills the process at this moment; false when it ended before.
fn kill(process: &mut Child, moment: Moment, sandbox: &Sandbox) -> bool {
    match moment {
        Moment::AfterStart(time) => std::thread::sleep(time),
        Moment::AfterRequests(count, time) => {
            let began = Instant::now();
            while !sandbox.wait_for_requests(count, Duration::from_millis(50)) {
                assert!(began.elapsed() < LONG, "{count} requests did not come");
                if process.try_wait().expect("its state").is_some() {
                    return false;
                }
            }
            std::thread::sleep(time);
        }
    }
    let alive = process.try_wait().expect("its state").is_none();
    process.kill().expect("the process is killed");
    process.wait().expect("the process is gone");
    alive
}

fn a_killed_call_is_resumed_where_it_was() {
    let whole = requests_of_a_whole_call();
    let first_pass = ACCOUNTS / BATCH;
    let mut random = fastrand::Rng::with_seed(20);
    let (mut kills, mut at_creation, mut in_isolation, mut round) = (0, 0, 0, 0);
    while kills < KILLS {
        let sandbox = sandbox();
        let journal = journal(&round.to_string());
        let mut settled = HashSet::new();
        let mut process = 0;
        for _ in 0..random.usize(1..=3) {
            let within = Duration::from_micros(random.u64(0..2 * LATENCY.as_micros() as u64));
            let already = sandbox.request_count();
            let moment = match (round + process) % 4 {
                0 => Moment::AfterStart(within),
                1 => Moment::AfterRequests(already + random.usize(1..first_pass), within),
                _ => Moment::AfterRequests(already.max(first_pass) + random.usize(1..20), within),
            };
            let mut running = start(&sandbox, &journal, process);
            if !kill(&mut running, moment, &sandbox) {
                break;
            }
            let told = Told::by(&journal);
            assert!(told.unanswered() <= CONCURRENCY * (process + 1), "{moment:?}");
            kills += 1;
            at_creation += usize::from(sandbox.request_count() == already);
            in_isolation += usize::from(told.sent.len() > first_pass);
            check_sent_again(&sandbox, process, &settled);
            settled = told.settled;
            process += 1;
        }
        let printed = printed(start(&sandbox, &journal, process));
        check_sent_again(&sandbox, process, &settled);
        check_report(&printed, &sandbox);
        let _ = std::fs::remove_file(&journal);
        round += 1;
    }
    println!(
        "a_killed_call_is_resumed_where_it_was: {kills} kills in {round} rounds, {at_creation} before \
         the first request, {in_isolation} in isolation; a whole call takes {whole} requests: ok"
    );
    assert!(at_creation > 0 && in_isolation > 0, "{at_creation} {in_isolation}");
}

fn requests_of_a_whole_call() -> usize {
    let sandbox = sandbox();
    let journal = journal("whole");
    check_report(&printed(start(&sandbox, &journal, 0)), &sandbox);
    let _ = std::fs::remove_file(&journal);
    sandbox.request_count()
}

/// What `process` sent was not settled when it started, and of what the service had decided for the
/// processes before, it repeats no more than each of them had under way.
fn check_sent_again(sandbox: &Sandbox, process: usize, settled: &HashSet<String>) {
    let requests = sandbox.requests();
    let sent: HashSet<_> =
        sent_by(&requests, process).into_iter().flat_map(|request| &request.accounts).collect();
    for account in &sent {
        assert!(!settled.contains(*account), "{account} was settled and is sent again");
    }
    let Some(before) = process.checked_sub(1) else { return };
    let decided = |request: &LoggedRequest| {
        request.status == 200 || (request.status == 400 && request.accounts.len() == 1)
    };
    let again: Vec<_> = sent_by(&requests, before)
        .into_iter()
        .filter(|request| decided(request))
        .filter(|request| request.accounts.iter().any(|account| sent.contains(account)))
        .collect();
    let accounts: usize = again.iter().map(|request| request.accounts.len()).sum();
    assert!(again.len() <= CONCURRENCY, "{} requests are sent again", again.len());
    assert!(accounts <= CONCURRENCY * BATCH, "{accounts} accounts are sent again");
}

fn check_report(printed: &Value, sandbox: &Sandbox) {
    assert!(printed["failed"].is_null(), "{}", printed["failed"]);
    let entries = printed["report"]["accounts"].as_array().expect("entries");
    assert_eq!(entries.len(), ACCOUNTS);
    for (number, (entry, account)) in entries.iter().zip(accounts()).enumerate() {
        assert_eq!(entry["account"], account);
        let expected = if is_bad(number) { "rejected" } else { "applied" };
        assert_eq!(entry["outcome"], expected, "{entry}");
        assert_eq!(sandbox.status_of(&account), (!is_bad(number)).then_some(0), "{account}");
    }
}

fn a_full_disk_ends_the_call_and_still_tells_everything() {
    let sandbox = sandbox();
    let journal = journal("full");
    let mut command = Command::new("sh");
    command
        .arg("-c")
        // A write beyond the limit would end the process by a signal.
        .arg(r#"ulimit -f 8 && exec "$0" "$1""#)
        .arg(std::env::current_exe().expect("this program"))
        .arg(ROLE);
    describe(&mut command, &sandbox, &journal, 0);
    let printed = printed(command.spawn().expect("the process starts"));
    assert_eq!(printed["failed"][0], true, "the error is Io: {}", printed["failed"]);
    let message = printed["failed"][1].as_str().expect("a message");
    assert!(message.contains("cannot be written"), "{message}");
    let entries = printed["report"]["accounts"].as_array().expect("entries");
    assert_eq!(entries.len(), ACCOUNTS);
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let requests = sandbox.requests();
    for request in &requests {
        let id = request.header("x-request-id").expect("a request id");
        assert!(text.contains(&format!("\"sent\":\"{id}\"")), "{id} went out unwritten");
    }
    let applied = requests.iter().filter(|r| r.status == 200).flat_map(|r| &r.accounts).count();
    let told = entries.iter().filter(|entry| entry["outcome"] == "applied").count();
    assert_eq!(told, applied);
    assert!(requests.len() < ACCOUNTS / BATCH && told > 0, "{} requests", requests.len());
    let resumed = self::printed(start(&sandbox, &journal, 1));
    check_report(&resumed, &sandbox);
    let _ = std::fs::remove_file(&journal);
    println!(
        "a_full_disk_ends_the_call_and_still_tells_everything: {} requests before it: ok",
        requests.len()
    );
}
