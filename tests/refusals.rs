//! Refused batches: bad accounts are found, capacity is used up in order, and nothing is guessed.

mod scene;

use hwm::{Call, ErrorKind, Outcome, UserStatus};
use hwm_sandbox::{Config, Fault, What, When};

#[test]
fn a_refused_batch_names_exactly_its_bad_accounts() {
    let sandbox = scene::start(scene::disabled_users(250));
    let client = scene::client(&sandbox, &[]);
    let mut list = scene::accounts(250);
    for (at, ghost) in [(3, "ghost-1"), (77, "ghost-2"), (78, "ghost-3"), (200, "ghost-4")] {
        list.insert(at, ghost.to_owned());
    }
    let report = client.set_status(UserStatus::Normal, &list, Call::new()).unwrap();
    let rejected: Vec<_> =
        report.iter().filter(|entry| entry.outcome == Outcome::Rejected).collect();
    let names: Vec<_> = rejected.iter().map(|entry| entry.account).collect();
    assert_eq!(names, ["ghost-1", "ghost-2", "ghost-3", "ghost-4"]);
    assert!(rejected.iter().all(|entry| entry.isolated && entry.service_code == "USG.201040000"));
    assert_eq!(report.count(Outcome::Applied), 250);
}

#[test]
fn without_isolation_a_refused_batch_stays_unknown_with_its_code() {
    let sandbox = scene::start(scene::disabled_users(5));
    let client = scene::client(&sandbox, &[("isolate", "false"), ("batch_size", "3")]);
    let list = ["u0000", "ghost", "u0001", "u0002", "u0003"];
    let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
    let seen: Vec<_> = report.iter().map(|e| (e.outcome, e.service_code, e.isolated)).collect();
    let unknown = (Outcome::Unknown, "USG.201040000", false);
    let applied = (Outcome::Applied, "", false);
    assert_eq!(seen, [unknown, unknown, unknown, applied, applied]);
}

#[test]
fn everything_refused_alike_ends_within_the_budget() {
    let refuse_all = Some((400, "USG.000000003".to_owned()));
    let sandbox =
        scene::start(Config { refuse_all, log_bodies: false, ..scene::disabled_users(1) });
    let client = scene::client(&sandbox, &[]);
    let list: Vec<_> = (0..10_000).map(|i| format!("x{i}")).collect();
    let error = client.set_status(UserStatus::Disabled, &list, Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.message().contains("refused alike") && error.message().contains("account_type"));
    assert!(sandbox.request_count() <= 184, "{} requests", sandbox.request_count());
    let report = error.report().unwrap();
    assert_eq!(report.count(Outcome::Applied), 0);
    assert!(report.iter().all(|entry| entry.service_code == "USG.000000003"));
}

#[test]
fn capacity_is_given_to_those_who_come_first() {
    for capacity_partial in [false, true] {
        let config = Config { capacity: Some(137), capacity_partial, ..scene::disabled_users(300) };
        let sandbox = scene::start(config);
        let client = scene::client(&sandbox, &[("concurrency", "1")]);
        let error =
            client.set_status(UserStatus::Normal, scene::accounts(300), Call::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Capacity);
        assert!(error.message().contains("137 of 300 enabled"), "{error}");
        let report = error.report().unwrap();
        let applied: Vec<_> =
            (0..300).filter(|&i| report.get(i).unwrap().outcome == Outcome::Applied).collect();
        assert_eq!(applied, (0..137).collect::<Vec<_>>());
        assert_eq!(report.get(137).unwrap().outcome, Outcome::Rejected);
    }
}

#[test]
fn a_hidden_batch_limit_is_found_and_kept() {
    let sandbox =
        scene::start(Config { hidden_batch_limit: Some(40), ..scene::disabled_users(600) });
    let client = scene::client(&sandbox, &[]);
    let report = client.set_status(UserStatus::Normal, scene::accounts(600), Call::new()).unwrap();
    assert!(report.all_applied());
    assert!(report.refusals_not_reproduced() > 0);
}

