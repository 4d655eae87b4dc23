//! Refreshing a token: `PUT /v1/usg/acs/token` with the refresh token in `X-Access-Token`.
//!
//! Source: the vendor's page "Refreshing a Token".

use bytes::Bytes;
use reqwest::Method;

use crate::api;
use crate::message::Request;
use crate::secret::Secret;

/// The request for a new token.
pub(crate) fn request(refresh_token: &Secret, request_id: &str) -> Request {
    let mut headers = api::headers(request_id, Some(refresh_token));
    headers.push(api::json_type());
    Request { method: Method::PUT, target: "v1/usg/acs/token".into(), headers, body: Bytes::new() }
}
