//! Deadline, cancel and callbacks: a call ends when the host says so, and still tells the truth.

mod raw;
mod scene;

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hwm::{Call, Cancel, ErrorKind, Options, Outcome, Progress, UserStatus};
use hwm_sandbox::{Config, Fault, Sandbox, What, When};

const LONG: Duration = Duration::from_secs(20);

fn silent(users: usize) -> Sandbox {
    let faults = vec![Fault::new(When::All, What::Silence { after: true })];
    scene::start(Config { faults, ..scene::disabled_users(users) })
}

#[test]
fn the_deadline_ends_a_call_whatever_the_server_does() {
    const BOUND: Duration = Duration::from_millis(300 + 250);
    for what in [
        What::Silence { after: false },
        What::Trickle { bytes_per_interval: 1, interval_ms: 20 },
        What::Error500,
    ] {
        // A busy machine makes one try or another longer, and never one shorter: what the library
        // needs is what the best try took. A library that is late is so in all of them.
        let mut best = Duration::MAX;
        for _ in 0..5 {
            best = best.min(time_of_a_call_to_its_deadline(&what));
            if best < BOUND {
                break;
            }
        }
        assert!(best < BOUND, "{what:?}: {best:?}");
    }
}

/// How long a call with a deadline of 300 ms takes where every request gets `what`.
fn time_of_a_call_to_its_deadline(what: &What) -> Duration {
    let faults = vec![Fault::new(When::All, what.clone())];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(10) });
    let values = [
        ("deadline_ms", "300"),
        ("attempts", "100"),
        ("retry_base_ms", "50"),
        ("retry_max_ms", "50"),
    ];
    let client = scene::client(&sandbox, &values);
    let began = Instant::now();
    let result = client.set_status(UserStatus::Normal, scene::accounts(10), Call::new());
    let took = began.elapsed();
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{what:?}");
    assert_eq!(error.report().unwrap().count(Outcome::Applied), 0);
    took
}

#[test]
fn a_cancel_before_the_call_sends_nothing() {
    let sandbox = scene::start(scene::disabled_users(3));
    let client = scene::client(&sandbox, &[]);
    let cancel = Cancel::new();
    cancel.trigger();
    let call = Call::new().cancel(&cancel);
    let error = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 3);
    assert_eq!(sandbox.request_count(), 0);
    cancel.reset();
    let call = Call::new().cancel(&cancel);
    assert!(client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap().all_applied());
}

#[test]
fn a_cancel_lets_requests_in_flight_end_and_starts_no_other() {
    let sandbox = scene::start(Config { latency_ms: 300, ..scene::disabled_users(1000) });
    let client = scene::client(&sandbox, &[("concurrency", "2")]);
    let cancel = Cancel::new();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(sandbox.wait_for_requests(1, LONG));
            cancel.trigger();
        });
        let call = Call::new().cancel(&cancel);
        client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let report = error.report().unwrap();
    assert_eq!(report.count(Outcome::Applied) as u64, 100 * report.requests());
    assert_eq!(report.count(Outcome::Unknown), 0);
    assert!(report.requests() <= 2);
}

#[test]
fn the_drain_ends_and_a_second_cancel_ends_it_at_once() {
    for (drain_ms, cancels) in [("100", 1), ("60000", 2)] {
        let sandbox = silent(300);
        let client = scene::client(&sandbox, &[("drain_ms", drain_ms), ("concurrency", "2")]);
        let cancel = Cancel::new();
        let began = Instant::now();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(sandbox.wait_for_requests(2, LONG));
                (0..cancels).for_each(|_| cancel.trigger());
            });
            let call = Call::new().cancel(&cancel);
            client.set_status(UserStatus::Normal, scene::accounts(300), call).unwrap_err()
        });
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        let report = error.report().unwrap();
        assert_eq!(report.count(Outcome::Unknown), 200, "those in flight");
        assert_eq!(report.count(Outcome::NotAttempted), 100);
    }
}

