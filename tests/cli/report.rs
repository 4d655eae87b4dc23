//! Reports for people and for programs.

use std::fs;

use hwm_sandbox::{Config, Sandbox};
use serde_json::Value;

use crate::{folder, run, sandbox, set_status, users, write};

#[test]
fn the_table_lists_failures_first_and_ends_with_a_summary() {
    let sandbox = sandbox();
    let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "nobody", "user0006"]));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{run:?}");
    assert!(lines[0].starts_with("rejected       nobody    400 USG.201040000"), "{run:?}");
    assert!(lines[0].contains("[request "), "{run:?}");
    assert_eq!(lines[1], "applied        user0005");
    assert!(lines[3].starts_with("3 accounts → disabled: 2 applied, 1 rejected"), "{run:?}");
}

#[test]
fn long_runs_of_applied_accounts_are_counted_not_listed() {
    let sandbox = sandbox();
    let mut arguments = vec!["normal".to_owned(), "--yes".to_owned()];
    arguments.extend(users(&sandbox, 200));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = run(&mut set_status(&sandbox, &arguments));
    assert!(run.stdout.contains("… and 180 more"), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 22);
}

#[test]
fn json_is_one_object_with_every_account_and_a_null_error() {
    let sandbox = sandbox();
    let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "nobody", "--json"]));
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["error"], Value::Null);
    assert_eq!(report["status"], "disabled");
    assert_eq!(report["counts"]["applied"], 1);
    assert_eq!(report["accounts"][1]["account"], "nobody");
    assert_eq!(report["accounts"][1]["service_code"], "USG.201040000");
}

#[test]
fn json_of_a_failed_call_carries_the_error_and_the_report() {
    let sandbox = sandbox();
    let run =
        run(set_status(&sandbox, &["disabled", "user0005", "--json"])
            .env("HWM_ACCESS_TOKEN", "stale"));
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["error"]["kind"], "authentication");
    assert_eq!(report["error"]["http_status"], 401);
    assert_eq!(report["accounts"][0]["outcome"], "not_attempted");
}

#[test]
fn csv_has_one_row_an_account_in_the_callers_order() {
    let (sandbox, folder) = (sandbox(), folder());
    let path = folder.path().join("report.csv");
    let unicode = sandbox.users()[7].account.clone();
    let run = run(&mut set_status(
        &sandbox,
        &["disabled", "user0005", "nobody", &unicode, "--csv", path.to_str().unwrap()],
    ));
    assert_eq!(run.code, 1, "{run:?}");
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_path(&path).unwrap().records().map(Result::unwrap).collect();
    let told: Vec<_> = rows.iter().map(|row| (row[1].to_owned(), row[2].to_owned())).collect();
    let expected = [("user0005", "applied"), ("nobody", "rejected"), (&unicode, "applied")];
    assert_eq!(told, expected.map(|(account, outcome)| (account.to_owned(), outcome.to_owned())));
}

#[test]
fn quiet_prints_nothing_but_errors() {
    let sandbox = sandbox();
    let fine = run(&mut set_status(&sandbox, &["disabled", "user0005", "nobody", "--quiet"]));
    assert_eq!((fine.code, fine.stdout.as_str(), fine.stderr.as_str()), (1, "", ""));
    let failed =
        run(set_status(&sandbox, &["disabled", "user0005", "--quiet"])
            .env("HWM_ACCESS_TOKEN", "stale"));
    assert!(failed.stdout.is_empty() && failed.stderr.starts_with("hwm: "), "{failed:?}");
}

#[test]
fn a_pipe_gets_neither_colours_nor_a_bar() {
    let sandbox = sandbox();
    let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "nobody"]));
    assert!(!run.stdout.contains('\x1b') && run.stderr.is_empty(), "{run:?}");
}

