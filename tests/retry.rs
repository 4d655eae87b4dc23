//! What is tried again, how often, and what ends a run at once.

mod scene;

use hwm::{Call, Client, Error, ErrorKind, Outcome, Report, UserStatus};
use hwm_sandbox::{Config, Fault, Sandbox, What, When};

fn faulty(users: usize, faults: Vec<Fault>) -> Sandbox {
    scene::start(Config { faults, ..scene::disabled_users(users) })
}

fn first(requests: &[u64], what: What) -> Vec<Fault> {
    vec![Fault::new(When::Requests(requests.to_vec()), what)]
}

fn status(status: u16) -> What {
    What::Status { status, body: String::new(), headers: vec![], content_type: None }
}

fn run(client: &Client, count: usize) -> Result<Report, Error> {
    client.set_status(UserStatus::Normal, scene::accounts(count), Call::new())
}

#[test]
fn what_may_pass_is_tried_again_until_it_does() {
    for what in [
        What::Error500,
        What::BadGatewayHtml,
        What::Unavailable { retry_after: None },
        What::ResetBefore,
        What::ResetAfter,
        What::FinBefore,
        What::TruncatedBody,
        What::ProxyHtml200,
        status(408),
        status(425),
        status(409),
        status(421),
        status(507),
    ] {
        let sandbox = faulty(3, first(&[1], what.clone()));
        let report = run(&scene::client(&sandbox, &[]), 3).unwrap();
        assert!(report.all_applied(), "{what:?}");
        assert_eq!((report.requests(), report.retries()), (2, 1), "{what:?}");
        assert_eq!(report.get(0).unwrap().attempts, 2);
    }
}

#[test]
fn tries_are_counted_and_the_last_answer_is_told() {
    let sandbox = faulty(3, vec![Fault::new(When::All, What::Error500)]);
    let error = run(&scene::client(&sandbox, &[("attempts", "3")]), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.http_status(), Some(500));
    assert_eq!(sandbox.request_count(), 3);
    let report = error.report().unwrap();
    assert_eq!(report.count(Outcome::Unknown), 3);
    assert!(report.iter().all(|entry| entry.http_status == 500 && !entry.request_id.is_empty()));
}

#[test]
fn what_no_try_can_better_ends_the_run() {
    for (code, kind) in [
        (301, ErrorKind::Protocol),
        (403, ErrorKind::Permission),
        (404, ErrorKind::Protocol),
        (405, ErrorKind::Protocol),
        (407, ErrorKind::Protocol),
        (412, ErrorKind::Authentication),
        (414, ErrorKind::Protocol),
        (418, ErrorKind::Protocol),
        (423, ErrorKind::Authentication),
        (501, ErrorKind::Server),
        (505, ErrorKind::Server),
    ] {
        let sandbox = faulty(500, vec![Fault::new(When::All, status(code))]);
        let error = run(&scene::client(&sandbox, &[("concurrency", "1")]), 500).unwrap_err();
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.http_status(), Some(code));
        assert_eq!(sandbox.request_count(), 1, "{code}");
    }
}

#[test]
fn a_page_seen_twice_ends_the_run() {
    let sandbox = faulty(500, vec![Fault::new(When::All, What::ProxyHtml200)]);
    let error = run(&scene::client(&sandbox, &[("concurrency", "1")]), 500).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("something between you and the service answered"));
    assert_eq!(sandbox.request_count(), 2);
    assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 400);
}

#[test]
fn a_conflict_is_tried_again_twice_and_then_taken_for_a_refusal() {
    let sandbox = faulty(1, vec![Fault::new(When::All, status(409))]);
    let report = run(&scene::client(&sandbox, &[]), 1).unwrap();
    assert_eq!(report.get(0).unwrap().outcome, Outcome::Rejected);
    assert_eq!(sandbox.request_count(), 3);
}

