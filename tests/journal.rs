//! The journal: what it resumes, and when it refuses to.

mod scene;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the journal");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn write(path: &Path, lines: &[Value]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path, text).expect("the journal is written");
}

fn scene(users: usize) -> (Sandbox, Client) {
    let sandbox = scene::start(scene::disabled_users(users));
    let client = scene::client(&sandbox, &[("batch_size", "10")]);
    (sandbox, client)
}

#[test]
fn what_is_settled_is_not_sent_again_and_keeps_its_answer() {
    let (sandbox, client) = scene(30);
    let path = path("settled");
    let mut list = scene::accounts(30);
    list.insert(7, "ghost".into());
    let first = set(&client, &path, &list[..20]).unwrap();
    sandbox.clear_requests();
    let second = set(&client, &path, &list).unwrap();
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
    let (sandbox, client) = scene(4);
    let path = path("unlisted");
    let list = scene::accounts(4);
    set(&client, &path, &list[..2]).unwrap();
    set(&client, &path, &list[2..]).unwrap();
    sandbox.clear_requests();
    let report = set(&client, &path, &list).unwrap();
    assert!(report.all_applied() && report.iter().all(|entry| entry.from_journal));
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_request_without_an_answer_starts_as_ambiguous_and_is_sent_again() {
    let (sandbox, client) = scene(10);
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
fn a_rejection_after_a_lost_answer_is_settled_too() {
    let (sandbox, client) = scene(1);
    let lost = Fault::new(When::Requests(vec![1]), What::ResetAfter);
    sandbox.set_faults(vec![lost]);
    let path = path("rejected");
    let list = ["ghost".to_owned()];
    let first = set(&client, &path, &list).unwrap();
    assert_eq!(first.get(0).unwrap().outcome, Outcome::Rejected);
    assert_eq!(sandbox.request_count(), 2);
    let second = set(&client, &path, &list).unwrap();
    assert_eq!(second.get(0).unwrap().outcome, Outcome::Rejected);
    assert!(second.get(0).unwrap().from_journal);
    assert_eq!(sandbox.request_count(), 2);
}

#[test]
fn a_torn_last_line_is_cut_off() {
    let (sandbox, client) = scene(20);
    let path = path("torn");
    let list = scene::accounts(20);
    set(&client, &path, &list[..10]).unwrap();
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str(r#"{"sent":"0123","accounts":["u0000","u00"#);
    fs::write(&path, text).unwrap();
    sandbox.clear_requests();
    assert!(set(&client, &path, &list).unwrap().all_applied());
    assert_eq!(sandbox.request_count(), 1);
    assert!(lines(&path).iter().all(|line| line["sent"] != "0123"));
}

#[test]
fn an_unreadable_line_in_the_middle_is_named_and_nothing_is_sent() {
    let (sandbox, client) = scene(10);
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
    let (sandbox, client) = scene(10);
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

#[test]
fn a_finished_journal_serves_for_so_long_and_an_unfinished_one_for_ever() {
    let (sandbox, client) = scene(10);
    let path = path("age");
    let list = scene::accounts(10);
    set(&client, &path, &list).unwrap();
    let mut old = lines(&path);
    let end = old.len() - 1;
    old[end]["time_ms"] = json!(old[end]["time_ms"].as_u64().unwrap() - 25 * 3_600_000);
    write(&path, &old);
    sandbox.clear_requests();
    let error = set(&client, &path, &list).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.message().contains("journal_max_age_h"), "{error}");
    let patient = scene::call(&[("journal", path.to_str().unwrap()), ("journal_max_age_h", "26")]);
    let call = Call::new().overrides(&patient);
    assert!(client.set_status(UserStatus::Normal, &list, call).unwrap().all_applied());
    write(&path, &old[..end]);
    assert!(set(&client, &path, &list).unwrap().all_applied());
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_journal_that_another_call_has_open_is_refused() {
    let (sandbox, client) = scene(10);
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
    let (_sandbox, client) = scene(10);
    let path = path("mode");
    set(&client, &path, &scene::accounts(10)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_no_file_is_refused_before_anything_is_sent() {
    let (sandbox, client) = scene(10);
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
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("run.jsonl");
    let faults = vec![Fault::new(When::Requests(vec![1]), What::ResetAfter)];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
    let list = ["u0000", "ghost", "u0001"];
    let client = journaled(&sandbox, &journal, &[]);
    let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
    assert_eq!(report.get(1).unwrap().outcome, Outcome::Rejected);
    sandbox.clear_requests();
    for _ in 0..2 {
        let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
        assert_eq!(report.requests(), 0, "everything was settled");
        let entry = report.get(1).unwrap();
        assert_eq!((entry.outcome, entry.from_journal), (Outcome::Rejected, true));
        assert_eq!(entry.service_code, "USG.201040000");
    }
    assert_eq!(sandbox.request_count(), 0);
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
    let journal = std::fs::read_to_string(&path).unwrap();
    assert!(!journal.contains("rejected"), "killed in between, a resume tries again: {journal}");
}
