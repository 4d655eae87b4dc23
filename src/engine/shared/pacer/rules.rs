//! The pacer's rules one by one, with time moved by hand.

use std::time::Duration;

use super::{Pace, Permit, QuotaSaid, Why};
use crate::shared::quota_words::parse;

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn told(headers: &[(&str, &str)]) -> Vec<QuotaSaid> {
    let said = |&(kind, value): &(&str, &str)| {
        let (remain, limit, period) = parse(value)?;
        Some(QuotaSaid { kind: kind.to_owned(), remain, limit, period })
    };
    headers.iter().filter_map(said).collect()
}

fn remain(remain: u64) -> Vec<QuotaSaid> {
    told(&[("api", &format!("remain:{remain},limit:10,time:1 minute"))])
}

fn send(pacer: &mut Pace, now: f64) -> Permit {
    pacer.try_send(0, at(now)).unwrap_or_else(|until| panic!("at {now} s: {until:?}"))
}

/// Sends and gets the answer at once.
fn exchange(pacer: &mut Pace, now: f64, told: &[QuotaSaid]) {
    let permit = send(pacer, now);
    pacer.answered(permit, at(now), told);
}

/// How many requests may go now, none of them answered yet.
fn room(pacer: &mut Pace, now: f64) -> usize {
    let permits: Vec<_> =
        std::iter::from_fn(|| pacer.try_send(0, at(now)).ok()).take(1000).collect();
    permits.len()
}

fn waits_until(pacer: &mut Pace, now: f64) -> f64 {
    pacer.try_send(0, at(now)).expect_err("a wait").until.as_secs_f64()
}

#[test]
fn without_a_quota_nothing_waits() {
    assert_eq!(room(&mut Pace::new(1, 0), 0.0), 1000);
}

#[test]
fn what_remains_bounds_what_is_sent() {
    let mut pacer = Pace::new(1, 0);
    exchange(&mut pacer, 0.0, &remain(4));
    assert_eq!(room(&mut pacer, 0.0), 4);
}

#[test]
fn within_a_window_the_budget_only_falls() {
    let mut pacer = Pace::new(1, 0);
    let (first, second) = (send(&mut pacer, 0.0), send(&mut pacer, 0.0));
    pacer.answered(second, at(0.1), &remain(3));
    pacer.answered(first, at(0.2), &remain(4));
    assert_eq!(room(&mut pacer, 0.2), 3);
}

#[test]
fn a_rise_is_a_new_window() {
    let mut pacer = Pace::new(1, 0);
    exchange(&mut pacer, 0.0, &remain(1));
    exchange(&mut pacer, 1.0, &remain(9));
    assert_eq!(room(&mut pacer, 1.0), 8, "two of ten were sent within the last minute");
}

#[test]
fn after_nothing_is_left_the_next_waits_for_a_whole_window() {
    let mut pacer = Pace::new(1, 0);
    exchange(&mut pacer, 5.0, &remain(1));
    exchange(&mut pacer, 9.0, &remain(0));
    assert_eq!(waits_until(&mut pacer, 10.0), 65.0);
    assert_eq!(room(&mut pacer, 65.0), 1);
}

#[test]
fn never_more_than_the_limit_within_any_window_whatever_the_gateway_says() {
    let mut pacer = Pace::new(1, 0);
    for i in 0..10 {
        exchange(&mut pacer, f64::from(i), &remain(9));
    }
    assert_eq!(waits_until(&mut pacer, 10.0), 60.0);
    exchange(&mut pacer, 60.0, &remain(9));
    assert_eq!(waits_until(&mut pacer, 60.5), 61.0);
}

#[test]
fn one_request_looks_at_a_window_that_nothing_is_known_of() {
    let mut pacer = Pace::new(1, 0);
    exchange(&mut pacer, 0.0, &remain(9));
    let looking = send(&mut pacer, 90.0);
    assert!(pacer.try_send(0, at(90.01)).is_err());
    pacer.answered(looking, at(90.03), &remain(2));
    assert_eq!(room(&mut pacer, 90.03), 2);
}

#[test]
fn a_look_that_brings_nothing_holds_the_others_for_a_second_at_most() {
    let mut pacer = Pace::new(1, 0);
    exchange(&mut pacer, 0.0, &remain(9));
    send(&mut pacer, 90.0);
    assert_eq!(room(&mut pacer, 90.9), 0);
    assert_eq!(room(&mut pacer, 91.0), 1);
}

