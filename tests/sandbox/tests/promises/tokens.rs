//! What tokens permit, and how they are renewed and lost. The clock stands still unless a test
//! moves it.

use std::time::Duration;

use hwm_sandbox::{Fault, Target, What, When};
use serde_json::Value;

use crate::credentials::{
    AppAuth, NONCE, PLAIN, login, on_token, refresh_token, refused, token, use_of, with,
};
use crate::wire::send;

#[test]
fn a_token_answer_has_the_documented_fields() {
    let sandbox = with(|_| {});
    let body = PLAIN.send(&sandbox).json();
    let now = sandbox.now_ms() / 1000;
    assert_eq!(body["validPeriod"], 43_200);
    assert_eq!(body["expireTime"], now + 43_200);
    assert_eq!(
        body["refreshExpireTime"],
        now + body["refreshValidPeriod"].as_u64().expect("a number")
    );
    assert_eq!(body["clientType"], 72);
    assert_eq!(body["user"]["ucloginAccount"], "boss");
    assert_eq!(body["user"]["thirdAccount"], "tp-boss");
    assert_eq!(body["user"]["adminType"], 0);
}

#[test]
fn a_switch_writes_a_time_as_oddly_as_an_example_does() {
    let sandbox = with(|config| config.odd_refresh_expire_time = true);
    let body = PLAIN.send(&sandbox).json();
    let text = body["refreshExpireTime"].as_str().expect("text");
    let seconds: u64 = text.replace(',', "").parse().expect("digits");
    assert_eq!(seconds, sandbox.now_ms() / 1000 + 2_592_000);
    assert_eq!(text.split(',').map(str::len).collect::<Vec<_>>(), [7, 3]);
}

#[test]
fn a_token_permits_what_its_user_may() {
    let sandbox = with(|_| {});
    for (user_id, status) in [("tp-boss", 200), ("tp-deputy", 200), ("tp-member", 403)] {
        let answer = AppAuth { user_id: Some(user_id), ..PLAIN }.send(&sandbox);
        assert_eq!(use_of(&sandbox, &token(&answer)), status, "{user_id}");
    }
    let nobody = AppAuth { user_id: Some("tp-nobody"), ..PLAIN }.send(&sandbox);
    assert_eq!(refused(&nobody), (400, "USG.201040000".to_owned()));
}

#[test]
fn a_disabled_user_gets_no_token_and_loses_those_there_are() {
    let sandbox = with(|_| {});
    let deputy = AppAuth { user_id: Some("tp-deputy"), ..PLAIN };
    let token = token(&deputy.send(&sandbox));
    assert!(sandbox.set_status_of("deputy", 1));
    assert_eq!(use_of(&sandbox, &token), 401);
    assert_eq!(deputy.send(&sandbox).status, 412);
}

#[test]
fn a_token_ends_with_its_time() {
    let sandbox = with(|_| {});
    let token = token(&PLAIN.send(&sandbox));
    sandbox.advance(Duration::from_secs(43_199));
    assert_eq!(use_of(&sandbox, &token), 200);
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(use_of(&sandbox, &token), 401);
}

#[test]
fn a_refresh_token_serves_once_and_after_the_access_token_has_ended() {
    let sandbox = with(|_| {});
    let first = PLAIN.send(&sandbox);
    sandbox.expire_tokens();
    assert_eq!(use_of(&sandbox, &token(&first)), 401);
    let second = send(&sandbox.url(), &on_token("PUT", &refresh_token(&first)));
    assert_eq!(use_of(&sandbox, &token(&second)), 200);
    let again = send(&sandbox.url(), &on_token("PUT", &refresh_token(&first)));
    assert_eq!(refused(&again), (401, "USG.000000004".to_owned()));
    let access = send(&sandbox.url(), &on_token("PUT", &token(&second)));
    assert_eq!(access.status, 401);
    sandbox.advance(Duration::from_secs(2_592_000));
    let late = send(&sandbox.url(), &on_token("PUT", &refresh_token(&second)));
    assert_eq!(late.status, 401);
}

#[test]
fn a_refresh_leaves_the_access_token_before_it_unless_a_switch_says_otherwise() {
    for (refresh_revokes, status) in [(false, 200), (true, 401)] {
        let sandbox = with(|config| config.refresh_revokes = refresh_revokes);
        let first = PLAIN.send(&sandbox);
        let second = send(&sandbox.url(), &on_token("PUT", &refresh_token(&first)));
        assert_eq!(use_of(&sandbox, &token(&second)), 200);
        assert_eq!(use_of(&sandbox, &token(&first)), status);
    }
}

#[test]
fn logging_out_ends_both_tokens() {
    let sandbox = with(|_| {});
    let answer = PLAIN.send(&sandbox);
    let out = on_token("DELETE", &token(&answer));
    assert_eq!(send(&sandbox.url(), &out).status, 200);
    assert_eq!(use_of(&sandbox, &token(&answer)), 401);
    let refresh = on_token("PUT", &refresh_token(&answer));
    assert_eq!(send(&sandbox.url(), &refresh).status, 401);
    assert_eq!(refused(&send(&sandbox.url(), &out)), (401, "USG.000000004".to_owned()));
}

#[test]
fn the_65th_token_of_a_user_ends_the_oldest() {
    let sandbox = with(|_| {});
    let other = token(&AppAuth { user_id: Some("tp-deputy"), ..PLAIN }.send(&sandbox));
    let tokens: Vec<String> = (0..64).map(|_| token(&PLAIN.send(&sandbox))).collect();
    assert_eq!(use_of(&sandbox, &tokens[0]), 200);
    let last = token(&PLAIN.send(&sandbox));
    assert_eq!(use_of(&sandbox, &tokens[0]), 401);
    for valid in [&tokens[1], &tokens[63], &last, &other] {
        assert_eq!(use_of(&sandbox, valid), 200);
    }
}

#[test]
fn a_client_that_is_no_api_client_has_one_token() {
    let sandbox = with(|_| {});
    let request = login("admin", "Sandbox-1").text(r#"{"account": "admin", "clientType": 0}"#);
    let first = token(&send(&sandbox.url(), &request));
    let second = token(&send(&sandbox.url(), &request));
    assert_eq!((use_of(&sandbox, &first), use_of(&sandbox, &second)), (401, 200));
}

#[test]
fn tokens_follow_from_the_seed() {
    let first = |seed| token(&PLAIN.send(&with(|config| config.seed = seed)));
    assert_eq!(first(1), first(1));
    assert_ne!(first(1), first(2));
}

#[test]
fn token_requests_have_faults_of_their_own() {
    let fault = Fault::new(When::Requests(vec![1]), What::Unavailable { retry_after: None });
    let sandbox = with(|config| config.faults = vec![fault.on(Target::Token)]);
    assert_eq!(use_of(&sandbox, "sandbox-token"), 200);
    assert_eq!(PLAIN.send(&sandbox).status, 503);
    assert_eq!(PLAIN.send(&sandbox).status, 200);
}

#[test]
fn the_log_keeps_token_requests_too() {
    let sandbox = with(|_| {});
    PLAIN.send(&sandbox);
    let logged = &sandbox.requests()[0];
    assert_eq!(logged.path, "/v2/usg/acs/auth/appauth");
    let body: Value = serde_json::from_str(&logged.body).expect("JSON");
    assert_eq!(body["nonce"], NONCE);
    assert!(logged.accounts.is_empty() && logged.accepted);
}
