//! Authenticating an administrator's account: `POST /v1/usg/acs/auth/account`.
//!
//! Source: the vendor's definition of CreateToken.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::json;
use zeroize::Zeroizing;

use crate::api;
use crate::message::Request;
use crate::secret::Secret;

/// The request for a token.
pub(crate) fn request(login: &str, password: &Secret, request_id: &str) -> Request {
    let pair = Zeroizing::new(format!("{login}:{}", password.expose()));
    let authorization =
        Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    let mut headers = api::headers(request_id, None);
    headers.push(api::json_type());
    headers.push((AUTHORIZATION, api::sensitive(&authorization)));
    Request {
        method: Method::POST,
        target: "v1/usg/acs/auth/account".into(),
        headers,
        body: api::json(&json!({ "account": login, "clientType": api::CLIENT_TYPE })),
    }
}