#[test]
fn what_others_take_is_left_to_them() {
    let mut pacer = Pace::new(1, 0);
    let wide = |remain: u64| told(&[("api", &format!("remain:{remain},limit:100,time:1 minute"))]);
    for i in 1..=20 {
        exchange(&mut pacer, f64::from(i) / 10.0, &wide(100 - 3 * i as u64));
    }
    let room = room(&mut pacer, 2.0);
    assert!((13..=16).contains(&room), "{room} of forty, of which others take two in three");
}

#[test]
fn the_tightest_of_several_quotas_counts() {
    let mut pacer = Pace::new(1, 0);
    let both = told(&[
        ("api", "remain:7,limit:10,time:1 minute"),
        ("user", "remain:2,limit:5,time:10 seconds"),
    ]);
    exchange(&mut pacer, 0.0, &both);
    assert_eq!(room(&mut pacer, 0.0), 2);
}

#[test]
fn a_request_that_was_not_sent_gives_its_place_back() {
    let mut pacer = Pace::new(1, 0);
    let wide = told(&[("api", "remain:9,limit:3,time:1 minute")]);
    exchange(&mut pacer, 0.0, &wide);
    let permits = [send(&mut pacer, 0.0), send(&mut pacer, 0.0)];
    assert!(pacer.try_send(0, at(0.0)).is_err());
    pacer.not_sent(permits[0]);
    pacer.unanswered(permits[1], at(0.0));
    assert_eq!(room(&mut pacer, 0.0), 1);
}

#[test]
fn nonsense_is_ignored() {
    for value in [
        "",
        "remain:1",
        "remain:1,limit:0,time:1 minute",
        "remain:1,limit:-5,time:1 minute",
        "remain:1,limit:99999999999999999999999,time:1 minute",
        "remain:1,limit:10,time:0 minutes",
        "remain:1,limit:10,time:1 fortnight",
        "remain:1,limit:10,time:minute",
        "remain:1,limit:10,time:999999999999999999 days",
        "remain:x,limit:10,time:1 minute",
        "remain 1, limit 10",
    ] {
        assert_eq!(parse(value), None, "{value}");
        let mut pacer = Pace::new(1, 0);
        exchange(&mut pacer, 0.0, &told(&[("api", value)]));
        assert_eq!(room(&mut pacer, 0.0), 1000, "{value}");
    }
}

#[test]
fn a_quota_is_read_leniently() {
    let minute = Duration::from_secs(60);
    for value in ["remain:3,limit:10,time:1 minute", " Remain: 3, LIMIT: 10 ,time: 60 seconds"] {
        assert_eq!(parse(value), Some((3, 10, minute)), "{value}");
    }
    assert_eq!(parse("remain:-2,limit:10,time:1 minute"), Some((0, 10, minute)));
    assert_eq!(parse("remain:1,limit:2,time:1 day").map(|q| q.2), Some(minute * 60 * 24));
}

#[test]
fn a_ceiling_spreads_requests_evenly_after_a_burst_of_one_second() {
    let mut pacer = Pace::new(1, 120);
    assert_eq!(room(&mut pacer, 0.0), 2);
    let mut sent = 2;
    for tenth in 1..=100 {
        let now = f64::from(tenth) / 10.0;
        let here = room(&mut pacer, now);
        assert!(here <= 1, "{here} at {now} s");
        sent += here;
    }
    assert!((21..=22).contains(&sent), "{sent} in 10 s at two a second");
    assert_eq!(room(&mut pacer, 100.0), 2, "idle time is not saved up");
}

#[test]
fn a_429_without_a_hint_waits_two_seconds_and_doubles_to_sixty() {
    let mut pacer = Pace::new(1, 0);
    let mut now = 0.0;
    for wait in [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] {
        let permit = send(&mut pacer, now);
        pacer.refused(permit, at(now), &[], None, "busy");
        assert!((waits_until(&mut pacer, now) - now - wait).abs() < 1e-6, "{wait}");
        now += wait;
    }
    exchange(&mut pacer, now, &[]);
    let permit = send(&mut pacer, now);
    pacer.refused(permit, at(now), &[], None, "busy");
    assert!((waits_until(&mut pacer, now) - now - 2.0).abs() < 1e-6, "an answer starts anew");
}

