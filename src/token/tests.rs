//! The rules of tokens one by one, with time moved by hand.

use super::*;
use crate::message::Answer;
use crate::token_source::TokenCallback;
use hwm_engine::answer::{Cause, Failure};
use hwm_engine::backoff::Backoff;
use hwm_engine::errand::Tries;

fn password() -> Credentials {
    Credentials::Password { login: "admin".into(), password: Secret::new("p") }
}

fn policy() -> Policy {
    let backoff = Backoff { base: Duration::from_secs(1), max: Duration::from_secs(1) };
    Policy { tries: Tries { attempts: 3, backoff, endpoints: 2 }, timeout: at(30), language: None }
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One call that looks for tokens.
struct Call {
    credentials: Credentials,
    waker: Waker,
    waits_for: Option<u64>,
}

impl Call {
    fn new() -> Call {
        Call { credentials: password(), waker: Arc::new(|| {}), waits_for: None }
    }

    fn look(&mut self, tokens: &Tokens, now: Duration) -> Result<Need> {
        tokens.look_up(Seeker {
            credentials: &self.credentials,
            policy: &policy(),
            now,
            unix_seconds: 1_000,
            waker: &self.waker,
            waits_for: &mut self.waits_for,
        })
    }
}

fn tokens() -> Tokens {
    Tokens::new(&password())
}

fn reply(status: u16, body: &str, headers: &[(&'static str, &str)]) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| {
            (reqwest::header::HeaderName::from_static(name), value.parse().expect("a value"))
        })
        .collect();
    Ok(Answer { status, headers, body: body.to_owned().into(), ..Answer::default() })
}

fn token(more: &str) -> Reply {
    reply(200, &format!(r#"{{"accessToken":"t","refreshToken":"r"{more}}}"#), &[])
}

fn unreached() -> Reply {
    Err(Failure {
        sent: false,
        cause: Cause::Connect,
        message: "refused".into(),
        on_kept_connection: false,
    })
}

fn generation(need: Result<Need>) -> u64 {
    match need {
        Ok(Need::Use(lease)) => lease.generation,
        other => panic!("no token to use: {other:?}"),
    }
}

fn is_sent(need: &Result<Need>) -> bool {
    matches!(need, Ok(Need::Send { .. }))
}

fn waits_until(need: Result<Need>) -> Option<Duration> {
    match need {
        Ok(Need::Wait { until, .. }) => until,
        other => panic!("no wait: {other:?}"),
    }
}

#[test]
fn one_call_asks_and_the_others_wait() {
    let tokens = tokens();
    let (mut first, mut second) = (Call::new(), Call::new());
    assert!(is_sent(&first.look(&tokens, at(0))));
    assert_eq!(waits_until(second.look(&tokens, at(0))), None);
    tokens.arrived(token(""), at(1));
    assert_eq!(generation(second.look(&tokens, at(1))), 1);
    assert_eq!(generation(first.look(&tokens, at(1))), 1);
}

#[test]
fn a_renewal_goes_on_when_the_call_that_began_it_is_gone() {
    let tokens = tokens();
    assert!(is_sent(&Call::new().look(&tokens, at(0))));
    let mut second = Call::new();
    assert_eq!(waits_until(second.look(&tokens, at(0))), None);
    tokens.arrived(reply(503, "", &[]), at(1));
    let until = waits_until(second.look(&tokens, at(1))).expect("a backoff");
    assert!(is_sent(&second.look(&tokens, until)), "whoever is there tries again");
    tokens.arrived(token(""), at(3));
    assert_eq!(generation(Call::new().look(&tokens, at(3))), 1);
}

#[test]
fn it_is_renewed_ahead_of_its_end_by_its_refresh_token_and_used_meanwhile() {
    let tokens = tokens();
    let mut call = Call::new();
    assert!(is_sent(&call.look(&tokens, at(0))));
    tokens.arrived(token(r#","validPeriod":1000"#), at(0));
    assert_eq!(generation(call.look(&tokens, at(899))), 1);
    let refreshed = call.look(&tokens, at(900));
    assert!(matches!(refreshed, Ok(Need::Send { way: Way::Refresh(_), .. })));
    assert_eq!(generation(call.look(&tokens, at(950))), 1, "the old one is used meanwhile");
    assert_eq!(waits_until(call.look(&tokens, at(1000))), None, "but not past its end");
}

#[test]
fn an_ended_token_is_not_handed_out_after_a_renewal_that_failed() {
    let tokens = tokens();
    let mut call = Call::new();
    assert!(is_sent(&call.look(&tokens, at(0))));
    tokens.arrived(token(r#","validPeriod":100"#), at(0));
    assert!(is_sent(&call.look(&tokens, at(95))));
    tokens.arrived(reply(401, "", &[]), at(96));
    assert!(is_sent(&call.look(&tokens, at(96))), "the refresh failed: authenticate");
    tokens.arrived(reply(403, "", &[]), at(97));
    assert_eq!(generation(call.look(&tokens, at(99))), 1, "used as long as it lasts");
    assert!(is_sent(&call.look(&tokens, at(100))), "and not a moment longer");
}

#[test]
fn the_wall_clock_counts_only_where_the_period_is_missing() {
    for (said, ends) in [
        (r#","validPeriod":100,"expireTime":1000000"#, 100),
        (r#","expireTime":1050"#, 50),
        (r#","validPeriod":"100","refreshExpireTime":"1600416,908""#, 100),
    ] {
        let tokens = tokens();
        let mut call = Call::new();
        assert!(is_sent(&call.look(&tokens, at(0))));
        tokens.arrived(token(said), at(0));
        assert_eq!(generation(call.look(&tokens, at(ends * 8 / 10))), 1);
        assert!(is_sent(&call.look(&tokens, at(ends))), "{said}");
    }
}

#[test]
fn a_token_that_comes_ended_is_used_all_the_same() {
    for said in [r#","validPeriod":0"#, r#","expireTime":10"#] {
        let tokens = tokens();
        let mut call = Call::new();
        assert!(is_sent(&call.look(&tokens, at(0))));
        tokens.arrived(token(said), at(0));
        let lease = call.look(&tokens, at(1));
        assert_eq!(generation(lease), 1, "or it would be fetched without end");
    }
}

#[test]
fn a_token_fetched_for_a_rejection_and_rejected_at_once_ends_it() {
    let tokens = tokens();
    let mut call = Call::new();
    for number in 1..=3 {
        assert!(is_sent(&call.look(&tokens, at(number))));
        tokens.arrived(token(""), at(number));
        assert_eq!(generation(call.look(&tokens, at(number))), number);
        assert!(!tokens.rejected(number - 1), "late answers to an old generation mean nothing");
        match number {
            1 => assert!(!tokens.rejected(1), "the first rejection asks for a renewal"),
            2 => {
                tokens.proved(2);
                assert!(!tokens.rejected(2), "an answer in between gives it a new chance");
            }
            _ => assert!(tokens.rejected(3)),
        }
    }
}

#[test]
fn a_refresh_that_was_under_way_at_a_rejection_leaves_authentication_to_be_tried() {
    let tokens = tokens();
    let mut call = Call::new();
    assert!(is_sent(&call.look(&tokens, at(0))));
    tokens.arrived(token(r#","validPeriod":1000"#), at(0));
    assert!(is_sent(&call.look(&tokens, at(950))), "a refresh ahead of time");
    assert!(!tokens.rejected(1), "and meanwhile a 401");
    tokens.arrived(token(""), at(951));
    assert_eq!(generation(call.look(&tokens, at(951))), 2);
    assert!(!tokens.rejected(2), "it was not fetched because of the rejection");
    let next = call.look(&tokens, at(952));
    assert!(matches!(next, Ok(Need::Send { way: Way::Authenticate, .. })), "{next:?}");
}

#[test]
fn a_failure_ends_those_who_waited_and_nobody_who_comes_later() {
    let tokens = tokens();
    let (mut first, mut second) = (Call::new(), Call::new());
    assert!(is_sent(&first.look(&tokens, at(0))));
    assert_eq!(waits_until(second.look(&tokens, at(0))), None);
    tokens.arrived(reply(401, "", &[]), at(1));
    assert!(first.look(&tokens, at(1)).is_err() && second.look(&tokens, at(1)).is_err());
    let mut third = Call::new();
    assert!(is_sent(&third.look(&tokens, at(2))), "it has a try of its own");
    tokens.arrived(token(r#","validPeriod":100"#), at(2));
    assert_eq!(generation(second.look(&tokens, at(2))), 1, "an old failure is over");
    assert!(is_sent(&second.look(&tokens, at(102))), "and ends no later renewal");
}

#[test]
fn a_quota_of_a_refresh_is_waited_for_before_anything_else() {
    for (status, headers, wait) in [
        (429, &[("retry-after", "7")][..], 7),
        (503, &[("retry-after", "7")][..], 7),
        (429, &[][..], 2),
    ] {
        let tokens = tokens();
        let mut call = Call::new();
        assert!(is_sent(&call.look(&tokens, at(0))));
        tokens.arrived(token(r#","validPeriod":10"#), at(0));
        assert!(is_sent(&call.look(&tokens, at(10))));
        tokens.arrived(reply(status, "", headers), at(11));
        assert_eq!(waits_until(call.look(&tokens, at(11))), Some(at(11 + wait)));
        let next = call.look(&tokens, at(11 + wait));
        assert!(matches!(next, Ok(Need::Send { way: Way::Refresh(_), .. })), "{next:?}");
    }
}

#[test]
fn an_answer_ends_the_search_for_an_endpoint_that_can_be_reached() {
    let tokens = tokens();
    let mut call = Call::new();
    assert!(is_sent(&call.look(&tokens, at(0))));
    tokens.arrived(unreached(), at(0));
    let next = call.look(&tokens, at(0));
    assert!(matches!(next, Ok(Need::Send { endpoint: 1, .. })), "at once: {next:?}");
    tokens.arrived(reply(503, "", &[]), at(1));
    assert!(waits_until(call.look(&tokens, at(1))).is_some(), "a 503 is waited after");
}

#[test]
fn a_host_that_could_not_be_asked_leaves_the_next_call_to_ask() {
    let callback: TokenCallback = Arc::new(|_| {});
    let tokens = Tokens::new(&Credentials::Callback(callback.clone()));
    let caller = || Call { credentials: Credentials::Callback(callback.clone()), ..Call::new() };
    assert!(matches!(caller().look(&tokens, at(0)), Ok(Need::AskHost)));
    assert_eq!(waits_until(caller().look(&tokens, at(0))), None);
    tokens.host_answered(None, at(0));
    assert!(matches!(caller().look(&tokens, at(0)), Ok(Need::AskHost)));
    tokens.host_answered(Some(Ok((Secret::new("t"), 0))), at(1));
    assert_eq!(generation(caller().look(&tokens, at(1))), 1);
}