#[test]
fn too_large_is_split_without_a_search() {
    let sandbox = faulty(100, first(&[1], status(413)));
    let report = run(&scene::client(&sandbox, &[("concurrency", "1")]), 100).unwrap();
    assert!(report.all_applied());
    let sizes: Vec<_> = sandbox.requests().iter().map(|sent| sent.accounts.len()).collect();
    assert_eq!(sizes, [100, 50, 50]);
}

#[test]
fn throttling_costs_no_tries_and_waits_as_told() {
    let config = Config {
        faults: first(&[1, 2, 3, 4, 5, 6], What::TooMany { retry_after: Some(3) }),
        ..scene::disabled_users(3)
    };
    let sandbox = scene::start(config);
    let mut options = scene::options(&sandbox);
    // The timeout is of the fast clock too: one that a busy machine keeps.
    scene::set(&mut options, &[("attempts", "1"), ("request_timeout_ms", "60000000")]);
    let client = Client::with_clock_scale(&options, 1000.0).unwrap();
    let report = run(&client, 3).unwrap();
    assert!(report.all_applied());
    assert!(
        report.elapsed_ms() >= 18_000,
        "six waits of three seconds, not {}",
        report.elapsed_ms()
    );
}

#[test]
fn a_wait_longer_than_allowed_ends_the_run_at_once() {
    for (key, value) in [("max_wait_ms", "5000"), ("deadline_ms", "5000")] {
        let what = What::TooMany { retry_after: Some(3600) };
        let sandbox = faulty(3, vec![Fault::new(When::All, what)]);
        let error = run(&scene::client(&sandbox, &[(key, value)]), 3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Quota);
        assert!(error.message().contains("quota exhausted, next request in 1 h"), "{error}");
        assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 3);
        assert_eq!(sandbox.request_count(), 1);
    }
}

#[test]
fn a_dead_service_is_not_hammered() {
    let sandbox = faulty(100_000, vec![Fault::new(When::All, What::FinBefore)]);
    let client = scene::client(&sandbox, &[("attempts", "2"), ("concurrency", "4")]);
    let error = run(&client, 100_000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.message().contains("4 batches in a row"), "{error}");
    assert!(sandbox.request_count() <= 16, "{} requests", sandbox.request_count());
}

#[test]
fn the_next_endpoint_takes_over_only_where_nothing_was_sent() {
    let gone = scene::start(Config::default()).url();
    let sandbox = scene::start(scene::disabled_users(300));
    let mut options = scene::options(&sandbox);
    options.set("endpoint", format!("{gone},{}", sandbox.url()).as_str()).unwrap();
    scene::set(&mut options, &[("attempts", "2"), ("concurrency", "1")]);
    let report = run(&Client::new(&options).unwrap(), 300).unwrap();
    assert!(report.all_applied());
    assert_eq!(report.requests(), 3, "a try that found no connection is no request");

    let second = scene::start(scene::disabled_users(3));
    let sick = faulty(3, vec![Fault::new(When::All, What::Error500)]);
    options.set("endpoint", format!("{},{}", sick.url(), second.url()).as_str()).unwrap();
    assert!(run(&Client::new(&options).unwrap(), 3).is_err());
    assert_eq!(second.request_count(), 0);
}

#[test]
fn a_kept_connection_that_was_reset_costs_no_try() {
    let sandbox = scene::start(scene::disabled_users(3));
    let client = scene::client(&sandbox, &[("attempts", "1")]);
    assert!(run(&client, 3).unwrap().all_applied());
    sandbox.set_faults(first(&[1], What::ResetBefore));
    assert!(run(&client, 3).unwrap().all_applied(), "the first call's connection was reset");
    let fresh = scene::client(&sandbox, &[("attempts", "1")]);
    sandbox.set_faults(first(&[1], What::ResetBefore));
    assert!(run(&fresh, 3).is_err(), "a new connection has no such excuse");
}