#[test]
fn a_429_waits_for_the_longest_of_its_hints() {
    let message = "The throttling threshold has been reached: policy user over \
                   ratelimit,limit:60,time:1 minute";
    for (retry_after, expected) in [(None, 60.0), (Some(5), 60.0), (Some(90), 90.0)] {
        let mut pacer = Pace::new(1, 0);
        let permit = send(&mut pacer, 0.0);
        let retry_after = retry_after.map(Duration::from_secs);
        pacer.refused(permit, at(0.0), &[], retry_after, message);
        assert_eq!(waits_until(&mut pacer, 0.0), expected, "{retry_after:?}");
    }
    let mut pacer = Pace::new(1, 0);
    let permit = send(&mut pacer, 0.0);
    pacer.refused(permit, at(0.0), &[], Some(Duration::from_secs(7)), "busy");
    assert_eq!(waits_until(&mut pacer, 0.0), 7.0);
}

#[test]
fn a_429_holds_every_request_back() {
    let mut pacer = Pace::new(1, 0);
    let (first, second) = (send(&mut pacer, 0.0), send(&mut pacer, 0.0));
    pacer.refused(first, at(0.1), &[], None, "busy");
    pacer.answered(second, at(0.2), &[]);
    assert!((waits_until(&mut pacer, 0.3) - 2.1).abs() < 1e-6);
}

#[test]
fn an_estimate_counts_the_windows_to_come() {
    let mut pacer = Pace::new(1, 0);
    assert_eq!(pacer.estimate(1000), Duration::ZERO);
    exchange(&mut pacer, 0.0, &remain(9));
    assert_eq!(pacer.estimate(31), Duration::from_secs(180));
    assert_eq!(Pace::new(1, 60).estimate(30), Duration::from_secs(30));
}

#[test]
fn refusals_of_one_burst_count_once() {
    let mut pace = Pace::new(1, 0);
    let burst: Vec<_> = (0..8).map(|_| send(&mut pace, 0.0)).collect();
    for permit in burst {
        pace.refused(permit, at(0.1), &[], None, "busy");
    }
    assert!((waits_until(&mut pace, 0.2) - 2.1).abs() < 1e-6, "they were out together");
    let permit = send(&mut pace, 2.1);
    pace.refused(permit, at(2.2), &[], None, "busy");
    assert!((waits_until(&mut pace, 2.3) - 6.2).abs() < 1e-6, "the next one doubles");
}

#[test]
fn a_quota_that_is_learnt_in_mid_flight_counts_what_is_in_flight() {
    let mut pace = Pace::new(1, 0);
    let wide = told(&[("api", "remain:99,limit:10,time:1 minute")]);
    let early: Vec<_> = (0..4).map(|_| send(&mut pace, 0.0)).collect();
    pace.answered(early[0], at(0.1), &wide);
    let later: Vec<_> = (0..6).map(|_| send(&mut pace, 0.1)).collect();
    assert!(pace.try_send(0, at(0.1)).is_err(), "one answered and nine in flight are ten");
    for permit in early[1..].iter().chain(&later) {
        pace.answered(*permit, at(0.2), &wide);
    }
    assert_eq!(waits_until(&mut pace, 0.3), 60.1, "ten were answered within a minute");
}

#[test]
fn no_more_than_eight_kinds_of_quota_are_kept() {
    let mut pace = Pace::new(1, 0);
    for kind in 0..1000 {
        let header = told(&[(&format!("kind-{kind}"), "remain:5,limit:10,time:1 minute")]);
        exchange(&mut pace, 120.0 * f64::from(kind), &header);
    }
    assert_eq!(pace.endpoints[0].quotas.len(), 8);
}

#[test]
fn the_ceiling_is_one_for_all_endpoints() {
    let mut pace = Pace::new(2, 120);
    assert!(pace.try_send(0, at(0.0)).is_ok());
    assert!(pace.try_send(1, at(0.0)).is_ok());
    for endpoint in [0, 1] {
        assert_eq!(pace.try_send(endpoint, at(0.0)).unwrap_err().why, Why::Ceiling);
    }
}

#[test]
fn a_wait_says_whether_the_quota_is_used_up_or_a_request_looks() {
    let mut pace = Pace::new(1, 0);
    exchange(&mut pace, 0.0, &remain(9));
    let looking = send(&mut pace, 90.0);
    assert_eq!(pace.try_send(0, at(90.01)).unwrap_err().why, Why::Look);
    pace.answered(looking, at(90.03), &remain(0));
    assert_eq!(pace.try_send(0, at(90.04)).unwrap_err().why, Why::Quota);
    let mut pace = Pace::new(1, 0);
    let two = told(&[("api", "remain:2,limit:2,time:1 minute")]);
    exchange(&mut pace, 0.0, &two);
    let _out = (send(&mut pace, 61.0), pace.try_send(0, at(62.5)));
    assert_eq!(pace.try_send(0, at(62.6)).unwrap_err().why, Why::Look, "all of it is in flight");
}
