//! Which answers are a success: over bare sockets, with answers that no library would send.

mod raw;

use hwm::{Call, ErrorKind, Outcome, Report, UserStatus};
use raw::{Then, answer, serve, serve_bytes};
use std::io::Write;
use std::sync::Arc;

/// What becomes of `a` and `test010` when every answer is `bytes`, and how many requests that took.
fn report_of(bytes: &[u8], close: bool) -> (Arc<Report>, Option<ErrorKind>, usize) {
    let server = serve_bytes(bytes, close);
    let client = server.client(&[("attempts", "3")]);
    match client.set_status(UserStatus::Normal, ["a", "test010"], Call::new()) {
        Ok(report) => (Arc::new(report), None, server.heard().len()),
        Err(error) => {
            (error.report().cloned().expect("a report"), Some(error.kind()), server.heard().len())
        }
    }
}

fn json(body: &[u8]) -> Vec<u8> {
    answer(200, "Content-Type: application/json;charset=UTF-8\r\n", body)
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_success_in_a_form_that_is_recognised_is_applied_at_once() {
    let envelope: &[u8] =
        b"{\"returnCode\":\"000000000\",\"returnMessage\":\"Success\",\"data\":null}";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    for (name, bytes) in [
        ("empty", json(b"")),
        ("empty page", answer(200, "Content-Type: text/html\r\n", b"")),
        ("the envelope of 2019", json(envelope)),
        ("a body without a code", json(b"{\"message\":\"done\"}")),
        ("chunked", chunked.into()),
        ("HTTP/1.0 with a length", b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
    ] {
        let (report, error, requests) = report_of(&bytes, false);
        assert!(report.all_applied() && error.is_none(), "{name}: {error:?}");
        assert_eq!(requests, 1, "{name}");
    }
}

#[test]
fn no_200_that_may_be_a_failure_is_applied() {
    let coded = |body: &[u8]| {
        answer(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", body)
    };
    let deep = ["{\"error_code\":\"USG.1\",\"deep\":", &"[".repeat(200), &"]".repeat(200), "}"];
    for (name, bytes) in [
        ("GBK", json(b"{\"error_code\":\"USG.1\",\"error_msg\":\"\xd3\xc3\xbb\xa7\"}")),
        ("lone surrogate", json(b"{\"error_code\":\"USG.1\",\"error_msg\":\"\\ud83d\"}")),
        ("raw newline", json(b"{\"error_code\":\"USG.1\",\"error_msg\":\"a\nb\"}")),
        ("byte order mark", json(b"\xef\xbb\xbf{\"error_code\":\"USG.1\"}")),
        ("UTF-16", json(&utf16("{\"error_code\":\"USG.1\"}"))),
        ("gzip unasked", coded(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0")),
        ("gzip that is none", coded(b"{}")),
        ("key twice", json(b"{\"error_code\":\"USG.1\",\"error_code\":\"\"}")),
        ("key twice, deep", json(b"{\"d\":[{\"error_code\":\"USG.1\",\"error_code\":\"\"}]}")),
        ("trailing garbage", json(b"{\"error_code\":\"USG.1\"}}")),
        ("two values", json(b"{} {\"error_code\":\"USG.1\"}")),
        ("a number too large", json(b"{\"error_code\":\"USG.1\",\"n\":1e999}")),
        ("too deep", json(deep.concat().as_bytes())),
        ("code in an array", json(b"{\"error_code\":[\"USG.1\"]}")),
        ("code as a number", json(b"{\"error_code\":201040000}")),
        ("code as an object", json(b"{\"error_code\":{\"code\":\"USG.1\"}}")),
        ("code further in", json(b"{\"data\":[{\"error_code\":\"USG.1\"}]}")),
        ("empty code", json(b"{\"error_code\":\"\"}")),
        ("return code as a number", json(b"{\"returnCode\":201040000}")),
        ("return code further in", json(b"{\"data\":{\"returnCode\":\"201040000\"}}")),
        ("text", answer(200, "Content-Type: text/plain\r\n", b"maintenance")),
        (
            "length and chunks",
            b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n\
              2\r\n{}\r\n0\r\n\r\n"
                .to_vec(),
        ),
    ] {
        let (report, error, requests) = report_of(&bytes, false);
        assert_eq!(report.count(Outcome::Unknown), 2, "{name}");
        assert_eq!(error, None, "{name}: the call ran to its end");
        assert_eq!(requests, 2, "{name}: tried once more");
        assert!(!report.get(0).unwrap().message.is_empty(), "{name}");
    }
}

#[test]
fn a_200_that_ends_with_its_connection_may_be_cut_short_and_is_not_applied() {
    for (name, bytes) in [
        ("nothing", "HTTP/1.1 200 OK\r\n\r\n"),
        ("whole", "HTTP/1.1 200 OK\r\n\r\n{}"),
        ("a code cut off", "HTTP/1.1 200 OK\r\n\r\n{\"error_code\":\"USG.2010"),
        ("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}"),
        ("cut short of its length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
        ("cut short of its chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}"),
    ] {
        let (report, ..) = report_of(bytes.as_bytes(), true);
        assert_eq!(report.count(Outcome::Unknown), 2, "{name}");
    }
}

#[test]
fn a_code_in_either_form_refuses_and_names_itself() {
    for (body, code, message) in [
        (&b"{\"error_code\":\"USG.1\",\"error_msg\":\"no\"}"[..], "USG.1", "no"),
        (b"{\"returnCode\":\"201040001\",\"returnMessage\":\"no\"}", "201040001", "no"),
    ] {
        let (report, error, requests) = report_of(&json(body), false);
        assert_eq!(error, None);
        assert_eq!(report.count(Outcome::Rejected), 2, "each refused alone");
        assert_eq!(requests, 3);
        let entry = report.get(0).unwrap();
        assert_eq!((entry.service_code, entry.message), (code, message));
    }
}

#[test]
fn a_200_that_names_accounts_is_told_and_not_tried_again() {
    for body in [
        "{\"failed\":[\"test010\"]}",
        "{\"data\":{\"test010\":{\"error_code\":\"USG.201040000\"}}}",
        "{\"returnCode\":\"0\",\"data\":[{\"account\":\"TEST010\"}]}",
    ] {
        let (report, error, requests) = report_of(&json(body.as_bytes()), false);
        assert_eq!((report.count(Outcome::Unknown), error, requests), (2, None, 1), "{body}");
        assert!(report.get(0).unwrap().message.contains(body), "{:?}", report.get(0));
    }
}

#[test]
fn a_page_seen_twice_ends_the_run_in_every_encoding() {
    for body in [b"<html>log in</html>".to_vec(), utf16("<html>log in</html>")] {
        let (report, error, requests) = report_of(&json(&body), false);
        assert_eq!(report.count(Outcome::Unknown), 2);
        assert_eq!((error, requests), (Some(ErrorKind::Protocol), 2));
    }
}

#[test]
fn many_answers_in_a_way_that_is_not_documented_end_the_run_and_are_quoted() {
    for (body, each) in [("{\"error_code\":[\"USG.1\"]}", 2), ("[\"u0\",\"u1\",\"u2\"]", 1)] {
        let server = serve_bytes(json(body.as_bytes()), false);
        let client = server.client(&[("batch_size", "1"), ("concurrency", "1")]);
        let accounts: Vec<_> = (0..10).map(|i| format!("u{i}")).collect();
        let error = client.set_status(UserStatus::Normal, &accounts, Call::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.message().contains("in a way that is not documented"), "{error}");
        assert!(error.message().contains(body), "{error}");
        assert_eq!(server.heard().len(), 3 * each, "three batches");
        let report = error.report().unwrap();
        assert_eq!(report.count(Outcome::Unknown), 3);
        assert_eq!(report.count(Outcome::NotAttempted), 7);
    }
}

#[test]
fn answers_that_are_not_documented_end_no_run_in_which_one_was_a_success() {
    let server = serve(|heard, stream| {
        let body: &[u8] = if heard.number == 0 { b"" } else { b"{\"error_code\":1}" };
        let _ = stream.write_all(&json(body));
        Then::Keep
    });
    let client = server.client(&[("batch_size", "1"), ("concurrency", "1")]);
    let accounts: Vec<_> = (0..10).map(|i| format!("u{i}")).collect();
    let report = client.set_status(UserStatus::Normal, &accounts, Call::new()).unwrap();
    assert_eq!(report.count(Outcome::Applied), 1);
    assert_eq!(report.count(Outcome::Unknown), 9);
}