#[test]
fn a_failure_names_its_request_exactly_once() {
    let refused = Config { refuse_all: Some((403, "USG.000000403".into())), ..Config::default() };
    let broken = Config { refuse_all: Some((500, "USG.1".into())), ..Config::default() };
    let full = Config { capacity: Some(0), ..Config::default() };
    for (config, token) in [
        (Config::default(), "stale"),
        (refused, "sandbox-token"),
        (broken, "sandbox-token"),
        (full, "sandbox-token"),
        (Config::default(), ""),
    ] {
        let sandbox = Sandbox::start(config).unwrap();
        let mut command = set_status(&sandbox, &["normal", "user0003", "--attempts", "2"]);
        command.env("HWM_ACCESS_TOKEN", token);
        if token.is_empty() {
            command.envs([("HWM_LOGIN", "nobody"), ("HWM_PASSWORD", "hunter2")]);
        }
        let table = run(&mut command);
        assert_ne!(table.code, 0, "{table:?}");
        assert_eq!(table.stderr.matches("[request ").count(), 1, "{table:?}");
        for line in table.stdout.lines() {
            assert!(line.matches("[request ").count() <= 1, "{line}");
        }
        let json = run(command.arg("--json"));
        let report: Value = serde_json::from_str(&json.stdout).expect("JSON");
        let message = report["error"]["message"].as_str().unwrap();
        let id = report["error"]["request_id"].as_str().unwrap();
        assert_eq!(message.matches(id).count(), 1, "{message}");
    }
}

/// `count` accounts in a file, of which nothing but the first fits.
fn crowded(folder: &std::path::Path, count: usize) -> (Sandbox, String) {
    let user_list = (0..count)
        .map(|number| hwm_sandbox::UserSpec::new(format!("user{number:04}"), 1))
        .collect::<Vec<_>>();
    let list: Vec<_> = user_list.iter().map(|user| user.account.as_str()).collect();
    let list = write(folder, "list", list.join("\n"));
    let config = Config { user_list, capacity: Some(1), ..Config::default() };
    (Sandbox::start(config).unwrap(), list)
}

#[test]
fn too_few_resources_are_told_in_a_few_lines_that_end_with_what_to_do() {
    let folder = folder();
    let (sandbox, list) = crowded(folder.path(), 800);
    let told = run(&mut set_status(&sandbox, &["normal", "--file", &list, "--yes"]));
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stdout.lines().count() < 50, "{told:?}");
    assert!(told.stdout.contains("same answer (--csv or --json lists all)"), "{told:?}");
    let shown = told.stdout.lines().filter(|line| line.contains("  user0")).count();
    let folded: usize = told
        .stdout
        .lines()
        .filter_map(|line| line.split_once("… and ")?.1.split(' ').next()?.parse::<usize>().ok())
        .sum();
    assert_eq!(shown + folded, 800, "{told:?}");
    let closing = told.stderr.lines().last().unwrap();
    assert!(closing.contains("disable others first, then run"), "{told:?}");
}

#[test]
fn each_kind_of_answer_is_shown_however_many_there_are_of_another() {
    let (sandbox, folder) = (sandbox(), folder());
    let mut accounts = users(&sandbox, 60);
    accounts.push("nobody".into());
    let list = write(folder.path(), "list", accounts.join("\n"));
    let told = run(&mut set_status(&sandbox, &["disabled", "--file", &list, "--yes"]));
    assert!(told.stdout.lines().next().unwrap().starts_with("rejected       nobody"), "{told:?}");
    assert!(told.stdout.contains("… and 40 more applied (--csv or --json lists all)"), "{told:?}");
}

#[test]
fn nothing_of_a_service_or_a_list_rules_the_terminal() {
    let (sandbox, folder) = (sandbox(), folder());
    let strange = "a\u{202E}b\u{2028}c";
    let list = write(folder.path(), "list", strange);
    let csv = folder.path().join("report.csv");
    let csv = csv.to_str().unwrap();
    let arguments = ["disabled", "--file", &list, "--csv", csv, "-vvv"];
    let told = run(&mut set_status(&sandbox, &arguments));
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stdout.contains("a\u{FFFD}b c"), "{told:?}");
    for text in [&told.stdout, &told.stderr] {
        assert!(!text.contains(['\u{202E}', '\u{2028}']), "{told:?}");
    }
    assert!(fs::read_to_string(csv).unwrap().contains(strange));
    let json = run(&mut set_status(&sandbox, &["disabled", "--file", &list, "--json"]));
    let report: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(report["accounts"][0]["account"], strange);
}

#[test]
fn an_error_of_a_service_does_not_rule_the_terminal_either() {
    let code = "USG.1\u{202E}\u{2028}x".to_owned();
    let config = Config { refuse_all: Some((403, code)), ..Config::default() };
    let sandbox = Sandbox::start(config).unwrap();
    let told = run(&mut set_status(&sandbox, &["disabled", "user0005"]));
    assert_eq!(told.code, 4, "{told:?}");
    for text in [&told.stdout, &told.stderr] {
        assert!(text.contains("USG.1") && !text.contains(['\u{202E}', '\u{2028}']), "{told:?}");
    }
}
