//! An answer too many is never taken for the answer to another request.

mod raw;

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hwm::{Call, Outcome, UserStatus};
use raw::{Heard, RawServer, Then, answer, serve};

/// What an answer carries as `X-Request-Id`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Id {
    Ours,
    OursWithDashes,
    OfTheRequestBefore,
    New,
    None,
}

fn header(id: Id, ours: &str, before: &str) -> String {
    let value = match id {
        Id::Ours => ours.to_owned(),
        Id::OursWithDashes => {
            let ours = ours.to_uppercase();
            let parts = [&ours[..8], &ours[8..12], &ours[12..16], &ours[16..20], &ours[20..]];
            parts.join("-")
        }
        Id::OfTheRequestBefore => before.to_owned(),
        Id::New => "f".repeat(32),
        Id::None => return String::new(),
    };
    format!("X-Request-Id: {value}\r\n")
}

/// When the answer too many comes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    /// In one piece with the answer before.
    AtOnce,
    /// After this many microseconds.
    After(u64),
    /// When the next request has come over the same connection.
    BeforeTheNextAnswer,
}

const SUCCESS: (u16, &[u8]) = (200, b"");
const REFUSAL: (u16, &[u8]) =
    (400, b"{\"error_code\":\"USG.201040000\",\"error_msg\":\"none such\"}");

/// Says 200 to `good` and 400 to `bad`, and one 200 too many after the first 200 on a connection.
fn server(id: Id, unasked: Id, when: When) -> RawServer {
    let due: Mutex<Vec<usize>> = Mutex::default();
    serve(move |heard: &Heard, stream: &mut TcpStream| {
        let ours = heard.request_id();
        let extra = answer(SUCCESS.0, &header(unasked, &"0".repeat(32), ours), SUCCESS.1);
        let (status, body) = if heard.body.contains("good") { SUCCESS } else { REFUSAL };
        let mut bytes = answer(status, &header(id, ours, ours), body);
        if due.lock().unwrap().contains(&heard.connection) {
            let late = answer(SUCCESS.0, &header(unasked, &"0".repeat(32), &"e".repeat(32)), b"");
            let _ = stream.write_all(&[late, bytes].concat());
            return Then::Keep;
        }
        if status == 200 && when == When::AtOnce {
            bytes.extend_from_slice(&extra);
        }
        let _ = stream.write_all(&bytes);
        match when {
            When::After(micros) if status == 200 => {
                std::thread::sleep(Duration::from_micros(micros));
                let _ = stream.write_all(&extra);
            }
            When::BeforeTheNextAnswer if status == 200 => {
                due.lock().unwrap().push(heard.connection);
            }
            _ => {}
        }
        Then::Keep
    })
}

#[test]
fn an_answer_too_many_is_never_the_answer_to_the_next_request() {
    for id in [Id::Ours, Id::OursWithDashes, Id::None, Id::New] {
        for unasked in [Id::OfTheRequestBefore, Id::New, Id::None] {
            for when in [
                When::AtOnce,
                When::After(0),
                When::After(50),
                When::After(200),
                When::After(1000),
                When::BeforeTheNextAnswer,
            ] {
                let server = server(id, unasked, when);
                let client = server.client(&[("batch_size", "1"), ("concurrency", "1")]);
                for round in 0..3 {
                    let call = client.set_status(UserStatus::Normal, ["good", "bad"], Call::new());
                    let report = call.unwrap();
                    let outcome = |index| report.get(index).unwrap().outcome;
                    let what = format!("{id:?} {unasked:?} {when:?} {round}");
                    assert_eq!(outcome(0), Outcome::Applied, "{what}");
                    assert_eq!(outcome(1), Outcome::Rejected, "{what}");
                }
            }
        }
    }
}

/// The connections that requests for ten accounts took, one request each.
fn connections(server: &RawServer) -> Vec<usize> {
    let client = server.client(&[("batch_size", "1"), ("concurrency", "1")]);
    let accounts: Vec<_> = (0..10).map(|i| format!("good{i}")).collect();
    let report = client.set_status(UserStatus::Normal, &accounts, Call::new()).unwrap();
    assert!(report.all_applied());
    server.heard().iter().map(|heard| heard.connection).collect()
}