#[test]
fn progress_comes_on_the_calling_thread_and_a_last_time_at_the_end() {
    let sandbox = scene::start(Config { latency_ms: 20, ..scene::disabled_users(1000) });
    let client = scene::client(&sandbox, &[("concurrency", "1")]);
    let caller = std::thread::current().id();
    let mut seen: Vec<Progress> = Vec::new();
    let mut watch = |progress: &Progress| {
        assert_eq!(std::thread::current().id(), caller);
        seen.push(*progress);
        ControlFlow::Continue(())
    };
    let call = Call::new().on_progress(&mut watch);
    client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap();
    let last = seen.last().unwrap();
    assert_eq!((last.total, last.settled, last.applied), (1000, 1000, 1000));
    assert_eq!((last.requests, last.remaining_ms), (10, 0));
    assert!(seen.windows(2).all(|pair| pair[0].settled <= pair[1].settled));
    assert!(seen.len() >= 3, "{} calls", seen.len());
    let seconds = last.elapsed_ms as f64 / 1000.0;
    assert!(seen.len() as f64 <= 20.0 * seconds + 2.0, "at most 20 a second");
}

#[test]
fn progress_can_cancel() {
    let sandbox = scene::start(Config { latency_ms: 60, ..scene::disabled_users(1000) });
    let client = scene::client(&sandbox, &[("concurrency", "1")]);
    let mut stop = |progress: &Progress| match progress.applied {
        0 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let call = Call::new().on_progress(&mut stop);
    let error = client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let applied = error.report().unwrap().count(Outcome::Applied);
    assert!((100..1000).contains(&applied), "{applied}");
}

#[test]
fn a_callback_cannot_use_its_own_client_but_another_one() {
    let sandbox = scene::start(scene::disabled_users(3));
    let client = scene::client(&sandbox, &[]);
    let other = scene::client(&sandbox, &[]);
    let calls = AtomicU64::new(0);
    let mut nested = |_: &Progress| {
        let own = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
        assert_eq!(own.kind(), ErrorKind::InvalidArgument);
        assert!(own.message().contains("called from its own callback"), "{own}");
        assert!(client.close().unwrap_err().message().contains("own callback"));
        assert!(
            other.set_status(UserStatus::Normal, ["u0001"], Call::new()).unwrap().all_applied()
        );
        calls.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    let call = Call::new().on_progress(&mut nested);
    assert!(client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap().all_applied());
    assert!(calls.load(Ordering::Relaxed) >= 1);
}

#[test]
fn a_callback_may_block_and_nothing_is_lost() {
    let sandbox = scene::start(scene::disabled_users(1000));
    let client = scene::client(&sandbox, &[]);
    let mut slow = |_: &Progress| {
        std::thread::park_timeout(Duration::from_millis(100));
        ControlFlow::Continue(())
    };
    let call = Call::new().on_progress(&mut slow);
    assert!(
        client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap().all_applied()
    );
}

#[test]
fn calls_of_one_status_share_a_client_and_another_status_waits() {
    let sandbox = scene::start(Config { latency_ms: 5, ..scene::disabled_users(400) });
    let client = scene::client(&sandbox, &[]);
    let accounts = scene::accounts(400);
    std::thread::scope(|scope| {
        for part in accounts.chunks(50) {
            for status in [UserStatus::Normal, UserStatus::Disabled] {
                let client = &client;
                scope.spawn(move || {
                    assert!(client.set_status(status, part, Call::new()).unwrap().all_applied());
                });
            }
        }
    });
    assert_eq!(sandbox.request_count(), 16);
}

#[test]
fn a_wait_for_another_status_counts_against_the_deadline() {
    let sandbox = silent(10);
    let client = scene::client(&sandbox, &[]);
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let call = Call::new().cancel(&cancel);
            client.set_status(UserStatus::Normal, ["u0000"], call).unwrap_err();
        });
        assert!(sandbox.wait_for_requests(1, LONG));
        let overrides = scene::call(&[("deadline_ms", "100")]);
        let call = Call::new().overrides(&overrides);
        let error = client.set_status(UserStatus::Disabled, ["u0001"], call).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        cancel.trigger();
        cancel.trigger();
    });
}

