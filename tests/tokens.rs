//! Tokens: fetched once, shared, renewed, ended; and errors that say what to check.

mod raw;
mod scene;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hwm::{Call, Client, Error, ErrorKind, Options, Outcome, TokenRequest, UserStatus};
use hwm_sandbox::{Config, Fault, LoginState, Sandbox, Target, What, When};

const APP_AUTH: &str = "/v2/usg/acs/auth/appauth";
const ACCOUNT_AUTH: &str = "/v1/usg/acs/auth/account";
const TOKEN: &str = "/v1/usg/acs/token";

/// Options that authenticate with these instead of a fixed token.
fn options(sandbox: &Sandbox, values: &[(&str, &str)]) -> Options {
    let mut options = scene::options(sandbox);
    options.set("access_token", None).unwrap();
    scene::set(&mut options, values);
    options
}

fn app(sandbox: &Sandbox) -> Options {
    let config = Config::default();
    options(sandbox, &[("app_id", &config.app_id), ("app_key", &config.app_key)])
}

const PASSWORD: [(&str, &str); 2] = [("login", "admin"), ("password", "Sandbox-1")];

fn sent_to(sandbox: &Sandbox, path: &str, method: &str) -> usize {
    sandbox.requests().iter().filter(|sent| sent.path == path && sent.method == method).count()
}

fn set(client: &Client, count: usize) -> Result<hwm::Report, Error> {
    client.set_status(UserStatus::Normal, scene::accounts(count), Call::new())
}

#[test]
fn an_app_id_gets_its_token_once() {
    let sandbox = scene::start(scene::disabled_users(300));
    let client = Client::new(&app(&sandbox)).unwrap();
    assert!(set(&client, 300).unwrap().all_applied());
    assert!(set(&client, 300).unwrap().all_applied());
    assert_eq!(sent_to(&sandbox, APP_AUTH, "POST"), 1);
}

#[test]
fn an_account_and_password_get_a_token() {
    let sandbox = scene::start(scene::disabled_users(3));
    let client = Client::new(&options(&sandbox, &PASSWORD)).unwrap();
    assert!(set(&client, 3).unwrap().all_applied());
    assert_eq!(sent_to(&sandbox, ACCOUNT_AUTH, "POST"), 1);
}

#[test]
fn a_service_provider_names_the_enterprise() {
    let config = Config { corp_id: Some("651543334".into()), ..scene::disabled_users(3) };
    let sandbox = scene::start(config);
    let mut options = app(&sandbox);
    options.set("corp_id", "651543334").unwrap();
    assert!(set(&Client::new(&options).unwrap(), 3).unwrap().all_applied());
}

#[test]
fn sixty_four_threads_fetch_one_token() {
    let sandbox = scene::start(scene::disabled_users(64));
    let client = Client::new(&app(&sandbox)).unwrap();
    std::thread::scope(|scope| {
        for account in scene::accounts(64) {
            let client = &client;
            scope.spawn(move || {
                let report = client.set_status(UserStatus::Normal, [account], Call::new()).unwrap();
                assert!(report.all_applied());
            });
        }
    });
    assert_eq!(sent_to(&sandbox, APP_AUTH, "POST"), 1);
}

#[test]
fn a_token_that_ends_in_mid_run_is_renewed_once_and_nothing_is_lost() {
    for expiries in [1, 2] {
        let config = Config { latency_ms: 1, ..scene::disabled_users(1000) };
        let sandbox = scene::start(config);
        let mut options = app(&sandbox);
        scene::set(&mut options, &[("batch_size", "1"), ("concurrency", "64")]);
        let client = Client::new(&options).unwrap();
        let report = std::thread::scope(|scope| {
            scope.spawn(|| {
                for expiry in 1..=expiries {
                    let answered_200 = |log: &[hwm_sandbox::LoggedRequest]| {
                        log.iter().filter(|sent| sent.status == 200).count() > 300 * expiry
                    };
                    assert!(sandbox.wait_until(std::time::Duration::from_secs(20), answered_200));
                    sandbox.expire_tokens();
                }
            });
            set(&client, 1000).unwrap()
        });
        assert!(report.all_applied());
        assert_eq!(sent_to(&sandbox, APP_AUTH, "POST"), 1 + expiries);
    }
}

