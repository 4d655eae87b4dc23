//! The question before many accounts; `terminal.rs` has the side where somebody answers it.

use crate::{run, sandbox, set_status, users};

fn arguments<'a>(accounts: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["disabled"];
    arguments.extend(more);
    arguments.extend(accounts.iter().map(String::as_str));
    arguments
}

#[test]
fn more_than_20_accounts_need_yes_where_nobody_can_be_asked() {
    let sandbox = sandbox();
    let accounts = users(&sandbox, 21);
    let refused = run(&mut set_status(&sandbox, &arguments(&accounts, &[])));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("21 accounts") && refused.stderr.contains("--yes"));
    assert_eq!(sandbox.request_count(), 0);
    let told = run(&mut set_status(&sandbox, &arguments(&accounts, &["--yes"])));
    assert_eq!(told.code, 0, "{told:?}");
}

#[test]
fn twenty_accounts_are_not_asked_for_however_often_they_are_repeated() {
    let sandbox = sandbox();
    let mut accounts = users(&sandbox, 20);
    accounts.extend_from_within(..);
    let run = run(&mut set_status(&sandbox, &arguments(&accounts, &[])));
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_dry_run_shows_the_plan_asks_nothing_and_sends_nothing() {
    let sandbox = sandbox();
    let mut accounts = users(&sandbox, 250);
    accounts.push(accounts[0].clone());
    let run = run(&mut set_status(&sandbox, &arguments(&accounts, &["--dry-run"])));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("250 accounts"), "{run:?}");
    assert!(run.stdout.contains("repeats   1") && run.stdout.contains("requests  3"), "{run:?}");
    assert_eq!(sandbox.request_count(), 0);
}