#[test]
fn a_dry_run_sends_nothing_and_tells_the_plan() {
    let sandbox = scene::start(Config::default());
    let client = scene::client(&sandbox, &[("max_requests_per_minute", "60")]);
    let overrides: Options = scene::call(&[("dry_run", "true"), ("batch_size", "10")]);
    let mut list = scene::accounts(95);
    list.extend(scene::accounts(5));
    let call = Call::new().overrides(&overrides);
    let report = client.set_status(UserStatus::Disabled, &list, call).unwrap();
    let plan = report.plan();
    assert_eq!((plan.accounts, plan.repeats, plan.batches), (95, 5, 10));
    assert_eq!(plan.estimated_ms, 10_000);
    assert!(report.is_dry_run());
    assert_eq!(report.count(Outcome::NotAttempted), 95);
    assert_eq!(sandbox.request_count(), 0);
}

#[test]
fn an_answer_that_came_while_a_callback_blocked_past_the_deadline_counts() {
    let sandbox = scene::start(Config { latency_ms: 100, ..scene::disabled_users(10) });
    let client = scene::client(&sandbox, &[("deadline_ms", "400")]);
    let began = Instant::now();
    let mut block = |progress: &Progress| {
        if progress.requests > 0 {
            std::thread::park_timeout(Duration::from_millis(600).saturating_sub(began.elapsed()));
        }
        ControlFlow::Continue(())
    };
    let call = Call::new().on_progress(&mut block);
    let report = client.set_status(UserStatus::Normal, scene::accounts(10), call).unwrap();
    assert!(report.all_applied(), "{}", report.summary());
}

#[test]
fn a_refused_batch_that_a_cancel_leaves_undecided_is_cancelled() {
    let sandbox = scene::start(Config { latency_ms: 300, ..scene::disabled_users(1) });
    let client = scene::client(&sandbox, &[]);
    let cancel = Cancel::new();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(sandbox.wait_for_requests(1, LONG));
            cancel.trigger();
        });
        let call = Call::new().cancel(&cancel);
        client.set_status(UserStatus::Normal, ["u0000", "ghost"], call).unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.report().unwrap().count(Outcome::Unknown), 2);
}

#[test]
fn a_batch_whose_next_try_would_be_too_late_does_not_end_the_others() {
    let faults = vec![Fault::new(When::Account("u0000".into()), What::Error500)];
    let sandbox = scene::start(Config { faults, latency_ms: 5, ..scene::disabled_users(2000) });
    let values = [
        ("deadline_ms", "20000"),
        ("retry_base_ms", "4000000000"),
        ("retry_max_ms", "4000000000"),
        ("concurrency", "2"),
    ];
    let client = scene::client(&sandbox, &values);
    let began = Instant::now();
    let error =
        client.set_status(UserStatus::Normal, scene::accounts(2000), Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.http_status(), Some(500));
    let report = error.report().unwrap();
    assert_eq!((report.count(Outcome::Unknown), report.count(Outcome::Applied)), (100, 1900));
    assert!(began.elapsed() < Duration::from_secs(10), "nothing is left to wait for");
}

#[test]
fn a_last_progress_comes_also_where_nothing_was_sent() {
    let sandbox = scene::start(scene::disabled_users(3));
    let client = scene::client(&sandbox, &[]);
    let missing = [("journal", "/nowhere/at/all/run.jsonl")];
    for (overrides, kind) in
        [(scene::call(&[("dry_run", "true")]), None), (scene::call(&missing), Some(ErrorKind::Io))]
    {
        let mut last = None;
        let mut watch = |progress: &Progress| {
            last = Some(*progress);
            ControlFlow::Continue(())
        };
        let call = Call::new().overrides(&overrides).on_progress(&mut watch);
        let result = client.set_status(UserStatus::Normal, scene::accounts(3), call);
        assert_eq!(result.as_ref().err().map(|error| error.kind()), kind);
        assert!(result.err().is_none_or(|error| error.report().is_some()));
        assert_eq!(last.map(|progress| progress.total), Some(3));
    }
}

