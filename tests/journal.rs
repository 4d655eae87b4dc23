//! The journal: what it resumes, and when it refuses to.

mod scene;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hwm::{Call, Cancel, Client, Error, ErrorKind, Outcome, Report, UserStatus};
use hwm_sandbox::{Config, Fault, Sandbox, What, When};
use serde_json::{Value, json};

/// A journal's path in the build folder; nothing is there yet.
fn path(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-{name}.jsonl"));
    let _ = fs::remove_file(&path);
    path
}

fn set(client: &Client, path: &Path, accounts: &[String]) -> Result<Report, Error> {
    let overrides = scene::call(&[("journal", path.to_str().expect("a path"))]);
    client.set_status(UserStatus::Normal, accounts, Call::new().overrides(&overrides))
}

/// As `set`, and what a finished run told in the last hour is believed.
fn set_believing(client: &Client, path: &Path, accounts: &[String]) -> Result<Report, Error> {
    let values = [("journal", path.to_str().expect("a path")), ("journal_max_age_h", "1")];
    let overrides = scene::call(&values);
    client.set_status(UserStatus::Normal, accounts, Call::new().overrides(&overrides))
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the journal");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn write(path: &Path, lines: &[Value]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path, text).expect("the journal is written");
}

fn started(users: usize) -> (Sandbox, Client) {
    let sandbox = scene::start(scene::disabled_users(users));
    let client = scene::client(&sandbox, &[("batch_size", "10")]);
    (sandbox, client)
}

#[test]
fn what_is_settled_is_not_sent_again_and_keeps_its_answer() {
    let (sandbox, client) = started(30);
    let path = path("settled");
    let mut list = scene::accounts(30);
    list.insert(7, "ghost".into());
    let first = set(&client, &path, &list[..20]).unwrap();
    sandbox.clear_requests();
    let second = set_believing(&client, &path, &list).unwrap();
    let mut sent: Vec<_> = sandbox.requests().into_iter().flat_map(|r| r.accounts).collect();
    sent.sort_unstable();
    assert_eq!(sent, list[20..]);
    for i in 0..20 {
        let (before, now) = (first.get(i).unwrap(), second.get(i).unwrap());
        assert!(now.from_journal && !before.from_journal);
        assert_eq!(
            (now.outcome, now.service_code, now.message, now.request_id, now.time_ms, now.isolated),
            (
                before.outcome,
                before.service_code,
                before.message,
                before.request_id,
                before.time_ms,
                before.isolated,
            )
        );
    }
    assert_eq!(second.get(7).unwrap().outcome, Outcome::Rejected);
    assert!((20..31).all(|i| !second.get(i).unwrap().from_journal));
}