#[test]
fn a_batch_in_conflict_with_no_try_left_is_searched_all_the_same() {
    let sandbox = faulty(3, first(&[1], status(409)));
    let report = run(&scene::client(&sandbox, &[("attempts", "1")]), 3).unwrap();
    assert!(report.all_applied());
}

#[test]
fn a_wait_beyond_all_reason_ends_the_run_and_does_not_overflow() {
    for value in ["99999999999", "18446744073709551615"] {
        let refusal = What::Status {
            status: 429,
            body: String::new(),
            headers: vec![("Retry-After".into(), value.into())],
            content_type: None,
        };
        let sandbox = faulty(3, first(&[1], refusal));
        let error = run(&scene::client(&sandbox, &[]), 3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Quota);
        assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 3);
    }
}

#[test]
fn a_refusal_without_a_code_is_no_shortage_whatever_the_option_looks_like() {
    let sandbox = faulty(300, first(&[1], status(400)));
    let client = scene::client(&sandbox, &[("capacity_codes", "USG.201050006, ,")]);
    assert!(run(&client, 300).unwrap().all_applied());
}

#[test]
fn many_lone_refusals_without_a_code_are_no_shortage_either() {
    let sandbox = faulty(8, first(&[1, 2, 3, 4, 5], status(400)));
    let client = scene::client(&sandbox, &[("batch_size", "1"), ("concurrency", "1")]);
    let report = run(&client, 8).unwrap();
    assert_eq!((report.count(Outcome::Rejected), report.count(Outcome::Applied)), (5, 3));
}

#[test]
fn an_outcome_is_told_by_the_answer_that_decided_it() {
    let faults = vec![
        Fault::new(When::Requests(vec![1]), What::Error500),
        Fault::new(When::Requests(vec![2]), status(403)),
    ];
    let sandbox = faulty(2, faults);
    let error = run(&scene::client(&sandbox, &[]), 2).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Permission, Some(403)));
    let report = error.report().unwrap();
    for entry in report.iter() {
        assert_eq!((entry.outcome, entry.http_status), (Outcome::Unknown, 500));
        assert_eq!(entry.attempts, 2);
    }
}

#[test]
fn a_used_up_quota_is_told_with_status_code_and_request_id() {
    let sandbox = faulty(3, vec![Fault::new(When::All, What::TooMany { retry_after: None })]);
    let error = run(&scene::client(&sandbox, &[("max_wait_ms", "1000")]), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Quota);
    assert_eq!((error.http_status(), error.service_code()), (Some(429), Some("APIG.0308")));
    assert!(error.request_id().is_some_and(|id| error.message().contains(id)), "{error}");
}

#[test]
fn a_ceiling_that_allows_nothing_in_time_is_not_called_the_services_quota() {
    let sandbox = scene::start(scene::disabled_users(300));
    let values = [("max_requests_per_minute", "1"), ("deadline_ms", "20000")];
    let error = run(&scene::client(&sandbox, &values), 300).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Quota);
    assert!(error.message().starts_with("max_requests_per_minute allows"), "{error}");
}

#[test]
fn a_conflict_that_a_cancel_leaves_untried_rejects_nobody() {
    let conflict = r#"{"error_code":"USG.1","error_msg":"busy","request_id":"r"}"#;
    let what =
        What::Status { status: 409, body: conflict.into(), headers: vec![], content_type: None };
    let sandbox = faulty(1, vec![Fault::new(When::All, what)]);
    let values = [("retry_base_ms", "4000000000"), ("retry_max_ms", "4000000000")];
    let client = scene::client(&sandbox, &values);
    let mut once_answered = |_: &hwm::Progress| match sandbox.request_count() {
        0 => std::ops::ControlFlow::Continue(()),
        _ => std::ops::ControlFlow::Break(()),
    };
    let call = Call::new().on_progress(&mut once_answered);
    let error = client.set_status(UserStatus::Normal, ["u0000"], call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.report().unwrap().get(0).unwrap().outcome, Outcome::Unknown);
}