/// A sandbox whose clock stands still, so that no token ends there however slow the machine, and a
/// client whose clock runs: to it the token of ten minutes is due after 540 seconds, 2.7 real ones.
fn ahead_of_the_service(faults: Vec<Fault>) -> (Sandbox, Client) {
    let config =
        Config { token_valid_seconds: 600, time_scale: 0.0, faults, ..scene::disabled_users(10) };
    let sandbox = scene::start(config);
    let mut options = app(&sandbox);
    options.set("request_timeout_ms", "4000000").unwrap();
    let client = Client::with_clock_scale(&options, 200.0).unwrap();
    (sandbox, client)
}

/// Sets statuses until `count` requests of `method` went to `path`.
fn set_until(sandbox: &Sandbox, client: &Client, path: &str, method: &str, count: usize) {
    let began = std::time::Instant::now();
    while sent_to(sandbox, path, method) < count {
        assert!(set(client, 10).unwrap().all_applied());
        assert!(began.elapsed() < std::time::Duration::from_secs(20));
    }
}

#[test]
fn a_token_is_refreshed_ahead_of_its_end() {
    let (sandbox, client) = ahead_of_the_service(vec![]);
    set_until(&sandbox, &client, TOKEN, "PUT", 1);
    let refused = sandbox.requests().iter().filter(|sent| sent.status == 401).count();
    assert_eq!((refused, sent_to(&sandbox, APP_AUTH, "POST")), (0, 1));
}

#[test]
fn a_refresh_that_fails_falls_back_to_authentication() {
    let what =
        What::Status { status: 401, body: String::new(), headers: vec![], content_type: None };
    let second = Fault::new(When::Requests(vec![2]), what).on(Target::Token);
    let (sandbox, client) = ahead_of_the_service(vec![second]);
    set_until(&sandbox, &client, APP_AUTH, "POST", 2);
    assert_eq!(sent_to(&sandbox, TOKEN, "PUT"), 1);
}

/// The error of a client that cannot authenticate.
fn refused(config: Config, change: impl FnOnce(&Sandbox) -> Options) -> (Error, usize) {
    let sandbox = scene::start(config);
    let client = Client::new(&change(&sandbox)).unwrap();
    let error = set(&client, 3).unwrap_err();
    assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 3);
    (error, sandbox.request_count())
}

#[test]
fn every_refusal_of_credentials_says_what_to_check() {
    let with_login = |state| {
        let mut config = scene::disabled_users(3);
        config.logins[0].state = state;
        config
    };
    let plain = || scene::disabled_users(3);
    let by_password = |sandbox: &Sandbox| options(sandbox, &PASSWORD);
    let wrong_password = |sandbox: &Sandbox| options(sandbox, &[PASSWORD[0], ("password", "x")]);
    let wrong_key = |sandbox: &Sandbox| {
        let mut options = app(sandbox);
        options.set("app_key", "wrong").unwrap();
        options
    };
    let needless_corp = |sandbox: &Sandbox| {
        let mut options = app(sandbox);
        options.set("corp_id", "651543334").unwrap();
        options
    };
    let fixed = |sandbox: &Sandbox| {
        let mut options = scene::options(sandbox);
        options.set("access_token", "stale").unwrap();
        options
    };
    let skewed = Config { clock_skew_seconds: 86_400, ..plain() };
    let authentication = ErrorKind::Authentication;
    for ((error, requests), kind, words) in [
        (refused(plain(), wrong_password), authentication, "check login and password"),
        (
            refused(with_login(LoginState::Disabled), by_password),
            authentication,
            "account is disabled",
        ),
        (refused(with_login(LoginState::Locked), by_password), authentication, "account is locked"),
        (refused(plain(), wrong_key), authentication, "check app_id and app_key"),
        (refused(skewed, app), authentication, "clock is right"),
        (refused(plain(), needless_corp), authentication, "check corp_id"),
        (refused(plain(), fixed), authentication, "set access_token to a new one"),
    ] {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(words), "{error}");
        assert_eq!(requests, 1, "{error}");
    }
}