fn steady(id: Id) -> RawServer {
    serve(move |heard, stream| {
        let ours = heard.request_id();
        let _ = stream.write_all(&answer(200, &header(id, ours, ours), b""));
        Then::Keep
    })
}

#[test]
fn an_endpoint_that_echoes_keeps_its_connection() {
    for id in [Id::Ours, Id::OursWithDashes] {
        assert_eq!(connections(&steady(id)), [0; 10], "{id:?}");
    }
}

#[test]
fn an_endpoint_that_never_echoes_works_over_a_connection_for_each_request() {
    for id in [Id::None, Id::New] {
        assert_eq!(connections(&steady(id)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "{id:?}");
    }
}

#[test]
fn an_endpoint_that_ceases_to_echo_goes_on_working() {
    let server = serve(|heard, stream| {
        let ours = heard.request_id();
        let id = if heard.number < 4 { Id::Ours } else { Id::None };
        let _ = stream.write_all(&answer(200, &header(id, ours, ours), b""));
        Then::Keep
    });
    // The fifth answer may be one too many: it is asked for again, and all others are believed.
    assert_eq!(connections(&server), [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn an_answer_to_another_request_leaves_its_accounts_unknown_when_tries_run_out() {
    let server = serve(|heard, stream| {
        let ours = heard.request_id();
        let id = if heard.number == 0 { Id::Ours } else { Id::New };
        let _ = stream.write_all(&answer(200, &header(id, ours, ours), b""));
        Then::Keep
    });
    let client = server.client(&[("batch_size", "1"), ("concurrency", "1"), ("attempts", "2")]);
    let error = client.set_status(UserStatus::Normal, ["good", "other"], Call::new()).unwrap_err();
    assert!(error.message().contains("request id of another request"), "{error}");
    let report = error.report().unwrap();
    assert_eq!(report.get(0).unwrap().outcome, Outcome::Applied);
    assert_eq!(report.get(1).unwrap().outcome, Outcome::Unknown);
    let connections: Vec<_> = server.heard().iter().map(|heard| heard.connection).collect();
    assert_eq!(connections, [0, 0, 1, 2], "none is used again, and one try is free");
}

#[test]
fn a_connection_on_which_anything_came_unasked_is_not_used_again() {
    for unasked in ["HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n", "\r\n", "x"] {
        let (sender, written) = std::sync::mpsc::channel();
        let server = serve(move |heard, stream| {
            let ours = heard.request_id();
            let _ = stream.write_all(&answer(200, &header(Id::Ours, ours, ours), b""));
            let _ = stream.write_all(unasked.as_bytes());
            let _ = sender.send(());
            Then::Keep
        });
        let client = server.client(&[]);
        for _ in 0..5 {
            let report = client.set_status(UserStatus::Normal, ["good"], Call::new()).unwrap();
            assert!(report.all_applied());
            written.recv().unwrap();
        }
        let connections: Vec<_> = server.heard().iter().map(|heard| heard.connection).collect();
        assert_eq!(connections, [0, 1, 2, 3, 4], "{unasked:?}");
    }
}

#[test]
fn no_answer_too_many_says_of_an_account_that_it_was_not_attempted() {
    for status in [301, 401, 403, 404, 405, 407, 411, 412, 413, 414, 415, 423, 431] {
        let server = serve(move |heard: &Heard, stream: &mut TcpStream| {
            let header = header(Id::Ours, heard.request_id(), "");
            let mut bytes = answer(SUCCESS.0, &header, SUCCESS.1);
            if heard.number == 1 {
                bytes = [answer(status, "", b""), bytes].concat();
            }
            let _ = stream.write_all(&bytes);
            Then::Keep
        });
        let client = server.client(&[("batch_size", "1"), ("concurrency", "1")]);
        let result = client.set_status(UserStatus::Normal, ["one", "two"], Call::new());
        let report = result.map(Arc::new).or_else(|error| error.report().cloned().ok_or(error));
        let outcome = report.unwrap().get(1).unwrap().outcome;
        assert_ne!(outcome, Outcome::NotAttempted, "{status}: the service acted on it");
    }
}
