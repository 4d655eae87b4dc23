//! The remote operations, one file each: how a request is built and what an answer says. No I/O.

pub(crate) mod account_auth;
pub(crate) mod app_auth;
pub(crate) mod clean_json;
pub(crate) mod fault;
pub(crate) mod list_users;
pub(crate) mod log_out;
pub(crate) mod quota_headers;
pub(crate) mod refresh_token;
mod retry_after;
pub(crate) mod said;
pub(crate) mod set_status;
pub(crate) mod token_answer;

use bytes::Bytes;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, HeaderValue};

use crate::secret::Secret;

pub(crate) const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Client type of all authentications: 72, an API client.
const CLIENT_TYPE: u32 = 72;

/// A new request id: a UUID v4 in 32 hexadecimal digits, as the service's own examples show it.
pub(crate) fn new_request_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn plain(text: &str) -> HeaderValue {
    // Options hold no control characters, so this cannot fail for what they gave.
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}

fn sensitive(text: &str) -> HeaderValue {
    let mut value = plain(text);
    value.set_sensitive(true);
    value
}

/// The headers that every request carries.
fn headers(request_id: &str, token: Option<&Secret>) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::with_capacity(4);
    if let Some(token) = token {
        headers.push((ACCESS_TOKEN, sensitive(token.expose())));
    }
    headers.push((REQUEST_ID, plain(request_id)));
    headers
}

/// The header that asks for messages in `language`; none where the service is to choose.
pub(crate) fn language(language: Option<&str>) -> Option<(HeaderName, HeaderValue)> {
    Some((ACCEPT_LANGUAGE, HeaderValue::from_str(language?).ok()?))
}

fn json_type() -> (HeaderName, HeaderValue) {
    (CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

fn json(value: &serde_json::Value) -> Bytes {
    value.to_string().into()
}
