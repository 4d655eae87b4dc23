//! The service's errors: `{"error_code", "error_msg", "request_id"}`, and what is none.
//!
//! The one place where words of an answer enter: what leaves it is short, printable, and blanked of
//! the client's own secrets, which a service may echo.

use serde_json::Value;

use crate::api::{REQUEST_ID, said};
use crate::message::Answer;
use crate::printable;

/// Longest text that is kept of an answer, in characters.
const MAX_TEXT: usize = 300;
/// Most bytes of a text that are looked at for secrets. More than are kept, for what is blanked takes
/// less room; and no more, for a call deals with its answers one after the other.
const MAX_READ: usize = 2 * 1024;

/// What an answer says beyond its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `error_code`, or a `returnCode` that is no success; empty when the body has none.
    pub(crate) code: String,
    /// `error_msg` or `returnMessage`, empty when the body has none.
    pub(crate) message: String,
    /// The body's `request_id`, else the answer's `X-Request-Id`, else empty.
    pub(crate) request_id: String,
    /// Whether the body is a page instead of an answer of the service.
    pub(crate) is_html: bool,
}

impl Fault {
    /// Reads leniently: any body is allowed, also one that is no JSON or no UTF-8.
    pub(crate) fn read(answer: &Answer) -> Fault {
        let body = lenient(&answer.body);
        let field = |name: &str| match body.get(name) {
            Some(Value::String(text)) => answer.words(text),
            Some(Value::Number(number)) => answer.words(&number.to_string()),
            _ => String::new(),
        };
        let either =
            |name, other| Some(field(name)).filter(|text| !text.is_empty()).unwrap_or(other);
        let code = said::refusal_code(&body).map_or_else(
            || field("error_code"),
            |code| {
                if is_code(code) { code.to_owned() } else { answer.words(code) }
            },
        );
        Fault {
            code,
            message: either("error_msg", field("returnMessage")),
            request_id: either("request_id", answer.header(REQUEST_ID.as_str())),
            is_html: said::is_page(answer),
        }
    }
}

/// The body as far as it is JSON. A message in another encoding must not hide the code beside it.
fn lenient(body: &[u8]) -> Value {
    let as_it_is = serde_json::from_slice(body);
    let repaired = || {
        let text = String::from_utf8_lossy(body);
        serde_json::from_str(text.trim_start_matches('\u{feff}'))
    };
    as_it_is.or_else(|_| repaired()).unwrap_or_default()
}

/// Whether this is a code as the service writes them, `USG.201040000`. It is left as it is, also when
/// a part of it happens to be a secret: what is decided by it must not depend on that.
fn is_code(text: &str) -> bool {
    text.split_once('.').is_some_and(|(system, number)| {
        (1..=10).contains(&system.len())
            && system.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=12).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

impl Answer {
    /// The value of a header; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map_or(String::new(), |value| self.words(&String::from_utf8_lossy(value.as_bytes())))
    }

    /// The beginning of the body. Zero bytes are left out: UTF-16 has them between the characters of
    /// a secret, which would hide it from being blanked.
    pub(crate) fn beginning(&self) -> String {
        let body: Vec<u8> = self.body.iter().copied().filter(|byte| *byte != 0).collect();
        self.words(&String::from_utf8_lossy(&body))
    }

    /// What the answer says, fit to be shown.
    pub(crate) fn words(&self, text: &str) -> String {
        let end = (0..=MAX_READ.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        let read = &text[..end.unwrap_or(0)];
        let blanked = self.secrets.blank(read, read.len() < text.len());
        printable(&blanked).chars().take(MAX_TEXT).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::secret::Secrets;

    const LONG: &str = "correct-horse-battery-staple-and-no-more";

    fn read(status: u16, body: &str) -> Fault {
        let secrets = Arc::new(Secrets::new(["hunter2-password", "201040000", LONG]));
        Fault::read(&Answer { status, body: body.to_owned().into(), secrets, ..Answer::default() })
    }

    #[test]
    fn the_words_of_both_forms_of_an_error_are_read() {
        let fault = read(400, r#"{"error_code":"USG.1","error_msg":"no","request_id":"208b"}"#);
        assert_eq!((&*fault.code, &*fault.message, &*fault.request_id), ("USG.1", "no", "208b"));
        let fault = read(200, r#"{"returnCode":"201040001","returnMessage":"no"}"#);
        assert_eq!((&*fault.code, &*fault.message), ("201040001", "no"));
        assert_eq!(read(200, r#"{"returnCode":"000000000"}"#).code, "");
        assert_eq!(read(500, "\u{feff}{").code, "");
    }

    #[test]
    fn a_code_is_read_beside_a_message_in_another_encoding() {
        for body in [
            &b"{\"error_code\":\"USG.201050006\",\"error_msg\":\"\xd7\xca\xd4\xb4\"}"[..],
            b"\xef\xbb\xbf{\"error_code\":\"USG.201050006\"}",
        ] {
            let body = body.to_vec().into();
            let answer = Answer { status: 400, body, ..Answer::default() };
            assert_eq!(Fault::read(&answer).code, "USG.201050006");
        }
    }

    #[test]
    fn a_secret_that_is_echoed_in_utf_16_is_blanked_too() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let body: Vec<u8> = "it was hunter2-password".encode_utf16().flat_map(order).collect();
            let secrets = Arc::new(Secrets::new(["hunter2-password"]));
            let answer = Answer { status: 200, body: body.into(), secrets, ..Answer::default() };
            assert_eq!(answer.beginning(), "it was …");
        }
    }

    #[test]
    fn a_secret_that_is_echoed_is_blanked_and_a_code_stays_whole() {
        let echo = "hunter2-password";
        let body =
            format!(r#"{{"error_code":"{echo}","error_msg":"{echo}","request_id":"{echo}"}}"#);
        let fault = read(400, &body);
        assert_eq!((&*fault.code, &*fault.message, &*fault.request_id), ("…", "…", "…"));
        assert_eq!(read(400, r#"{"error_code":"USG.201040000"}"#).code, "USG.201040000");
    }

    #[test]
    fn a_secret_that_is_told_often_is_not_shown_in_part_where_the_text_is_cut() {
        for length in 1..LONG.len() {
            let text = format!("{}{}", "x".repeat(length), LONG.repeat(400));
            let message = read(400, &format!(r#"{{"error_msg":"{text}"}}"#)).message;
            assert!(message.trim_matches(['x', '…']).is_empty(), "{message}");
        }
    }

    #[test]
    fn words_are_short_and_printable_and_cut_no_secret_in_two() {
        let long = format!(r#"{{"error_msg":"{}hunter2-password"}}"#, "x".repeat(MAX_TEXT - 4));
        assert!(!read(400, &long).message.contains("hunt"));
        let long = format!(r#"{{"error_msg":"{}"}}"#, "李".repeat(10_000));
        assert_eq!(read(400, &long).message.chars().count(), MAX_TEXT);
        let fault = read(400, r#"{"error_msg":"a\u202e\u2028b\u001b[2J"}"#);
        assert_eq!(fault.message, "a\u{fffd} b\u{fffd}[2J");
    }
}
