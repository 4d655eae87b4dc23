//! What an answer says, in the words of the engine. A success is recognised, never assumed.

use std::collections::HashSet;

use hwm_engine::answer::{Body, Said};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use serde_json::Value;

use crate::api::fault::Fault;
use crate::api::retry_after::retry_after;
use crate::api::{clean_json, quota_headers};
use crate::message::Answer;

/// What an answer says, in plain words. `accounts`: those of its request.
pub(crate) fn read<'a>(answer: &Answer, accounts: impl Iterator<Item = &'a str>) -> Said {
    let fault = Fault::read(answer);
    let body = (answer.status == 200).then(|| of_success(answer, accounts));
    Said {
        status: answer.status,
        message: message(answer, &fault, body),
        code: fault.code,
        request_id: fault.request_id,
        body,
        retry_after: retry_after(answer),
        quotas: quota_headers::read(&answer.headers),
        may_be_late: answer.may_be_late,
    }
}

/// Reads a 200. `accounts`: those of the request.
fn of_success<'a>(answer: &Answer, accounts: impl Iterator<Item = &'a str>) -> Body {
    if is_page(answer) {
        return Body::Page;
    }
    if !is_framed(answer) {
        return Body::Undocumented("where it ends is not told, so that it may be cut short");
    }
    if is_coded(answer) {
        return Body::Undocumented("its content is encoded, which was not asked for");
    }
    if answer.body.is_empty() {
        return Body::Success;
    }
    let Some(body) = clean_json::read(&answer.body) else {
        return Body::Undocumented("its body is neither empty nor clean JSON");
    };
    if refusal_code(&body).is_some() {
        return Body::Refusal;
    }
    let mut shown = Shown::default();
    shown.look_at(&body);
    if shown.names_one_of(accounts) {
        return Body::Accounts;
    }
    if shown.a_code { Body::Undocumented("it holds an error code") } else { Body::Success }
}

/// The code by which `body` says no, in one of the two forms that the service has.
pub(crate) fn refusal_code(body: &Value) -> Option<&str> {
    let text = |name: &str| body.get(name)?.as_str().filter(|code| !code.is_empty());
    text("error_code").or_else(|| text("returnCode").filter(|code| !is_zeros(code)))
}

fn is_zeros(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte == b'0')
}

/// Digits from which a number may be the name of an account.
const SHORTEST_NUMBER: usize = 6;

/// What stands anywhere in a body.
#[derive(Default)]
struct Shown {
    a_code: bool,
    /// Every text, keys too, in lower case: the service may write a name as it keeps it.
    texts: HashSet<String>,
}

impl Shown {
    /// The parser bounds how deep this goes.
    fn look_at(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.note(text),
            Value::Number(number) => {
                let digits = number.to_string();
                // A phone number that is an account may be written so; a shorter one is a count.
                if digits.len() >= SHORTEST_NUMBER {
                    self.note(&digits);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.look_at(item)),
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.note(key);
                    self.a_code |= is_failing_code(key, value);
                    self.look_at(value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn note(&mut self, text: &str) {
        self.texts.insert(text.trim().to_lowercase());
    }

    fn names_one_of<'a>(&self, mut accounts: impl Iterator<Item = &'a str>) -> bool {
        !self.texts.is_empty() && accounts.any(|account| self.names(&account.trim().to_lowercase()))
    }

    /// Whether a text is this account, or holds it where it can be nothing else: in a list, or in a
    /// sentence. There a name that may be a word of the sentence does not count.
    fn names(&self, account: &str) -> bool {
        let is_no_word = account.len() >= 4
            && account.contains(|c: char| c.is_ascii_digit() || c == '@')
            && account.contains(|c: char| !c.is_ascii_digit());
        self.texts.contains(account)
            || is_no_word && self.texts.iter().any(|text| holds(text, account))
    }
}

/// Whether `name` stands in `text`, and not as a part of a longer name.
fn holds(text: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(name).any(|(at, _)| {
        !joins(text[..at].chars().next_back()) && !joins(text[at + name.len()..].chars().next())
    })
}

/// Whether an entry may be the code of a failure. Its name is compared without regard to case and
/// underscores: a service that fails in a new way need not write it as it always did.
fn is_failing_code(key: &str, value: &Value) -> bool {
    let name: String = key.chars().filter(|c| *c != '_').collect();
    name.eq_ignore_ascii_case("errorcode")
        || name.eq_ignore_ascii_case("returncode") && !value.as_str().is_some_and(is_zeros)
}

/// Whether the answer's end was told, by a length or by chunks. HTTP also lets a body end with its
/// connection, and then nothing tells the end from a break.
fn is_framed(answer: &Answer) -> bool {
    let has_length = answer.headers.contains_key(CONTENT_LENGTH);
    let mut codings = answer.headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => has_length,
        // Both at once is what answers are smuggled with.
        (Some(coding), None) => {
            !has_length && coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked")
        }
        _ => false,
    }
}

fn is_coded(answer: &Answer) -> bool {
    let codings = answer.headers.get_all(CONTENT_ENCODING);
    !codings.iter().all(|coding| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// Whether the body is a page instead of an answer of the service.
pub(crate) fn is_page(answer: &Answer) -> bool {
    // A byte order mark, and every second byte of UTF-16, before the first sign.
    let blank = |byte: &u8| byte.is_ascii_whitespace() || b"\0\xef\xbb\xbf\xfe\xff".contains(byte);
    let mut signs = answer.body.iter().filter(|byte| !blank(byte));
    let html = answer.headers.get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes().trim_ascii_start();
        value.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"text/html"))
    });
    match signs.next() {
        Some(b'<') => true,
        Some(_) => html && clean_json::read(&answer.body).is_none(),
        None => false,
    }
}

