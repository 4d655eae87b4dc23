//! Logging out: `DELETE /v1/usg/acs/token` with the access token in `X-Access-Token`.
//!
//! Source: the vendor's definition of DeleteToken.

use bytes::Bytes;
use reqwest::Method;

use crate::api;
use crate::message::Request;
use crate::secret::Secret;

/// The request that ends `token`.
pub(crate) fn request(token: &Secret, request_id: &str) -> Request {
    let mut headers = api::headers(request_id, Some(token));
    headers.push(api::json_type());
    Request {
        method: Method::DELETE,
        target: "v1/usg/acs/token".into(),
        headers,
        body: Bytes::new(),
    }
}