#[test]
fn what_is_no_longer_listed_is_kept() {
    let (sandbox, client) = started(4);
    let path = path("unlisted");
    let list = scene::accounts(4);
    set(&client, &path, &list[..2]).unwrap();
    set_believing(&client, &path, &list[2..]).unwrap();
    sandbox.clear_requests();
    let report = set_believing(&client, &path, &list).unwrap();
    assert!(report.all_applied() && report.iter().all(|entry| entry.from_journal));
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_request_without_an_answer_starts_as_ambiguous_and_is_sent_again() {
    let (sandbox, client) = started(10);
    let path = path("unanswered");
    let list = scene::accounts(10);
    set(&client, &path, &list).unwrap();
    let sent: Vec<_> =
        lines(&path).into_iter().filter(|l| l["applied"].is_null() && l["end"].is_null()).collect();
    write(&path, &sent);
    let cancel = Cancel::new();
    cancel.trigger();
    let overrides = scene::call(&[("journal", path.to_str().unwrap())]);
    let call = Call::new().overrides(&overrides).cancel(&cancel);
    let error = client.set_status(UserStatus::Normal, &list, call).unwrap_err();
    assert_eq!(error.report().unwrap().count(Outcome::Unknown), 10);
    sandbox.clear_requests();
    assert!(set(&client, &path, &list).unwrap().all_applied());
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn a_torn_last_line_is_cut_off() {
    let (sandbox, client) = started(20);
    let path = path("torn");
    let list = scene::accounts(20);
    set(&client, &path, &list[..10]).unwrap();
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str(r#"{"sent":"0123","accounts":["u0000","u00"#);
    fs::write(&path, text).unwrap();
    sandbox.clear_requests();
    assert!(set_believing(&client, &path, &list).unwrap().all_applied());
    assert_eq!(sandbox.request_count(), 1);
    assert!(lines(&path).iter().all(|line| line["sent"] != "0123"));
}

#[test]
fn an_unreadable_line_in_the_middle_is_named_and_nothing_is_sent() {
    let (sandbox, client) = started(10);
    let path = path("unreadable");
    let list = scene::accounts(10);
    set(&client, &path, &list).unwrap();
    for junk in ["{\"sent\":", "[1]", "", "\u{0}\u{0}"] {
        let good = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<_> = good.lines().collect();
        lines.insert(2, junk);
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        sandbox.clear_requests();
        let error = set(&client, &path, &list).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("line 3"), "{error}");
        assert_eq!(sandbox.request_count(), 0);
        fs::write(&path, good).unwrap();
    }
}

#[test]
fn a_journal_of_something_else_is_refused_by_the_field_that_differs() {
    let (sandbox, client) = started(10);
    let path = path("header");
    let list = scene::accounts(10);
    set(&client, &path, &list).unwrap();
    let good = lines(&path);
    for field in ["operation", "status", "account_type", "endpoints", "tenant", "hwm_journal"] {
        let mut other = good.clone();
        other[0][field] = json!("something else");
        write(&path, &other);
        sandbox.clear_requests();
        let error = set(&client, &path, &list).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption, "{field}");
        let named = if field == "hwm_journal" { "version" } else { field };
        assert!(error.message().contains(named), "{field}: {error}");
        assert_eq!(sandbox.request_count(), 0);
    }
}

/// Makes all that a journal says so many hours older.
fn age(path: &Path, hours: i64, which: impl Fn(&Value) -> bool) {
    let mut old = lines(path);
    for line in old.iter_mut().filter(|line| line["time_ms"].is_u64() && which(line)) {
        line["time_ms"] = json!(line["time_ms"].as_i64().unwrap() - hours * 3_600_000);
    }
    write(path, &old);
}

#[test]
fn a_finished_run_is_refused_and_says_when_it_finished_and_how() {
    let (sandbox, client) = started(10);
    let path = path("finished");
    let mut list = scene::accounts(10);
    list.push("ghost".into());
    set(&client, &path, &list).unwrap();
    let before = fs::read(&path).unwrap();
    sandbox.clear_requests();
    for list in [&list[..], &list[..3]] {
        let error = set(&client, &path, list).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(error.report().is_none(), "nothing was sent");
        let message = error.message();
        assert!(message.contains("10 applied, 1 rejected"), "{message}");
        assert!(message.contains(" 20") && message.contains(" UTC"), "{message}");
        assert!(message.contains("journal_max_age_h"), "{message}");
    }
    assert_eq!(sandbox.request_count(), 0);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_finished_run_is_believed_for_so_long_as_each_of_its_outcomes_is_young_enough() {
    let (sandbox, client) = started(20);
    let path = path("age");
    let list = scene::accounts(20);
    set(&client, &path, &list).unwrap();
    age(&path, 25, |line| line["end"].is_string());
    sandbox.clear_requests();
    let report = set_believing(&client, &path, &list).unwrap();
    assert_eq!((report.from_journal_count(), sandbox.request_count()), (20, 0));
    // The outcomes of one request are old, those of the other young, and so is the end.
    let first = lines(&path)[2]["sent"].clone();
    let old: Vec<_> = lines(&path)[2]["accounts"].as_array().unwrap().clone();
    age(&path, 25, |line| line["applied"] == first);
    let report = set_believing(&client, &path, &list).unwrap();
    assert!(report.all_applied());
    assert_eq!((report.from_journal_count(), sandbox.request_count()), (10, 1));
    let sent = sandbox.requests()[0].accounts.clone();
    assert_eq!(sent, old.iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>());
    // All are old.
    age(&path, 25, |_| true);
    let error = set_believing(&client, &path, &list).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.message().contains("journal_max_age_h"), "{error}");
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn an_outcome_of_a_clock_that_was_ahead_is_not_believed_for_longer() {
    let (sandbox, client) = started(20);
    let path = path("ahead");
    let list = scene::accounts(20);
    set(&client, &path, &list).unwrap();
    sandbox.clear_requests();
    // How old an outcome is that was decided tomorrow, nobody knows.
    let first = lines(&path)[2]["sent"].clone();
    age(&path, -24, |line| line["applied"] == first);
    let report = set_believing(&client, &path, &list).unwrap();
    assert!(report.all_applied());
    assert_eq!((report.from_journal_count(), sandbox.request_count()), (10, 1));
    // What was sent again is believed from then on, and stays so when the journal is read again.
    let report = set_believing(&client, &path, &list).unwrap();
    assert_eq!((report.from_journal_count(), sandbox.request_count()), (20, 1));
    assert!(report.summary().ends_with(" s old"), "{}", report.summary());
    age(&path, -24, |_| true);
    let error = set_believing(&client, &path, &list).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn the_age_of_an_outcome_of_a_clock_that_was_ahead_is_not_told() {
    let (_sandbox, client) = started(20);
    let path = path("ahead-told");
    let list = scene::accounts(20);
    set(&client, &path, &list[..10]).unwrap();
    let mut old = lines(&path);
    old.pop();
    write(&path, &old);
    age(&path, -24, |_| true);
    let summary = set(&client, &path, &list).unwrap().summary();
    assert!(
        summary.ends_with("; 10 from the journal, of unknown age: the clock went back since"),
        "{summary}"
    );
}

#[test]
fn what_was_forgotten_for_its_age_stays_forgotten_when_the_journal_is_read_again() {
    let (sandbox, client) = started(20);
    let path = path("forgotten");
    let list = scene::accounts(20);
    set(&client, &path, &list).unwrap();
    let gone = lines(&path)[2]["accounts"][0].as_str().unwrap().to_owned();
    let first = lines(&path)[2]["sent"].clone();
    age(&path, 25, |line| line["applied"] == first);
    sandbox.reconfigure(|config| config.user_list.retain(|user| user.account != gone));
    let of = |report: &Report| report.iter().find(|e| e.account == gone).unwrap().outcome;
    let second = set_believing(&client, &path, &list).unwrap();
    let third = set_believing(&client, &path, &list).unwrap();
    assert_eq!((of(&second), of(&third)), (of(&second), of(&second)));
    assert_eq!(third.from_journal_count(), 20);
    if sandbox.status_of(&gone).is_none() {
        assert_eq!(of(&third), Outcome::Rejected);
    }
}

#[test]
fn a_run_that_ended_unsettled_never_ages_out() {
    let (sandbox, client) = started(20);
    for end in [false, true] {
        let path = path(&format!("unsettled-{end}"));
        let list = scene::accounts(20);
        set(&client, &path, &list[..10]).unwrap();
        let mut old = lines(&path);
        let last = old.len() - 1;
        old[last]["settled"] = json!(false);
        write(&path, &old[..last + usize::from(end)]);
        age(&path, 24 * 365, |_| true);
        sandbox.clear_requests();
        let report = set(&client, &path, &list).unwrap();
        assert_eq!((report.from_journal_count(), sandbox.request_count()), (10, 1));
        assert!(report.summary().contains("10 from the journal, the oldest 365 days old"));
    }
}

#[test]
fn a_run_that_left_accounts_unknown_is_not_finished() {
    let (sandbox, client) = started(20);
    let path = path("unknown");
    let list = scene::accounts(20);
    let values = [("journal", path.to_str().unwrap()), ("isolate", "false")];
    let mut with_ghost = list.clone();
    with_ghost[3] = "ghost".into();
    let overrides = scene::call(&values);
    let call = Call::new().overrides(&overrides);
    let report = client.set_status(UserStatus::Normal, &with_ghost, call).unwrap();
    assert_eq!(report.count(Outcome::Unknown), 10);
    assert_eq!(lines(&path).last().unwrap()["settled"], false);
    // Older versions wrote this.
    let mut old = lines(&path);
    let last = old.len() - 1;
    old[last]["settled"] = json!(true);
    write(&path, &old);
    sandbox.clear_requests();
    let report = set(&client, &path, &with_ghost).unwrap();
    assert_eq!(report.count(Outcome::Applied), 19);
    assert_eq!(report.from_journal_count(), 10);
    assert_eq!(sandbox.requests()[0].accounts.len(), 10);
}

#[test]
fn a_restored_account_keeps_the_answer_that_decided_it() {
    let (sandbox, client) = started(10);
    let path = path("deciding");
    let list = scene::accounts(2);
    set(&client, &path, &list).unwrap();
    let answer = |request: &str, evidence: &str, status: u16, message: &str| {
        json!({"answered": request, "evidence": evidence, "http_status": status, "code": "USG.1",
               "message": message, "request_id": request, "time_ms": 5})
    };
    let sent = |request: &str, accounts: &[&str]| json!({"sent": request, "accounts": accounts});
    let mut told = lines(&path)[..2].to_vec();
    told.push(sent("a", &["u0000", "u0001"]));
    told.push(answer("a", "refused", 400, "refused together"));
    told.push(sent("b", &["u0000"]));
    told.push(answer("b", "declined", 429, "later"));
    told.push(sent("c", &["u0001"]));
    write(&path, &told);
    sandbox.clear_requests();
    let cancel = Cancel::new();
    cancel.trigger();
    let overrides = scene::call(&[("journal", path.to_str().unwrap())]);
    let call = Call::new().overrides(&overrides).cancel(&cancel);
    let error = client.set_status(UserStatus::Normal, &list, call).unwrap_err();
    let report = error.report().unwrap();
    let entry = report.get(0).unwrap();
    assert_eq!((entry.outcome, entry.from_journal), (Outcome::Unknown, true));
    assert_eq!((entry.http_status, entry.message), (400, "refused together"));
    let entry = report.get(1).unwrap();
    assert_eq!((entry.outcome, entry.request_id), (Outcome::Unknown, "c"));
    assert!(entry.message.contains("before the answer came"), "{}", entry.message);
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn the_count_and_the_age_of_what_is_from_the_journal_stand_in_summary_and_json() {
    let (_sandbox, client) = started(20);
    let path = path("told");
    let list = scene::accounts(20);
    let fresh = set(&client, &path, &list[..10]).unwrap();
    assert_eq!((fresh.from_journal_count(), fresh.from_journal_oldest_ms()), (0, 0));
    assert!(!fresh.summary().contains("journal"));
    let mut old = lines(&path);
    old.pop();
    write(&path, &old);
    age(&path, 3, |_| true);
    let report = set(&client, &path, &list).unwrap();
    let oldest = report.iter().filter(|e| e.from_journal).map(|e| e.time_ms).min().unwrap();
    assert_eq!((report.from_journal_count(), report.from_journal_oldest_ms()), (10, oldest));
    let summary = report.summary();
    assert!(summary.ends_with("; 10 from the journal, the oldest 3 h old"), "{summary}");
    let json: Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!(json["from_journal_count"], 10);
    assert_eq!(json["from_journal_oldest_ms"], oldest);
}

#[test]
fn a_dry_run_plans_what_the_journal_leaves_and_touches_nothing() {
    let (sandbox, client) = started(40);
    let path = path("dry");
    let list = scene::accounts(40);
    let values = [("journal", path.to_str().unwrap()), ("dry_run", "true")];
    let overrides = scene::call(&values);
    let dry = || client.set_status(UserStatus::Normal, &list, Call::new().overrides(&overrides));
    assert_eq!(dry().unwrap().plan().batches, 4);
    assert!(!path.exists(), "it is not created");
    set(&client, &path, &list[..30]).unwrap();
    assert_eq!(dry().unwrap_err().kind(), ErrorKind::InvalidOption, "it is finished");
    let mut told = lines(&path);
    told.pop();
    write(&path, &told);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"{\"torn");
    fs::write(&path, &bytes).unwrap();
    let held = fs::File::open(&path).unwrap();
    held.lock().unwrap();
    sandbox.clear_requests();
    let report = dry().unwrap();
    assert_eq!((report.plan().batches, report.from_journal_count()), (1, 30));
    assert!(report.summary().starts_with("dry run: 10 accounts"), "{}", report.summary());
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_journal_that_another_call_has_open_is_refused() {
    let (sandbox, client) = started(10);
    let path = path("locked");
    let held = fs::File::create(&path).unwrap();
    held.lock().unwrap();
    let error = set(&client, &path, &scene::accounts(10)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().contains("in use"), "{error}");
    assert_eq!(sandbox.request_count(), 0);
    drop(held);
    assert!(set(&client, &path, &scene::accounts(10)).unwrap().all_applied());
}

#[test]
fn a_journal_is_for_its_owner_alone() {
    let (_sandbox, client) = started(10);
    let path = path("mode");
    set(&client, &path, &scene::accounts(10)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_no_file_is_refused_before_anything_is_sent() {
    let (sandbox, client) = started(10);
    let folder = path("folder");
    let _ = fs::create_dir(&folder);
    for path in [&folder, Path::new("/dev/full"), Path::new("/dev/null"), &folder.join("no/where")]
    {
        let error = set(&client, path, &scene::accounts(10)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{}", path.display());
        assert!(error.message().contains(path.to_str().unwrap()), "{error}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

fn journaled(sandbox: &Sandbox, journal: &Path, values: &[(&str, &str)]) -> hwm::Client {
    let mut options = scene::options(sandbox);
    scene::set(&mut options, &[("journal", journal.to_str().unwrap())]);
    scene::set(&mut options, values);
    hwm::Client::new(&options).unwrap()
}

#[test]
fn a_rejection_after_a_lost_answer_is_final_for_every_later_run() {
    for list in [["ghost"].as_slice(), &["ghost", "u0000", "u0001"]] {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("run.jsonl");
        let faults = vec![Fault::new(When::Requests(vec![1]), What::ResetAfter)];
        let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
        let client = journaled(&sandbox, &journal, &[("journal_max_age_h", "1")]);
        let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
        assert_eq!(report.get(0).unwrap().outcome, Outcome::Rejected);
        sandbox.clear_requests();
        for _ in 0..2 {
            let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
            assert_eq!(report.requests(), 0, "everything was settled");
            let entry = report.get(0).unwrap();
            assert_eq!((entry.outcome, entry.from_journal), (Outcome::Rejected, true));
            assert_eq!(entry.service_code, "USG.201040000");
        }
        assert_eq!(sandbox.request_count(), 0);
    }
}

#[test]
fn a_conflict_that_is_tried_again_settles_nothing() {
    let what = What::Status {
        status: 409,
        body: r#"{"error_code":"USG.1","error_msg":"busy","request_id":"r"}"#.into(),
        headers: vec![],
        content_type: None,
    };
    let faults = vec![Fault::new(When::Requests(vec![1]), what)];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(1) });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let client = scene::client(&sandbox, &[("journal", path.to_str().unwrap())]);
    let report = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap();
    assert!(report.all_applied());
    let mut before_the_second_try = lines(&path);
    before_the_second_try.truncate(4);
    assert_eq!(before_the_second_try[3]["http_status"], 409);
    write(&path, &before_the_second_try);
    sandbox.clear_requests();
    let report = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap();
    assert!(report.all_applied());
    assert_eq!(sandbox.request_count(), 1, "killed in between, a resume tries again");
}

#[test]
fn a_file_that_is_no_journal_stays_as_it_is_to_the_byte() {
    let (sandbox, client) = started(3);
    let path = path("foreign");
    let long = vec![b'x'; 3 << 20];
    let other_version = b"{\"hwm_journal\":2}\n{\"torn";
    let cases: [&[u8]; 10] = [
        b"u0000,u0001",
        b"account\nu0000",
        b"\n",
        b"{}",
        b"{\"hwm_journal\":1",
        b"[\"hwm_journal\"]\n",
        b"\xff\xfe\0\0",
        b"\0",
        &long,
        other_version,
    ];
    for bytes in cases {
        fs::write(&path, bytes).unwrap();
        for dry_run in ["false", "true"] {
            let values = [("journal", path.to_str().unwrap()), ("dry_run", dry_run)];
            let overrides = scene::call(&values);
            let call = Call::new().overrides(&overrides);
            let error =
                client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidOption, "{error}");
            assert!(error.report().is_none() && error.message().contains("not a journal"));
            assert!(fs::read(&path).unwrap() == bytes);
        }
    }
    assert_eq!(sandbox.request_count(), 0);
    // In an empty file nothing can be lost.
    fs::write(&path, b"").unwrap();
    assert!(set(&client, &path, &scene::accounts(3)).unwrap().all_applied());
}

#[test]
fn a_line_that_is_no_record_is_named_and_the_file_stays_as_it_is() {
    let (sandbox, client) = started(10);
    let path = path("damaged");
    set(&client, &path, &scene::accounts(10)).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let huge = format!("{{\"sent\":\"{}\",\"accounts\":[]}}", "x".repeat(2 << 20));
    let deep = "[".repeat(100_000);
    for junk in ["", "{}", "\0\0\0", "{\"kind\":\"new\"}", "{\"hwm_journal\":1}", &huge, &deep] {
        let mut lines: Vec<_> = good.lines().collect();
        lines.insert(3, junk);
        let text = lines.join("\n") + "\n{\"torn";
        fs::write(&path, &text).unwrap();
        let error = set(&client, &path, &scene::accounts(10)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("line 4"), "{error}");
        assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 10);
        assert!(fs::read_to_string(&path).unwrap() == text);
    }
    assert_eq!(sandbox.request_count(), 1);
}

#[test]
fn a_tail_torn_at_any_byte_is_dropped_and_loses_no_more() {
    let (_sandbox, client) = started(10);
    let path = path("torn-anywhere");
    let list = scene::accounts(10);
    set(&client, &path, &list).unwrap();
    let told = lines(&path);
    write(&path, &told[..4]);
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for end in last..=whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let values = [("journal", path.to_str().unwrap()), ("dry_run", "true")];
        let overrides = scene::call(&values);
        let call = Call::new().overrides(&overrides);
        let report = client.set_status(UserStatus::Normal, &list, call).unwrap();
        let expected = if end == whole.len() { Outcome::Applied } else { Outcome::Unknown };
        assert_eq!(report.count(expected), 10, "{end}");
        let report = set(&client, &path, &list).unwrap();
        assert!(report.all_applied());
        assert!(fs::read(&path).unwrap().starts_with(&whole[..last]));
        lines(&path);
    }
}

#[test]
fn an_answer_without_its_request_and_a_request_id_used_twice_make_no_account_applied() {
    let (sandbox, client) = started(2);
    let path = path("odd");
    let list = scene::accounts(2);
    set(&client, &path, &list).unwrap();
    let mut told = lines(&path)[..2].to_vec();
    told.push(json!({"applied": "never sent", "http_status": 200}));
    told.push(json!({"sent": "x", "accounts": ["u0000", "u0000", "not listed"]}));
    told.push(json!({"sent": "x", "accounts": ["u0001"]}));
    told.push(json!({"applied": "x", "http_status": 200}));
    told.push(json!({"rejected": "x", "http_status": 400}));
    write(&path, &told);
    sandbox.clear_requests();
    let report = set(&client, &path, &list).unwrap();
    assert!(report.all_applied());
    let from: Vec<_> = report.iter().map(|entry| entry.from_journal).collect();
    assert_eq!(from, [false, true]);
    assert_eq!(sandbox.requests()[0].accounts, ["u0000"]);
}

#[test]
fn a_pipe_is_refused_without_waiting_for_who_writes_to_it() {
    let (_sandbox, client) = started(1);
    let path = path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let error = set(&client, &path, &scene::accounts(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().contains("not a regular file"), "{error}");
    let _ = fs::remove_file(&path);
}

#[test]
fn deadline_and_cancel_hold_while_a_list_is_collected_and_a_journal_read() {
    let (sandbox, client) = started(1);
    let path = path("long");
    set(&client, &path, &scene::accounts(1)).unwrap();
    let header = fs::read_to_string(&path).unwrap().lines().next().unwrap().to_owned();
    let line = json!({"sent": "x", "accounts": scene::accounts(100)}).to_string() + "\n";
    fs::write(&path, header + "\n" + &line.repeat(60_000)).unwrap();
    sandbox.clear_requests();
    let endless = || {
        let mut number = 0u64;
        std::iter::from_fn(move || {
            number += 1;
            Some(number.to_string())
        })
    };
    let bounded = |began: Instant| assert!(began.elapsed() < Duration::from_millis(400));
    let journal = ("journal", path.to_str().unwrap());
    for (values, kind) in
        [(vec![("deadline_ms", "100")], ErrorKind::Timeout), (vec![], ErrorKind::Cancelled)]
    {
        let cancel = Cancel::new();
        if kind == ErrorKind::Cancelled {
            cancel.trigger();
        }
        let overrides = scene::call(&values);
        let began = Instant::now();
        let call = Call::new().overrides(&overrides).cancel(&cancel);
        let error = client.set_status(UserStatus::Normal, endless(), call).unwrap_err();
        bounded(began);
        assert_eq!(error.kind(), kind);
        assert!(error.report().is_none(), "the list was not read to its end");

        let overrides = scene::call(&[values, vec![journal]].concat());
        let before = fs::metadata(&path).unwrap().len();
        let began = Instant::now();
        let call = Call::new().overrides(&overrides).cancel(&cancel);
        let error = client.set_status(UserStatus::Normal, scene::accounts(100), call).unwrap_err();
        bounded(began);
        assert_eq!(error.kind(), kind);
        assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 100);
        assert_eq!(fs::metadata(&path).unwrap().len(), before);
    }
    assert_eq!(sandbox.request_count(), 0);
    let _ = fs::remove_file(&path);
}

#[test]
fn a_journal_that_is_removed_during_the_call_ends_it_and_still_tells_everything() {
    let (sandbox, client) = started(40);
    let path = path("removed");
    let overrides = scene::call(&[("journal", path.to_str().unwrap()), ("concurrency", "1")]);
    let mut remove = |_: &hwm::Progress| {
        let _ = fs::remove_file(&path);
        std::ops::ControlFlow::Continue(())
    };
    let call = Call::new().overrides(&overrides).on_progress(&mut remove);
    let error = client.set_status(UserStatus::Normal, scene::accounts(40), call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(error.message().contains("removed during the call"), "{error}");
    let report = error.report().expect("a report");
    let sent = sandbox.requests().iter().map(|request| request.accounts.len()).sum::<usize>();
    assert!(sent < 40, "{sent}");
    assert_eq!(report.count(Outcome::Applied), sent);
    assert_eq!(report.count(Outcome::NotAttempted), 40 - sent);
}