/// What a report and an error say of an answer.
fn message(answer: &Answer, fault: &Fault, body: Option<Body>) -> String {
    let what = match body {
        Some(Body::Accounts) => "the answer names accounts of the request",
        Some(Body::Undocumented(why)) => why,
        _ if fault.message.is_empty() && fault.is_html => {
            return "an HTML page, not an answer of the service".into();
        }
        _ if answer.may_be_late => "an answer that may be the one to another request",
        _ => return fault.message.clone(),
    };
    match answer.body.is_empty() {
        true => what.to_owned(),
        false => format!("{what}: {}", answer.beginning()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(head: &[(&'static str, &str)], body: &[u8]) -> Answer {
        let mut answer = Answer { status: 200, body: body.to_vec().into(), ..Answer::default() };
        for (name, value) in head {
            answer.headers.append(*name, value.parse().unwrap());
        }
        answer
    }

    fn said(head: &[(&'static str, &str)], body: &[u8]) -> Body {
        of_success(&answer(head, body), ["test010", "李雷", "8613800000000"].into_iter())
    }

    fn whole(body: &[u8]) -> Body {
        said(&[("content-length", "1"), ("content-type", "application/json")], body)
    }

    #[test]
    fn only_an_empty_body_and_clean_json_without_a_failure_are_a_success() {
        for body in [
            &b""[..],
            b"{}",
            b"null",
            b"[]",
            b"true",
            b"\"done\"",
            b"{\"message\":\"done\",\"request_id\":\"208b\"}",
            b"{\"returnCode\":\"000000000\",\"returnMessage\":\"Success\",\"data\":null}",
            b"{\"returnCode\":\"0\"}",
            b"{\"data\":{\"returnCode\":\"00\"}}",
        ] {
            assert_eq!(whole(body), Body::Success, "{}", String::from_utf8_lossy(body));
        }
        let html = [("content-length", "0"), ("content-type", "text/html")];
        assert_eq!(said(&html, b""), Body::Success, "empty, whatever its type says");
        assert_eq!(said(&html, b"{}"), Body::Success);
        assert_eq!(said(&[("transfer-encoding", "Chunked")], b"{}"), Body::Success);
        let identity = [("content-length", "2"), ("content-encoding", "identity")];
        assert_eq!(said(&identity, b"{}"), Body::Success);
    }

    #[test]
    fn a_code_in_one_of_the_two_documented_forms_is_a_refusal() {
        for body in [
            &b"{\"error_code\":\"USG.201040000\"}"[..],
            b"{\"error_code\":\"USG.1\",\"returnCode\":\"0\",\"failed\":[\"test010\"]}",
            b"{\"returnCode\":\"201040000\",\"returnMessage\":\"no\"}",
            b"{\"error_code\":\"\",\"returnCode\":\"1\"}",
        ] {
            assert_eq!(whole(body), Body::Refusal, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_failure_in_any_other_form_is_never_a_success() {
        for body in [
            &b"{\"error_code\":\"USG.1\",\"error_msg\":\"\xd3\xc3\xbb\xa7\"}"[..],
            b"{\"error_code\":\"USG.1\",\"error_msg\":\"\\ud83d\"}",
            b"{\"error_code\":\"USG.1\",\"error_msg\":\"a\nb\"}",
            b"\xef\xbb\xbf{\"error_code\":\"USG.1\"}",
            b"\xff\xfe{\0\"\0e\0r\0r\0o\0r\0_\0c\0o\0d\0e\0\"\0:\0\"\x001\0\"\0}\0",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
            b"{\"error_code\":\"USG.1\",\"error_msg\":\"cut sh",
            b"{\"error_code\":\"USG.1\",\"error_code\":\"\"}",
            b"{\"a\":{\"error_code\":\"USG.1\"},\"a\":{}}",
            b"{\"error_code\":\"USG.1\"};",
            b"{\"error_code\":\"USG.1\",\"n\":1e999}",
            b"{\"error_code\":[\"USG.1\"]}",
            b"{\"error_code\":201040000}",
            b"{\"error_code\":{\"code\":\"USG.1\"}}",
            b"{\"error_code\":null}",
            b"{\"error_code\":\"\"}",
            b"{\"errorCode\":\"USG.1\"}",
            b"[{\"error_code\":\"USG.1\"}]",
            b"{\"data\":[{\"error_code\":\"USG.1\"}]}",
            b"{\"returnCode\":1}",
            b"{\"returnCode\":0}",
            b"{\"returnCode\":\"\"}",
            b"{\"returnCode\":[\"000000000\"]}",
            b"{\"data\":{\"returnCode\":\"000000001\"}}",
            b" ",
            b"OK",
        ] {
            let said = whole(body);
            let shown = String::from_utf8_lossy(body);
            assert!(matches!(said, Body::Undocumented(_)), "{shown}: {said:?}");
        }
        let deep = [&b"{\"error_code\":\"USG.1\",\"d\":"[..], &[b'['; 200], &[b']'; 200], b"}"];
        assert!(matches!(whole(&deep.concat()), Body::Undocumented(_)));
    }

    #[test]
    fn an_answer_whose_end_is_not_told_or_that_is_encoded_is_no_success() {
        for head in [
            &[][..],
            &[("content-type", "application/json")],
            &[("content-length", "2"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")],
            &[("content-length", "2"), ("content-encoding", "gzip")],
            &[("content-length", "2"), ("content-encoding", "identity, gzip")],
        ] {
            for body in [&b""[..], b"{}", b"{\"error_code\":\"USG.1\"}"] {
                assert!(matches!(said(head, body), Body::Undocumented(_)), "{head:?}");
            }
        }
    }

    #[test]
    fn a_body_that_names_accounts_of_its_request_may_tell_which_of_them_failed() {
        for body in [
            "{\"failed\":[\"test010\"]}",
            "[\"李雷\"]",
            "{\"data\":{\"TEST010 \":\"no such user\"}}",
            "{\"errors\":[{\"account\":\"test010\",\"error_code\":\"USG.201040000\"}]}",
            "\"test010\"",
            "{\"failed\":\"test009,test010\"}",
            "{\"message\":\"用户test010不存在\"}",
            "{\"failed\":[8613800000000]}",
        ] {
            assert_eq!(whole(body.as_bytes()), Body::Accounts, "{body}");
        }
        for body in ["{\"failed\":[\"test0100\"]}", "{\"message\":\"李雷 done, atest010\"}"] {
            assert_eq!(whole(body.as_bytes()), Body::Success, "not of this request: {body}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_first_sign_in_every_encoding_or_by_its_type() {
        let utf16 = |order: fn(u16) -> [u8; 2], mark: &[u8]| {
            let text = "<html>login</html>".encode_utf16().flat_map(order);
            mark.iter().copied().chain(text).collect::<Vec<u8>>()
        };
        for body in [
            b"<html>".to_vec(),
            b" \r\n<!DOCTYPE html>".to_vec(),
            b"\xef\xbb\xbf<html>".to_vec(),
            utf16(u16::to_le_bytes, b"\xff\xfe"),
            utf16(u16::to_be_bytes, b"\xfe\xff"),
            utf16(u16::to_le_bytes, b""),
            utf16(u16::to_be_bytes, b""),
        ] {
            assert_eq!(said(&[], &body), Body::Page, "{body:?}");
        }
        assert_eq!(said(&[("content-type", "Text/HTML; charset=gbk")], b"login"), Body::Page);
    }
}
