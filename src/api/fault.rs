//! The service's errors: `{"error_code", "error_msg", "request_id"}`, and what is none.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use crate::api::REQUEST_ID;
use crate::transport::Answer;

/// Longest message that is kept of an answer, in characters.
const MAX_MESSAGE: usize = 300;

/// What an answer's body says beyond its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `error_code`, empty when the body has none.
    pub(crate) code: String,
    /// `error_msg`, empty when the body has none.
    pub(crate) message: String,
    /// The body's `request_id`, else the answer's `X-Request-Id`, else empty.
    pub(crate) request_id: String,
    /// Whether the body is a page instead of an answer of the service.
    pub(crate) is_html: bool,
}

impl Fault {
    /// Reads leniently: any body is allowed, also one that is no JSON or no UTF-8.
    pub(crate) fn read(answer: &Answer) -> Fault {
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let field = |name: &str| match body.as_ref().and_then(|body| body.get(name)) {
            Some(Value::String(text)) => printable(text),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let mut request_id = field("request_id");
        if request_id.is_empty() {
            request_id = header(&answer.headers, REQUEST_ID.as_str());
        }
        Fault {
            code: field("error_code"),
            message: field("error_msg"),
            request_id,
            is_html: is_html(answer),
        }
    }
}

fn is_html(answer: &Answer) -> bool {
    let first = answer.body.iter().find(|byte| !byte.is_ascii_whitespace());
    let bom = answer.body.starts_with(b"\xef\xbb\xbf<");
    let html_type = header(&answer.headers, CONTENT_TYPE.as_str());
    first == Some(&b'<') || bom || html_type.to_ascii_lowercase().starts_with("text/html")
}

/// The value of a header as printable text; empty when it is missing.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .map_or(String::new(), |value| printable(&String::from_utf8_lossy(value.as_bytes())))
}

/// At most [`MAX_MESSAGE`] characters, control characters as spaces: fit for logs and reports.
fn printable(text: &str) -> String {
    text.chars().take(MAX_MESSAGE).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