#[test]
fn a_token_hook_that_takes_long_or_cancels_is_followed_by_no_request() {
    for deadline_ms in ["0", "50"] {
        let sandbox = scene::start(scene::disabled_users(3));
        let cancel = Cancel::new();
        let mut options = scene::options(&sandbox);
        options.set("access_token", None).unwrap();
        options.set("deadline_ms", deadline_ms).unwrap();
        let cancels = (deadline_ms == "0").then(|| cancel.clone());
        options.on_token(std::sync::Arc::new(move |request: &mut hwm::TokenRequest| {
            match &cancels {
                Some(cancel) => cancel.trigger(),
                None => std::thread::park_timeout(Duration::from_millis(60)),
            }
            request.set("sandbox-token", 0);
        }));
        let client = hwm::Client::new(&options).unwrap();
        let call = Call::new().cancel(&cancel);
        let error = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap_err();
        let kinds = [ErrorKind::Cancelled, ErrorKind::Timeout];
        assert_eq!(error.kind(), kinds[usize::from(deadline_ms != "0")]);
        assert_eq!(sandbox.request_count(), 0);
        assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 3);
    }
}

#[test]
fn a_trigger_and_a_break_are_one_cancel_and_leave_the_drain() {
    let sandbox = scene::start(Config { latency_ms: 300, ..scene::disabled_users(1000) });
    let client = scene::client(&sandbox, &[("concurrency", "2")]);
    let cancel = Cancel::new();
    let mut both = |progress: &Progress| {
        if sandbox.request_count() == 0 {
            return ControlFlow::Continue(());
        }
        if !cancel.is_triggered() && progress.elapsed_ms > 0 {
            cancel.trigger();
        }
        ControlFlow::Break(())
    };
    let call = Call::new().cancel(&cancel).on_progress(&mut both);
    let error = client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap_err();
    let report = error.report().unwrap();
    assert_eq!(report.count(Outcome::Applied), 200, "those in flight had their time to end");
}

#[test]
fn what_a_journal_settled_is_not_taken_for_work_of_this_call() {
    let sandbox = scene::start(Config { latency_ms: 100, ..scene::disabled_users(1000) });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let values = [("journal", path.to_str().unwrap()), ("concurrency", "1"), ("batch_size", "10")];
    let client = scene::client(&sandbox, &values);
    let mut first = |progress: &Progress| match progress.settled {
        0..20 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    };
    let call = Call::new().on_progress(&mut first);
    client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap_err();
    let mut estimates = Vec::new();
    let mut second = |progress: &Progress| {
        estimates.push((progress.settled, progress.remaining_ms));
        if progress.settled > 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let call = Call::new().on_progress(&mut second);
    client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap_err();
    let restored = estimates[0].0;
    assert!(restored >= 20);
    for (settled, remaining_ms) in estimates {
        if settled == restored {
            assert_eq!(remaining_ms, u64::MAX, "nothing is known before this call did anything");
        } else {
            assert!(remaining_ms > 5_000, "{remaining_ms} ms for over ninety requests of 100 ms");
        }
    }
}

#[test]
fn progress_counts_a_request_that_is_out_and_none_that_found_no_connection() {
    let sandbox = silent(3);
    let client = scene::client(&sandbox, &[("drain_ms", "0")]);
    let mut last = 0;
    let mut until_one_is_out = |progress: &Progress| {
        assert!(progress.requests >= last, "it only grows");
        last = progress.requests;
        if last > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let call = Call::new().on_progress(&mut until_one_is_out);
    let error = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap_err();
    assert_eq!(error.report().unwrap().requests(), 1);

    let gone = scene::start(Config::default()).url();
    let client = scene::client(&sandbox, &[("endpoint", &gone), ("attempts", "3")]);
    let error = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
    assert_eq!(error.report().unwrap().requests(), 0);
}

#[test]
fn long_answers_in_great_number_hold_no_deadline_up() {
    let server = raw::serve(|_, stream| {
        let text = "&".repeat(10_000);
        let body =
            format!(r#"{{"error_code":"{text}","error_msg":"{text}","request_id":"{text}"}}"#);
        let _ = stream.write_all(&raw::answer(503, "", body.as_bytes()));
        raw::Then::Keep
    });
    let client = server.client(&[("concurrency", "64"), ("batch_size", "1"), ("attempts", "10")]);
    let overrides = scene::call(&[("deadline_ms", "500")]);
    let began = Instant::now();
    let call = Call::new().overrides(&overrides);
    let error = client.set_status(UserStatus::Normal, scene::accounts(1000), call).unwrap_err();
    assert!(error.report().is_some(), "{error}");
    // Generous: tests are not optimised.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
