//! The gateway's quota as a client meets it. The clock stands still unless a test moves it.

use std::time::Duration;

use hwm_sandbox::{Config, Quota, QuotaHeader, QuotaKind, Sandbox};

use crate::wire::{Answer, Request, send};

fn throttled(quota: Quota) -> Sandbox {
    let config = Config { quota: Some(quota), time_scale: 0.0, ..Config::default() };
    Sandbox::start(config).expect("the sandbox starts")
}

fn set(sandbox: &Sandbox) -> Answer {
    send(&sandbox.url(), &Request::set_status(0, &["user0001"]))
}

fn passed(sandbox: &Sandbox, tries: usize) -> usize {
    (0..tries).filter(|_| set(sandbox).status == 200).count()
}

#[test]
fn what_is_over_the_quota_is_refused_with_429_in_the_gateways_words() {
    let sandbox = throttled(Quota { limit: 2, ..Quota::default() });
    assert_eq!(passed(&sandbox, 2), 2);
    let answer = set(&sandbox);
    assert_eq!((answer.status, answer.code().as_str()), (429, "APIG.0308"));
    assert_eq!(
        answer.json()["error_msg"],
        "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:1 minute"
    );
    assert_eq!(answer.header("retry-after"), None);
    assert!(!sandbox.requests()[2].accepted);
}

#[test]
fn every_answer_tells_what_is_left_of_the_quota() {
    let sandbox = throttled(Quota { limit: 2, ..Quota::default() });
    for remain in [1, 0, 0] {
        let expected = format!("remain:{remain},limit:2,time:1 minute");
        let answer = set(&sandbox);
        assert_eq!(answer.header("x-apig-ratelimit-api"), Some(expected.as_str()));
    }
}

#[test]
fn the_quota_header_goes_by_its_configured_name_or_is_left_out() {
    for (header, name) in [
        (QuotaHeader::ApiAllenv, "x-apig-ratelimit-api-allenv"),
        (QuotaHeader::User, "x-apig-ratelimit-user"),
        (QuotaHeader::App, "x-apig-ratelimit-app"),
        (QuotaHeader::Ip, "x-apig-ratelimit-ip"),
    ] {
        let sandbox = throttled(Quota { header, ..Quota::default() });
        assert!(set(&sandbox).header(name).is_some(), "{name}");
    }
    let sandbox = throttled(Quota { send_headers: false, ..Quota::default() });
    let answer = set(&sandbox);
    let told = |(name, _): &(String, String)| name.to_lowercase().contains("ratelimit");
    assert!(!answer.headers.iter().any(told));
}

#[test]
fn retry_after_tells_the_seconds_until_the_next_request_passes() {
    let sandbox = throttled(Quota { limit: 1, retry_after: true, ..Quota::default() });
    set(&sandbox);
    sandbox.advance(Duration::from_millis(20_500));
    assert_eq!(set(&sandbox).header("retry-after"), Some("40"));
    sandbox.advance(Duration::from_secs(40));
    assert_eq!(set(&sandbox).status, 200);
}

#[test]
fn the_quota_comes_before_the_token() {
    let sandbox = throttled(Quota { limit: 1, ..Quota::default() });
    let request = Request::set_status(0, &["user0001"]).instead("X-Access-Token", None);
    assert_eq!(send(&sandbox.url(), &request).status, 401);
    assert_eq!(send(&sandbox.url(), &request).status, 429);
}

#[test]
fn a_window_from_the_first_request_ends_as_long_after_it() {
    let sandbox = throttled(Quota { limit: 3, ..Quota::default() });
    assert_eq!(passed(&sandbox, 1), 1);
    sandbox.advance(Duration::from_millis(59_999));
    assert_eq!(passed(&sandbox, 5), 2);
    sandbox.advance(Duration::from_millis(1));
    assert_eq!(passed(&sandbox, 5), 3);
}

#[test]
fn a_wall_window_ends_at_the_whole_minute() {
    let sandbox = throttled(Quota { limit: 3, kind: QuotaKind::FixedWall, ..Quota::default() });
    let to_the_minute = 60_000 - sandbox.now_ms() % 60_000;
    sandbox.advance(Duration::from_millis(to_the_minute + 59_999));
    assert_eq!(passed(&sandbox, 5), 3);
    sandbox.advance(Duration::from_millis(1));
    assert_eq!(passed(&sandbox, 5), 3);
}

#[test]
fn a_sliding_window_frees_each_request_after_its_own_minute() {
    let sandbox = throttled(Quota { limit: 3, kind: QuotaKind::Sliding, ..Quota::default() });
    assert_eq!(passed(&sandbox, 1), 1);
    sandbox.advance(Duration::from_secs(30));
    assert_eq!(passed(&sandbox, 5), 2);
    sandbox.advance(Duration::from_secs(30));
    assert_eq!(passed(&sandbox, 5), 1);
    sandbox.advance(Duration::from_secs(30));
    assert_eq!(passed(&sandbox, 5), 2);
}

#[test]
fn a_token_bucket_fills_evenly() {
    let sandbox = throttled(Quota { limit: 3, kind: QuotaKind::TokenBucket, ..Quota::default() });
    assert_eq!(passed(&sandbox, 5), 3);
    sandbox.advance(Duration::from_secs(20));
    assert_eq!(passed(&sandbox, 5), 1);
    sandbox.advance(Duration::from_secs(40));
    assert_eq!(passed(&sandbox, 5), 2);
}

#[test]
fn a_scaled_clock_makes_windows_pass_sooner() {
    let config = Config {
        quota: Some(Quota { limit: 1, ..Quota::default() }),
        time_scale: 1e6,
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).expect("the sandbox starts");
    let before = sandbox.now_ms();
    assert_eq!(set(&sandbox).status, 200);
    while sandbox.now_ms() < before + 240_000 {
        std::thread::yield_now();
    }
    assert_eq!(set(&sandbox).status, 200);
}

#[test]
fn another_quota_starts_counting_from_nothing() {
    let sandbox = throttled(Quota { limit: 1, ..Quota::default() });
    assert_eq!(passed(&sandbox, 2), 1);
    sandbox.reconfigure(|config| {
        config.quota = Some(Quota { limit: 2, ..Quota::default() });
    });
    assert_eq!(passed(&sandbox, 3), 2);
}