#[test]
fn an_administrator_in_name_only_is_told_so() {
    let sandbox =
        scene::start(Config { forbidden_tokens: vec!["weak".into()], ..scene::disabled_users(3) });
    let mut options = scene::options(&sandbox);
    options.set("access_token", "weak").unwrap();
    let error = set(&Client::new(&options).unwrap(), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert_eq!((error.http_status(), error.service_code()), (Some(403), Some("USG.000000004")));
    assert!(error.message().contains("is an administrator"), "{error}");
}

#[test]
fn a_fresh_token_that_is_rejected_ends_the_run() {
    let what =
        What::Status { status: 401, body: String::new(), headers: vec![], content_type: None };
    let sandbox = scene::start(Config {
        faults: vec![Fault::new(When::All, what)],
        ..scene::disabled_users(3)
    });
    let error = set(&Client::new(&app(&sandbox)).unwrap(), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(sent_to(&sandbox, APP_AUTH, "POST"), 2);
}

#[test]
fn a_service_that_stumbles_over_the_authentication_is_asked_again() {
    let faults = vec![
        Fault::new(When::Requests(vec![1]), What::BadGatewayHtml).on(Target::Token),
        Fault::new(When::Requests(vec![2]), What::ResetBefore).on(Target::Token),
        Fault::new(When::Requests(vec![3]), What::TooMany { retry_after: Some(1) })
            .on(Target::Token),
    ];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
    let mut options = app(&sandbox);
    options.set("request_timeout_ms", "4000000").unwrap();
    let client = Client::with_clock_scale(&options, 100.0).unwrap();
    assert!(set(&client, 3).unwrap().all_applied());
    assert_eq!(sent_to(&sandbox, APP_AUTH, "POST"), 4);
}

#[test]
fn a_wrong_password_is_tried_once_for_all_who_wait() {
    let sandbox = scene::start(Config { latency_ms: 1000, ..scene::disabled_users(8) });
    let client = Client::new(&options(&sandbox, &[PASSWORD[0], ("password", "x")])).unwrap();
    std::thread::scope(|scope| {
        for account in scene::accounts(8) {
            let client = &client;
            scope.spawn(move || {
                let error =
                    client.set_status(UserStatus::Normal, [account], Call::new()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Authentication);
            });
        }
    });
    assert_eq!(sent_to(&sandbox, ACCOUNT_AUTH, "POST"), 1);
}

#[test]
fn logging_out_ends_the_token_and_spares_the_others() {
    for (logout, ended) in [("true", 1), ("false", 0)] {
        let sandbox = scene::start(scene::disabled_users(3));
        let mut options = app(&sandbox);
        options.set("logout", logout).unwrap();
        for _ in 0..3 {
            let client = Client::new(&options).unwrap();
            assert!(set(&client, 3).unwrap().all_applied());
            client.close().unwrap();
            assert!(set(&client, 3).unwrap_err().message().contains("closed"));
        }
        assert_eq!(sent_to(&sandbox, TOKEN, "DELETE"), 3 * ended);
    }
}

#[test]
fn a_close_takes_five_seconds_at_most_whatever_it_waits_for() {
    let server = raw::serve(|heard, stream| {
        std::thread::sleep(Duration::from_secs(4));
        let token = br#"{"accessToken":"token-of-the-test","validPeriod":3600}"#;
        let body = if heard.request_line.contains("auth") { &token[..] } else { b"" };
        let _ = stream.write_all(&raw::answer(200, "", body));
        raw::Then::Keep
    });
    let mut options = server.options(&[("deadline_ms", "100"), ("logout", "true")]);
    options.set("access_token", None).unwrap();
    scene::set(&mut options, &PASSWORD);
    let client = Client::new(&options).unwrap();
    assert_eq!(set(&client, 1).unwrap_err().kind(), ErrorKind::Timeout);
    let began = Instant::now();
    assert!(client.close().is_err(), "the token came late, and to log it out takes too long");
    assert!(began.elapsed() < Duration::from_millis(6500), "{:?}", began.elapsed());
}

#[test]
fn a_token_is_logged_out_at_an_endpoint_that_can_be_reached() {
    let sandbox = scene::start(scene::disabled_users(3));
    let mut options = app(&sandbox);
    let endpoints = format!("http://127.0.0.1:1,{}", sandbox.url());
    scene::set(&mut options, &[("endpoint", &endpoints), ("logout", "true")]);
    let client = Client::new(&options).unwrap();
    assert!(set(&client, 3).unwrap().all_applied());
    client.close().unwrap();
    assert_eq!(sent_to(&sandbox, TOKEN, "DELETE"), 1);
}

#[test]
fn a_token_that_was_given_is_never_logged_out() {
    let sandbox = scene::start(scene::disabled_users(3));
    let client = scene::client(&sandbox, &[("logout", "true")]);
    assert!(set(&client, 3).unwrap().all_applied());
    client.close().unwrap();
    assert_eq!(sent_to(&sandbox, TOKEN, "DELETE"), 0);
}

#[test]
fn a_host_can_keep_its_own_tokens() {
    let sandbox = scene::start(scene::disabled_users(300));
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let mut options = options(&sandbox, &[]);
    options.on_token(Arc::new(move |request: &mut TokenRequest| {
        // The first one is stale: the host is asked again.
        match counter.fetch_add(1, Ordering::SeqCst) {
            0 => request.set("stale", 0),
            _ => request.set("sandbox-token", 3600),
        }
    }));
    let client = Client::new(&options).unwrap();
    assert!(set(&client, 300).unwrap().all_applied());
    assert!(set(&client, 300).unwrap().all_applied());
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_host_that_has_no_token_says_why() {
    let sandbox = scene::start(scene::disabled_users(3));
    for (answers, words) in [(true, "the vault is sealed"), (false, "neither with a token nor")] {
        let mut options = options(&sandbox, &[]);
        options.on_token(Arc::new(move |request: &mut TokenRequest| {
            if answers {
                request.fail("the vault is sealed");
            }
        }));
        let error = set(&Client::new(&options).unwrap(), 3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.message().contains(words), "{error}");
    }
}

#[test]
fn a_batch_that_no_token_gets_through_does_not_use_up_the_tokens() {
    let what = What::Status {
        status: 403,
        body: r#"{"error_code":"USG.000000004","error_msg":"Illegal request","request_id":"r"}"#
            .into(),
        headers: vec![],
        content_type: None,
    };
    let faults = vec![Fault::new(When::Account("u0000".into()), what)];
    let sandbox = scene::start(Config { latency_ms: 5, faults, ..scene::disabled_users(2000) });
    let mut options = app(&sandbox);
    scene::set(&mut options, &[("batch_size", "10")]);
    let error = set(&Client::new(&options).unwrap(), 2000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permission);
    assert!(sent_to(&sandbox, APP_AUTH, "POST") <= 3);
}

#[test]
fn a_diagnosis_leaves_no_renewal_undone() {
    // Each request takes 300 seconds of the client's clock: the token falls due between two questions.
    let config = Config {
        token_valid_seconds: 300,
        time_scale: 0.0,
        latency_ms: 300,
        ..scene::disabled_users(3)
    };
    let (sandbox, other) = (scene::start(config), scene::start(Config::default()));
    let mut options = app(&sandbox);
    let endpoints = format!("{},{}", sandbox.url(), other.url());
    scene::set(&mut options, &[("endpoint", &endpoints), ("request_timeout_ms", "4000000000")]);
    let client = Client::with_clock_scale(&options, 1000.0).unwrap();
    for _ in 0..3 {
        client.diagnose().unwrap().token.unwrap();
    }
    let overrides = scene::call(&[("deadline_ms", "20000000")]);
    let call = Call::new().overrides(&overrides);
    let report = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap();
    assert!(report.all_applied());
}

#[test]
fn a_stumble_during_a_diagnosis_ends_no_call_that_waits() {
    let faults = vec![
        Fault::new(When::Requests(vec![1]), What::Unavailable { retry_after: None })
            .on(Target::Token),
    ];
    let sandbox = scene::start(Config { faults, latency_ms: 300, ..scene::disabled_users(3) });
    let client = Client::new(&app(&sandbox)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| client.diagnose().unwrap().token.unwrap());
        assert!(sandbox.wait_for_requests(1, std::time::Duration::from_secs(20)));
        assert!(set(&client, 3).unwrap().all_applied());
    });
    assert_eq!(sent_to(&sandbox, APP_AUTH, "POST"), 2);
}

#[test]
fn a_client_is_not_closed_under_a_diagnosis() {
    let sandbox = scene::start(Config { latency_ms: 500, ..scene::disabled_users(3) });
    let mut options = app(&sandbox);
    options.set("logout", "true").unwrap();
    let client = Client::new(&options).unwrap();
    std::thread::scope(|scope| {
        let diagnosis = scope.spawn(|| client.diagnose().unwrap());
        assert!(sandbox.wait_for_requests(1, std::time::Duration::from_secs(20)));
        let error = client.close().unwrap_err();
        assert!(error.message().contains("still running"), "{error}");
        let diagnosis = diagnosis.join().unwrap();
        assert_eq!(*diagnosis.endpoints[0].users.as_ref().unwrap().as_ref().unwrap(), 3);
    });
    client.close().unwrap();
    assert_eq!(sent_to(&sandbox, TOKEN, "DELETE"), 1);
}

#[test]
fn a_call_that_has_settled_everything_waits_for_no_renewal() {
    let silent = Fault::new(When::Requests(vec![2]), What::Silence { after: false });
    let (sandbox, client) = ahead_of_the_service(vec![silent.on(Target::Token)]);
    // The call in which the refresh begins ends all the same, long before the refresh gives up.
    set_until(&sandbox, &client, TOKEN, "PUT", 1);
}

#[test]
fn a_wait_for_the_next_authentication_that_is_too_late_is_not_begun() {
    let faults =
        vec![Fault::new(When::All, What::Unavailable { retry_after: None }).on(Target::Token)];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
    let mut options = app(&sandbox);
    let slow = [("retry_base_ms", "4000000000"), ("retry_max_ms", "4000000000")];
    scene::set(&mut options, &slow);
    scene::set(&mut options, &[("deadline_ms", "15000")]);
    let began = std::time::Instant::now();
    let error = set(&Client::new(&options).unwrap(), 3).unwrap_err();
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Timeout, Some(503)), "{error}");
    assert!(error.message().contains("the next try to authenticate is in"), "{error}");
}

