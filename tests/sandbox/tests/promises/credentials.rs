//! The requests by which a token is had, put together as the documentation has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hwm_sandbox::{Config, Sandbox, UserSpec};
use ring::hmac;
use serde_json::json;

use crate::wire::{Answer, Request, send};

pub(crate) const NONCE: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Sandbox {
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
pub(crate) struct AppAuth {
    pub(crate) user_id: Option<&'static str>,
    pub(crate) corp_id: Option<&'static str>,
    pub(crate) expire_time: u64,
    pub(crate) nonce: &'static str,
}

pub(crate) const PLAIN: AppAuth =
    AppAuth { user_id: None, corp_id: None, expire_time: 0, nonce: NONCE };

impl AppAuth {
    pub(crate) fn signature(&self) -> String {
        let config = Config::default();
        let corp = self.corp_id.map(|corp_id| format!("{corp_id}:")).unwrap_or_default();
        let user = self.user_id.unwrap_or_default();
        let text = format!("{}:{corp}{user}:{}:{}", config.app_id, self.expire_time, self.nonce);
        let key = hmac::Key::new(hmac::HMAC_SHA256, config.app_key.as_bytes());
        let tag = hmac::sign(&key, text.as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    pub(crate) fn signed_as(&self, signature: &str) -> Request {
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

    pub(crate) fn request(&self) -> Request {
        self.signed_as(&self.signature())
    }

    pub(crate) fn send(&self, sandbox: &Sandbox) -> Answer {
        send(&sandbox.url(), &self.request())
    }
}

pub(crate) fn login(account: &str, password: &str) -> Request {
    let credentials = STANDARD.encode(format!("{account}:{password}"));
    Request::new("POST", "/v1/usg/acs/auth/account")
        .header("Authorization", &format!("Basic {credentials}"))
        .json(&json!({"account": account, "clientType": 72}))
}

pub(crate) fn on_token(method: &str, token: &str) -> Request {
    Request::new(method, "/v1/usg/acs/token").header("X-Access-Token", token)
}

pub(crate) fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["accessToken"].as_str().expect("a token").to_owned()
}

pub(crate) fn refresh_token(answer: &Answer) -> String {
    answer.json()["refreshToken"].as_str().expect("a token").to_owned()
}

/// What a status request with this token is answered.
pub(crate) fn use_of(sandbox: &Sandbox, token: &str) -> u16 {
    let request = Request::set_status(0, &["member"]).instead("X-Access-Token", Some(token));
    send(&sandbox.url(), &request).status
}

pub(crate) fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}
