//! What tokens permit, and how they are renewed and lost. The clock stands still unless a test
//! moves it.

use std::time::Duration;

use hwm_sandbox::{Fault, Target, What, When};
use serde_json::Value;

<<<<<<< HEAD
use crate::wire::{Answer, Request, send};

const NONCE: &str = "0123456789abcdef0123456789abcdef";

fn with(change: impl FnOnce(&mut Config)) -> Sandbox {
    let user = |account: &str, admin_type| UserSpec {
        third_account: Some(format!("tp-{account}")),
        admin_type,
        ..UserSpec::new(account, 0)
    };
    let mut config = Config {
        user_list: vec![user("boss", 0), user("deputy", 1), user("member", 2)],
        time_scale: 0.0,
        ..Config::default()
    };
    change(&mut config);
    Sandbox::start(config).expect("the sandbox starts")
}

/// An App ID authentication as the documentation has it, signed with the default key.
struct AppAuth {
    user_id: Option<&'static str>,
    corp_id: Option<&'static str>,
    expire_time: u64,
    nonce: &'static str,
}

const PLAIN: AppAuth = AppAuth { user_id: None, corp_id: None, expire_time: 0, nonce: NONCE };

impl AppAuth {
    fn signature(&self) -> String {
        let config = Config::default();
        let corp = self.corp_id.map(|corp_id| format!("{corp_id}:")).unwrap_or_default();
        let user = self.user_id.unwrap_or_default();
        let text = format!("{}:{corp}{user}:{}:{}", config.app_id, self.expire_time, self.nonce);
        let key = hmac::Key::new(hmac::HMAC_SHA256, config.app_key.as_bytes());
        let tag = hmac::sign(&key, text.as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    fn signed_as(&self, signature: &str) -> Request {
        let app_id = Config::default().app_id;
        let access = STANDARD.encode(&app_id);
        let mut body = json!({
            "appId": app_id,
            "clientType": 72,
            "expireTime": self.expire_time,
            "nonce": self.nonce,
        });
        if let Some(user_id) = self.user_id {
            body["userId"] = json!(user_id);
        }
        if let Some(corp_id) = self.corp_id {
            body["corpId"] = json!(corp_id);
        }
        let authorization = format!("HMAC-SHA256 signature={signature},access={access}");
        Request::new("POST", "/v2/usg/acs/auth/appauth")
            .header("Authorization", &authorization)
            .json(&body)
    }

    fn request(&self) -> Request {
        self.signed_as(&self.signature())
    }

    fn send(&self, sandbox: &Sandbox) -> Answer {
        send(&sandbox.url(), &self.request())
    }
}

fn login(account: &str, password: &str) -> Request {
    let credentials = STANDARD.encode(format!("{account}:{password}"));
    Request::new("POST", "/v1/usg/acs/auth/account")
        .header("Authorization", &format!("Basic {credentials}"))
        .json(&json!({"account": account, "clientType": 72}))
}

fn on_token(method: &str, token: &str) -> Request {
    Request::new(method, "/v1/usg/acs/token").header("X-Access-Token", token)
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["accessToken"].as_str().expect("a token").to_owned()
}

fn refresh_token(answer: &Answer) -> String {
    answer.json()["refreshToken"].as_str().expect("a token").to_owned()
}

/// What a status request with this token is answered.
fn use_of(sandbox: &Sandbox, token: &str) -> u16 {
    let request = Request::set_status(0, &["member"]).instead("X-Access-Token", Some(token));
    send(&sandbox.url(), &request).status
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

#[test]
fn the_documented_signatures_are_the_ones_that_count() {
    let user_id = Some("admin@example");
    let expire_time = 1_893_456_000;
    let vectors = [
        (
            AppAuth { user_id, expire_time, ..PLAIN },
            "C87DC87FC41A2860234D28F80CE98CE6A185E6593CB87028D3D9E9BB5DBE5797",
        ),
        (
            AppAuth { user_id, corp_id: Some("651543334"), expire_time, ..PLAIN },
            "F8B1997131FE46BF912B4B2F2718849DCDABC246DB4BEC196E3F50D7D053ADFD",
        ),
        (PLAIN, "F682EA4DE3C1485B3378614C548276E0038EC9053495491AC88F7BE798956629"),
    ];
    for (auth, signature) in vectors {
        let sandbox = with(|config| config.corp_id = auth.corp_id.map(str::to_owned));
        for signature in [signature.to_owned(), signature.to_lowercase()] {
            let answer = send(&sandbox.url(), &auth.signed_as(&signature));
            assert_eq!(use_of(&sandbox, &token(&answer)), 200);
        }
    }
}
=======
use crate::credentials::{
    AppAuth, NONCE, PLAIN, login, on_token, refresh_token, refused, token, use_of, with,
};
use crate::wire::send;
>>>>>>> sandbox

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
<<<<<<< HEAD
fn a_wrong_signature_is_refused() {
    let sandbox = with(|_| {});
    let good = PLAIN.signature();
    let wrong =
        if good.starts_with('0') { good.replacen('0', "1", 1) } else { format!("0{}", &good[1..]) };
    for signature in [wrong.as_str(), "", "zz", &good[..62]] {
        let answer = send(&sandbox.url(), &PLAIN.signed_as(signature));
        assert_eq!(answer.status, 401, "{signature}");
    }
    let other_user = AppAuth { user_id: Some("tp-boss"), ..PLAIN };
    let answer = send(&sandbox.url(), &other_user.signed_as(&good));
    assert_eq!(refused(&answer), (401, "SANDBOX.SIGNATURE".to_owned()));
    let unsigned = PLAIN.request().instead("Authorization", None);
    assert_eq!(
        refused(&send(&sandbox.url(), &unsigned)),
        (401, "SANDBOX.AUTHORIZATION".to_owned())
    );
}

#[test]
fn another_app_id_is_unknown() {
    let sandbox = with(|config| config.app_id = "another".to_owned());
    assert_eq!(refused(&PLAIN.send(&sandbox)), (401, "SANDBOX.UNKNOWN_APP_ID".to_owned()));
}

#[test]
fn a_nonce_has_32_to_64_characters() {
    let sandbox = with(|_| {});
    const LONGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const TOO_LONG: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX";
    for (nonce, status) in [(&NONCE[1..], 400), (NONCE, 200), (LONGEST, 200), (TOO_LONG, 400)] {
        let answer = AppAuth { nonce, ..PLAIN }.send(&sandbox);
        assert_eq!(answer.status, status, "{}", nonce.len());
    }
}

#[test]
fn a_signature_counts_until_its_time_by_the_services_clock() {
    let sandbox = with(|_| {});
    let now = sandbox.now_ms() / 1000;
    let at = |expire_time| AppAuth { expire_time, ..PLAIN };
    assert_eq!(at(now).send(&sandbox).status, 200);
    let late = at(now - 1).send(&sandbox);
    assert_eq!(refused(&late), (401, "SANDBOX.SIGNATURE_EXPIRED".to_owned()));
    let ahead = with(|config| config.clock_skew_seconds = 3600);
    assert_eq!(at(now + 600).send(&ahead).status, 401);
    let behind = with(|config| config.clock_skew_seconds = -3600);
    assert_eq!(at(now - 600).send(&behind).status, 200);
}

#[test]
fn a_single_enterprise_must_not_name_itself_and_a_service_provider_names_the_right_one() {
    let single = with(|_| {});
    let provider = with(|config| config.corp_id = Some("651543334".to_owned()));
    let corp = |corp_id| AppAuth { corp_id, ..PLAIN };
    let named = corp(Some("651543334"));
    assert_eq!(refused(&named.send(&single)), (400, "SANDBOX.CORP_ID_NOT_ALLOWED".to_owned()));
    assert_eq!(named.send(&provider).status, 200);
    assert_eq!(corp(None).send(&provider).status, 200);
    let other = corp(Some("1")).send(&provider);
    assert_eq!(refused(&other), (401, "SANDBOX.UNKNOWN_CORP_ID".to_owned()));
}

#[test]
=======
>>>>>>> sandbox
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
<<<<<<< HEAD
fn a_password_is_checked() {
    let sandbox = with(|_| {});
    assert_eq!(use_of(&sandbox, &token(&send(&sandbox.url(), &login("admin", "Sandbox-1")))), 200);
    for (account, password) in [("admin", "wrong"), ("nobody", "Sandbox-1"), ("admin", "")] {
        let answer = send(&sandbox.url(), &login(account, password));
        assert_eq!(refused(&answer), (401, "USG.206010000".to_owned()));
    }
    let english = login("admin", "wrong").header("Accept-Language", "en-US");
    let answer = send(&sandbox.url(), &english);
    assert_eq!(answer.json()["error_msg"], "User name or password is incorrect");
    let bare = login("admin", "Sandbox-1").instead("Authorization", None);
    assert_eq!(send(&sandbox.url(), &bare).status, 401);
    let other_body = login("admin", "Sandbox-1").text(r#"{"account": "other", "clientType": 72}"#);
    assert_eq!(refused(&send(&sandbox.url(), &other_body)), (400, "USG.000000003".to_owned()));
}

#[test]
fn disabled_and_locked_accounts_are_told_apart() {
    let state = |account: &str, state| Login { state, ..Login::new(account, "password") };
    let sandbox = with(|config| {
        config.logins = vec![
            state("off", LoginState::Disabled),
            state("shut", LoginState::Locked),
            state("tp-boss", LoginState::Locked),
        ];
    });
    assert_eq!(send(&sandbox.url(), &login("off", "password")).status, 412);
    assert_eq!(send(&sandbox.url(), &login("shut", "password")).status, 423);
    assert_eq!(send(&sandbox.url(), &login("shut", "wrong")).status, 401);
    let boss = AppAuth { user_id: Some("tp-boss"), ..PLAIN };
    assert_eq!(boss.send(&sandbox).status, 423);
}

#[test]
=======
>>>>>>> sandbox
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
<<<<<<< HEAD
fn what_is_not_a_legal_authentication_is_refused() {
    let sandbox = with(|_| {});
    for body in ["", "[]", "{}", r#"{"appId": 1}"#] {
        for request in [PLAIN.request().text(body), login("admin", "Sandbox-1").text(body)] {
            let answer = send(&sandbox.url(), &request);
            assert_eq!(refused(&answer), (400, "USG.000000003".to_owned()), "{body}");
        }
    }
    let form = PLAIN.request().instead("Content-Type", Some("text/plain"));
    assert_eq!(send(&sandbox.url(), &form).status, 400);
}

#[test]
=======
>>>>>>> sandbox
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