#[test]
fn a_fixed_token_that_was_rejected_is_tried_again_by_the_next_call() {
    let what =
        What::Status { status: 401, body: String::new(), headers: vec![], content_type: None };
    let faults = vec![Fault::new(When::Requests(vec![1]), what)];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
    let client = scene::client(&sandbox, &[]);
    assert_eq!(set(&client, 3).unwrap_err().kind(), ErrorKind::Authentication);
    assert!(set(&client, 3).unwrap().all_applied());
}

#[test]
fn a_callback_that_blocks_in_one_call_holds_no_token_back_from_another() {
    let sandbox = scene::start(Config { latency_ms: 100, ..scene::disabled_users(3) });
    let client = Client::new(&app(&sandbox)).unwrap();
    let (settled, until_settled) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let (client, sandbox) = (&client, &sandbox);
        scope.spawn(move || {
            let mut blocks = |_: &hwm::Progress| {
                if sandbox.request_count() == 0 {
                    return std::ops::ControlFlow::Continue(());
                }
                let _ = until_settled.recv_timeout(std::time::Duration::from_secs(20));
                std::ops::ControlFlow::Continue(())
            };
            let call = Call::new().on_progress(&mut blocks);
            client.set_status(UserStatus::Normal, ["u0000"], call).unwrap();
        });
        assert!(sandbox.wait_for_requests(1, std::time::Duration::from_secs(20)));
        let began = std::time::Instant::now();
        client.set_status(UserStatus::Normal, ["u0001"], Call::new()).unwrap();
        assert!(began.elapsed() < std::time::Duration::from_secs(10));
        drop(settled);
    });
}

#[test]
fn no_token_request_begins_after_a_cancel() {
    let faults =
        vec![Fault::new(When::All, What::Unavailable { retry_after: None }).on(Target::Token)];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
    let mut options = app(&sandbox);
    scene::set(&mut options, &[("attempts", "100"), ("retry_base_ms", "300")]);
    scene::set(&mut options, &[("retry_max_ms", "300")]);
    let client = Client::new(&options).unwrap();
    let cancel = hwm::Cancel::new();
    let mut at_the_cancel = 0;
    let mut after_the_second = |_: &hwm::Progress| {
        if sandbox.request_count() >= 2 && !cancel.is_triggered() {
            at_the_cancel = sandbox.request_count();
            cancel.trigger();
        }
        std::ops::ControlFlow::Continue(())
    };
    let call = Call::new().cancel(&cancel).on_progress(&mut after_the_second);
    let error = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(sandbox.request_count(), at_the_cancel);
}
