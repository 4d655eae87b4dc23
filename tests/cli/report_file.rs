//! `--csv FILE`: what is replaced, when, and what never is.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use hwm_sandbox::{Config, Sandbox};

use crate::{HWM, environment, folder, run, sandbox, set_status, write};

const SOON: Duration = Duration::from_secs(20);

/// The command as a process, for what needs its own standard output or time.
fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = Command::new(HWM);
    command.env_clear().envs(environment(sandbox)).arg("set-status").args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).into_os_string().into_string().expect("UTF-8")
}

/// The names in `folder`, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_report_never_replaces_a_file_that_the_run_needs_by_whatever_link() {
    let (sandbox, folder) = (sandbox(), folder());
    let list = write(folder.path(), "list.csv", "account\nuser0005\n");
    let secrets = write(folder.path(), "secrets", "access_token=sandbox-token\n");
    let config = write(folder.path(), "config.toml", "concurrency = 2\n");
    for file in [&secrets, &config] {
        fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
    }
    let journal = path(folder.path(), "run.jsonl");
    let needed = [
        ("--file", &list, "the list of accounts"),
        ("--secrets-file", &secrets, "the file of secrets"),
        ("--config", &config, "the configuration file"),
        ("--journal", &journal, "the journal"),
    ];
    let arguments = |csv: &str, more: &[&str]| {
        let mut arguments = vec!["disabled".to_owned(), "--csv".to_owned(), csv.to_owned()];
        for (flag, file, _) in needed {
            arguments.extend([flag.to_owned(), file.clone()]);
        }
        arguments.extend(more.iter().map(|&flag| flag.to_owned()));
        arguments
    };
    let go = |csv: &str, more: &[&str]| {
        let arguments = arguments(csv, more);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        run(&mut set_status(&sandbox, &arguments))
    };
    // The journal is not there yet the first time.
    for journal_is_there in [false, true] {
        if journal_is_there {
            let fine = go(&path(folder.path(), "report.csv"), &[]);
            assert_eq!(fine.code, 0, "{fine:?}");
            sandbox.clear_requests();
        }
        for (_, file, what) in needed {
            let before = fs::read(file).ok();
            let soft = path(folder.path(), "soft");
            symlink(file, &soft).unwrap();
            let mut names = vec![file.clone(), soft.clone()];
            let hard = path(folder.path(), "hard");
            if before.is_some() {
                fs::hard_link(file, &hard).unwrap();
                names.push(hard.clone());
            }
            for name in &names {
                for more in [[].as_slice(), &["--dry-run"]] {
                    let refused = go(name, more);
                    assert_eq!(refused.code, 2, "{name}: {refused:?}");
                    assert!(refused.stderr.contains(what), "{name}: {refused:?}");
                    assert_eq!(fs::read(file).ok(), before, "{name}");
                }
            }
            fs::remove_file(soft).unwrap();
            let _ = fs::remove_file(hard);
        }
    }
    assert_eq!(sandbox.request_count(), 0);
    let from_stdin = command(&sandbox, &["disabled", "--file", "-", "--csv", &list])
        .stdin(File::open(&list).unwrap())
        .output()
        .unwrap();
    assert_eq!(from_stdin.status.code(), Some(2), "{from_stdin:?}");
    // Standard output may be one of the files, also by its short name.
    let appending = fs::OpenOptions::new().append(true).open(&list).unwrap();
    let to_stdout = command(&sandbox, &["disabled", "--file", &list, "--csv", "-"])
        .stdout(appending)
        .output()
        .unwrap();
    assert_eq!(to_stdout.status.code(), Some(2), "{to_stdout:?}");
    let roots = write(folder.path(), "roots.pem", "roots");
    let over_roots = command(&sandbox, &["disabled", "user0005", "--csv", &roots])
        .env("SSL_CERT_FILE", &roots)
        .output()
        .unwrap();
    assert_eq!(over_roots.status.code(), Some(2), "{over_roots:?}");
    assert_eq!(fs::read_to_string(&roots).unwrap(), "roots");
    assert_eq!(fs::read_to_string(&list).unwrap(), "account\nuser0005\n");
}

#[test]
fn what_came_into_the_place_of_a_new_report_during_the_run_is_not_replaced() {
    let sandbox = Sandbox::start(Config { latency_ms: 300, ..Config::default() }).unwrap();
    let folder = folder();
    let csv = path(folder.path(), "new.csv");
    let child = command(&sandbox, &["disabled", "user0005", "--csv", &csv]).spawn().unwrap();
    assert!(sandbox.wait_for_requests(1, SOON));
    fs::write(&csv, "of somebody else").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("applied        user0005"));
    assert_eq!(fs::read_to_string(&csv).unwrap(), "of somebody else");
    assert_eq!(names(folder.path()), ["new.csv"]);
}

