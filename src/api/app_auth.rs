//! Authenticating an App ID: `POST /v2/usg/acs/auth/appauth`.
//!
//! Source: the vendor's definition of CreateAppIdToken, and its SDK for what is signed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use ring::hmac;
use serde_json::json;

use crate::api;
use crate::message::Request;
use crate::secret::Secret;

/// Who asks, and for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AppUser<'a> {
    pub(crate) app_id: &'a str,
    /// Only for service providers: a single enterprise that sends it is refused.
    pub(crate) corp_id: Option<&'a str>,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) dept_code: Option<&'a str>,
}

/// The hexadecimal HMAC-SHA256 that proves the App Key.
///
/// `expire_time`: Unix seconds after which the signature is refused, 0 for never. `nonce`: 32 to
/// 64 characters.
pub(crate) fn signature(
    user: AppUser<'_>,
    app_key: &Secret,
    expire_time: u64,
    nonce: &str,
) -> String {
    let user_id = user.user_id.unwrap_or_default();
    let signed = match user.corp_id {
        None => format!("{}:{user_id}:{expire_time}:{nonce}", user.app_id),
        Some(corp_id) => format!("{}:{corp_id}:{user_id}:{expire_time}:{nonce}", user.app_id),
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, app_key.expose().as_bytes());
    let tag = hmac::sign(&key, signed.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The request for a token. The nonce is new each time, from the system's random source.
pub(crate) fn request(
    user: AppUser<'_>,
    app_key: &Secret,
    expire_time: u64,
    request_id: &str,
) -> Request {
    let nonce = api::new_request_id();
    let signature = signature(user, app_key, expire_time, &nonce);
    let access = BASE64_STANDARD.encode(user.app_id);
    let authorization = format!("HMAC-SHA256 signature={signature},access={access}");
    let mut body = json!({
        "appId": user.app_id,
        "clientType": api::CLIENT_TYPE,
        "expireTime": expire_time,
        "nonce": nonce,
    });
    for (name, value) in
        [("userId", user.user_id), ("corpId", user.corp_id), ("deptCode", user.dept_code)]
    {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    let mut headers = api::headers(request_id, None);
    headers.push(api::json_type());
    headers.push((AUTHORIZATION, api::sensitive(&authorization)));
    Request {
        method: Method::POST,
        target: "v2/usg/acs/auth/appauth".into(),
        headers,
        body: api::json(&body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_equals_the_vendors_own() {
        let user = AppUser {
            app_id: "4d4f1a6b0c2e4c1f9a35d7be8c60a1f2",
            corp_id: None,
            user_id: Some("admin@example"),
            dept_code: None,
        };
        let key = Secret::new("9f86d081884c7d659a2feaa0c55ad015");
        let nonce = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            signature(user, &key, 1893456000, nonce),
            "C87DC87FC41A2860234D28F80CE98CE6A185E6593CB87028D3D9E9BB5DBE5797"
        );
        assert_eq!(
            signature(AppUser { corp_id: Some("651543334"), ..user }, &key, 1893456000, nonce),
            "F8B1997131FE46BF912B4B2F2718849DCDABC246DB4BEC196E3F50D7D053ADFD"
        );
        assert_eq!(
            signature(AppUser { user_id: None, ..user }, &key, 0, nonce),
            "F682EA4DE3C1485B3378614C548276E0038EC9053495491AC88F7BE798956629"
        );
    }

    #[test]
    fn no_formatter_shows_the_signature() {
        let user = AppUser { app_id: "app", corp_id: None, user_id: None, dept_code: None };
        let request = request(user, &Secret::new("key"), 0, "id");
        assert!(!format!("{request:?}").contains("signature="));
    }
}
