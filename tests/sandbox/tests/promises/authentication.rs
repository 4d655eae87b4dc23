//! Which signatures and passwords count. The clock stands still.

use hwm_sandbox::{Login, LoginState};

use crate::credentials::{AppAuth, NONCE, PLAIN, login, refused, token, use_of, with};
use crate::wire::send;

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

#[test]
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