#[test]
fn a_dry_run_writes_no_report_and_leaves_an_old_one() {
    let (sandbox, folder) = (sandbox(), folder());
    let old = write(folder.path(), "old.csv", "old");
    for csv in [old.clone(), path(folder.path(), "new.csv")] {
        let run =
            run(&mut set_status(&sandbox, &["disabled", "user0005", "--dry-run", "--csv", &csv]));
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
    assert_eq!(names(folder.path()), ["old.csv"]);
}

#[test]
fn an_old_report_stays_until_the_new_one_is_whole_and_lends_it_its_permissions() {
    let sandbox = Sandbox::start(Config { latency_ms: 300, ..Config::default() }).unwrap();
    let folder = folder();
    let real = write(folder.path(), "real.csv", "old");
    fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
    let link = path(folder.path(), "link.csv");
    symlink("real.csv", &link).unwrap();
    let child = command(&sandbox, &["disabled", "user0005", "--csv", &link]).spawn().unwrap();
    assert!(sandbox.wait_for_requests(1, SOON));
    assert_eq!(fs::read_to_string(&real).unwrap(), "old");
    assert_eq!(names(folder.path()), ["link.csv", "real.csv"]);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(fs::read_to_string(&real).unwrap().contains("0,user0005,applied"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(names(folder.path()), ["link.csv", "real.csv"]);
}

#[test]
fn a_question_that_is_not_answered_with_yes_leaves_the_old_report() {
    let (sandbox, folder) = (sandbox(), folder());
    let old = write(folder.path(), "old.csv", "old");
    let list = write(folder.path(), "list", crate::users(&sandbox, 21).join("\n"));
    let run = run(&mut set_status(&sandbox, &["disabled", "--file", &list, "--csv", &old]));
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
}

#[test]
fn a_journal_that_is_refused_leaves_the_old_report() {
    let (sandbox, folder) = (sandbox(), folder());
    let old = write(folder.path(), "old.csv", "old");
    let journal = path(folder.path(), "run.jsonl");
    let first = run(&mut set_status(&sandbox, &["disabled", "user0005", "--journal", &journal]));
    assert_eq!(first.code, 0, "{first:?}");
    let other = ["normal", "user0005", "--journal", &journal, "--csv", &old];
    let refused = run(&mut set_status(&sandbox, &other));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_anything_is_sent() {
    let (sandbox, folder) = (sandbox(), folder());
    let folder_name = path(folder.path(), "");
    for csv in ["/nonexistent/folder/report.csv", &folder_name, "/proc/report.csv"] {
        let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "--csv", csv]));
        assert_eq!(run.code, 2, "{csv}: {run:?}");
        assert!(run.stderr.contains("nothing was sent"), "{csv}: {run:?}");
    }
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn a_report_beyond_the_limit_for_files_is_an_error_and_leaves_nothing_half_written() {
    let (sandbox, folder) = (sandbox(), folder());
    let csv = write(folder.path(), "report.csv", "old");
    // One block of 512 or 1024 bytes: the report is longer.
    let script = r#"ulimit -f 1 && exec "$0" set-status disabled --yes "$@""#;
    let accounts: Vec<_> = (1..=40).map(|number| format!("user{number:04}")).collect();
    let output = Command::new("sh")
        .args(["-c", script, HWM, "--csv", &csv])
        .args(accounts)
        .env_clear()
        .envs(environment(&sandbox))
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written to"));
    assert_eq!(fs::read_to_string(&csv).unwrap(), "old");
    assert_eq!(names(folder.path()), ["report.csv"]);
}

#[test]
fn one_report_that_is_lost_does_not_cost_the_other_and_is_7() {
    let (sandbox, folder) = (sandbox(), folder());
    let csv = path(folder.path(), "report.csv");
    for more in [[].as_slice(), &["--json"]] {
        let _ = fs::remove_file(&csv);
        let mut arguments = vec!["disabled", "user0005", "--csv", &csv];
        arguments.extend(more);
        let full = command(&sandbox, &arguments)
            .stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap())
            .output()
            .unwrap();
        assert_eq!(full.status.code(), Some(7), "{full:?}");
        assert!(String::from_utf8_lossy(&full.stderr).contains("standard output"), "{full:?}");
        assert!(fs::read_to_string(&csv).unwrap().contains("0,user0005,applied"));
    }
    let run = run(&mut set_status(&sandbox, &["disabled", "user0005", "--csv", "/dev/full"]));
    assert_eq!(run.code, 7, "{run:?}");
    assert!(run.stdout.contains("applied        user0005"), "{run:?}");
    assert!(run.stderr.contains("could not be written to /dev/full"), "{run:?}");
}

#[test]
fn a_folder_that_went_away_during_the_run_costs_the_file_alone() {
    let sandbox = Sandbox::start(Config { latency_ms: 300, ..Config::default() }).unwrap();
    let folder = folder();
    let gone = folder.path().join("gone");
    fs::create_dir(&gone).unwrap();
    let csv = path(&gone, "report.csv");
    let arguments = ["disabled", "user0005", "nobody", "--csv", &csv];
    let child = command(&sandbox, &arguments).spawn().unwrap();
    assert!(sandbox.wait_for_requests(1, SOON));
    fs::remove_dir(&gone).expect("nothing is in it yet");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("applied        user0005"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written to"));
}

#[test]
fn standard_output_and_pipes_are_written_to_and_not_replaced() {
    let (sandbox, folder) = (sandbox(), folder());
    let arguments = ["disabled", "user0005", "--csv", "/dev/stdout"];
    let piped = command(&sandbox, &arguments).output().unwrap();
    let redirected = path(folder.path(), "out");
    let status =
        command(&sandbox, &arguments).stdout(File::create(&redirected).unwrap()).status().unwrap();
    assert_eq!((piped.status.code(), status.code()), (Some(0), Some(0)), "{piped:?}");
    let dash = command(&sandbox, &["disabled", "user0005", "--csv", "-"]).output().unwrap();
    for text in [
        String::from_utf8(piped.stdout).unwrap(),
        fs::read_to_string(&redirected).unwrap(),
        String::from_utf8(dash.stdout).unwrap(),
    ] {
        let (table, csv) = text.split_once("index,account").expect("both reports");
        assert!(table.starts_with("applied        user0005\n"), "{text}");
        assert!(csv.contains("0,user0005,applied"), "{text}");
    }
    let pipe = path(folder.path(), "pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = command(&sandbox, &["disabled", "user0005", "--csv", &pipe]).spawn().unwrap();
    let csv = fs::read_to_string(&pipe).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert!(csv.contains("0,user0005,applied"), "{csv}");
    assert_eq!(names(folder.path()), ["out", "pipe"]);
}