#[test]
fn the_one_who_is_logged_in_is_disabled_last() {
    let mut config = scene::disabled_users(1000);
    config.user_list.iter_mut().for_each(|user| user.status = 0);
    config.logins = vec![hwm_sandbox::Login::new("u0500", "secret-password")];
    config.user_list[500].admin_type = 1;
    let sandbox = scene::start(config);
    let mut options = scene::options(&sandbox);
    options.set("access_token", None).unwrap();
    scene::set(&mut options, &[("login", "u0500"), ("password", "secret-password")]);
    let client = hwm::Client::new(&options).unwrap();
    let report =
        client.set_status(UserStatus::Disabled, scene::accounts(1000), Call::new()).unwrap();
    assert!(report.all_applied());
    assert_eq!(sandbox.requests().last().unwrap().accounts, ["u0500"]);
}

#[test]
fn capacity_goes_to_the_earliest_refused_batch_whichever_refusal_comes_first() {
    // Batch 1 is refused for its ghost, batch 2 passes, batches 3 and 4 do not fit any more.
    for concurrency in ["1", "2", "4", "8"] {
        for ghosts in [vec![], vec![7], vec![7, 8, 60]] {
            let config = Config { capacity: Some(137), ..scene::disabled_users(400) };
            let sandbox = scene::start(config);
            let client = scene::client(&sandbox, &[("concurrency", concurrency)]);
            let mut list = scene::accounts(400);
            for (number, &at) in ghosts.iter().enumerate() {
                list.insert(at, format!("ghost-{number}"));
            }
            let error = client.set_status(UserStatus::Normal, &list, Call::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Capacity);
            assert!(error.message().contains("137 of"), "{error}");
            let report = error.report().unwrap();
            assert_eq!(report.count(Outcome::Applied), 137);
            let sent_twice = report.iter().filter(|entry| {
                let passed = |sent: &&hwm_sandbox::LoggedRequest| {
                    sent.status == 200 && sent.accounts.iter().any(|sent| sent == entry.account)
                };
                sandbox.requests().iter().filter(passed).count() > 1
            });
            assert_eq!(sent_twice.count(), 0, "what was applied is final");
            // A passed batch is a whole one or one of the earliest refused batch.
            let outcomes: Vec<_> = report.iter().map(|entry| entry.outcome).collect();
            let first_left = outcomes.iter().position(|outcome| *outcome == Outcome::Unknown);
            let end_of_first_left = first_left.unwrap().div_ceil(100) * 100;
            let behind = &outcomes[first_left.unwrap()..end_of_first_left];
            assert!(!behind.contains(&Outcome::Applied), "{concurrency} {ghosts:?}: {outcomes:?}");
        }
    }
}

#[test]
fn every_name_of_the_one_who_is_logged_in_comes_last_and_alone() {
    let mut config = scene::disabled_users(1000);
    config.user_list.iter_mut().for_each(|user| user.status = 0);
    config.logins = vec![hwm_sandbox::Login::new("u0500", "secret-password")];
    config.user_list[500].admin_type = 1;
    config.user_list[500].third_account = Some("u0003".to_owned());
    let sandbox = scene::start(config);
    let client = logged_in(&sandbox, "u0500");
    let report =
        client.set_status(UserStatus::Disabled, scene::accounts(1000), Call::new()).unwrap();
    assert!(report.all_applied());
    let requests = sandbox.requests();
    let last: Vec<_> = requests.iter().rev().take(2).map(|sent| &sent.accounts[..]).collect();
    assert_eq!(last, [["u0500"], ["u0003"]]);
}

