//! Reading users back: `GET /v1/usg/dcs/corp/member`. Changes nothing; used to try a token.
//!
//! Source: the vendor's page "Querying Users by Page".

use bytes::Bytes;
use reqwest::Method;

use crate::api;
use crate::message::{Answer, Request};
use crate::secret::Secret;

/// The request for the first user.
pub(crate) fn first(token: &Secret, language: Option<&str>, request_id: &str) -> Request {
    let mut headers = api::headers(request_id, Some(token));
    headers.extend(api::language(language));
    Request {
        method: Method::GET,
        target: "v1/usg/dcs/corp/member?offset=0&limit=1".into(),
        headers,
        body: Bytes::new(),
    }
}

/// How many users there are, if the answer says it.
pub(crate) fn count(answer: &Answer) -> Option<u64> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    body.get("count")?.as_u64()
}