#[test]
fn the_one_who_is_logged_in_comes_last_over_all_calls_of_the_client() {
    let mut config = Config { latency_ms: 20, ..scene::disabled_users(1000) };
    config.user_list.iter_mut().for_each(|user| user.status = 0);
    config.logins = vec![hwm_sandbox::Login::new("u0500", "secret-password")];
    config.user_list[500].admin_type = 1;
    let sandbox = scene::start(config);
    let client = logged_in(&sandbox, "u0500");
    std::thread::scope(|scope| {
        let client = &client;
        scope.spawn(move || {
            let overrides = scene::call(&[("batch_size", "10"), ("concurrency", "1")]);
            let call = Call::new().overrides(&overrides);
            let others = &scene::accounts(500)[..300];
            assert!(client.set_status(UserStatus::Disabled, others, call).unwrap().all_applied());
        });
        let status_sent =
            |log: &[hwm_sandbox::LoggedRequest]| log.iter().any(|sent| !sent.accounts.is_empty());
        assert!(sandbox.wait_until(std::time::Duration::from_secs(20), status_sent));
        let own = ["u0500", "u0501"];
        let report = client.set_status(UserStatus::Disabled, own, Call::new()).unwrap();
        assert!(report.all_applied());
    });
    assert_eq!(sandbox.requests().last().unwrap().accounts, ["u0500"]);
}

fn logged_in(sandbox: &hwm_sandbox::Sandbox, login: &str) -> hwm::Client {
    let mut options = scene::options(sandbox);
    options.set("access_token", None).unwrap();
    scene::set(&mut options, &[("login", login), ("password", "secret-password")]);
    hwm::Client::new(&options).unwrap()
}

#[test]
fn nobody_behind_the_parts_of_a_batch_that_was_too_large_is_enabled_before_them() {
    // Batch 1 is too large, batch 2 passes, batches 3 and 4 do not fit any more, and all four answers
    // are there before the first is looked at.
    let too_large =
        What::Status { status: 413, body: String::new(), headers: vec![], content_type: None };
    let faults = vec![Fault::new(When::Account("u0000".into()), too_large).times(1)];
    let config = Config { capacity: Some(130), faults, ..scene::disabled_users(400) };
    let sandbox = scene::start(config);
    let client = scene::client(&sandbox, &[("concurrency", "4")]);
    let mut until_all_are_answered = |_: &hwm::Progress| {
        if sandbox.request_count() > 0 {
            let answered = |log: &[hwm_sandbox::LoggedRequest]| {
                log.iter().filter(|sent| sent.answered).count() >= 4
            };
            assert!(sandbox.wait_until(std::time::Duration::from_secs(20), answered));
            // The answers are on their way through loopback.
            std::thread::park_timeout(std::time::Duration::from_millis(200));
        }
        std::ops::ControlFlow::Continue(())
    };
    let call = Call::new().on_progress(&mut until_all_are_answered);
    let error = client.set_status(UserStatus::Normal, scene::accounts(400), call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Capacity);
    let report = error.report().unwrap();
    // Which batches found room whole is up to the order in which they arrived. What is left of the
    // room belongs to the earliest of the others, from its front.
    assert_eq!(report.count(Outcome::Applied), 130, "all of the room is used");
    let applied = |i: &usize| report.get(*i).unwrap().outcome == Outcome::Applied;
    let whole = |batch: &usize| (batch * 100..(batch + 1) * 100).all(|i| applied(&i));
    let earliest = (0..4).find(|batch| !whole(batch)).unwrap() * 100;
    let behind: Vec<_> = (earliest..400).filter(|i| !whole(&(i / 100))).filter(applied).collect();
    assert_eq!(behind, (earliest..earliest + 30).collect::<Vec<_>>());
}

#[test]
fn a_413_while_the_capacity_is_fitted_says_nothing_of_the_capacity() {
    let too_large =
        What::Status { status: 413, body: String::new(), headers: vec![], content_type: None };
    // The first batch passes, the second does not fit, and the first question for what fits is too large.
    let faults = vec![Fault::new(When::Requests(vec![3]), too_large)];
    let config = Config { capacity: Some(180), faults, ..scene::disabled_users(200) };
    let sandbox = scene::start(config);
    let client = scene::client(&sandbox, &[("concurrency", "1")]);
    let error =
        client.set_status(UserStatus::Normal, scene::accounts(200), Call::new()).unwrap_err();
    assert!(error.message().contains("180 of 200 enabled"), "{error}");
    assert!(error.message().contains("disable others first"), "{error}");
}
