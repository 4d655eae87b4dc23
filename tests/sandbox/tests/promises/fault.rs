//! Every fault as a client meets it on the wire, over TCP alone and over TLS.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use hwm_sandbox::{Config, Fault, Sandbox, UserSpec, What, When};

use crate::tls;
use crate::wire::{Answer, Request, connect, exchange, read_answer, send};

const LONG: Duration = Duration::from_secs(20);

fn faulty(what: What) -> Sandbox {
    with_faults(vec![Fault::new(When::All, what)], false)
}

fn with_faults(faults: Vec<Fault>, tls: bool) -> Sandbox {
    let config = Config {
        user_list: vec![UserSpec::new("anna", 1), UserSpec::new("bert", 1)],
        faults,
        tls,
        ..Config::default()
    };
    Sandbox::start(config).expect("the sandbox starts")
}

fn enable_anna() -> Request {
    Request::set_status(0, &["anna"])
}

fn answer(sandbox: &Sandbox) -> Answer {
    send(&sandbox.url(), &enable_anna())
}

/// Sends the request and reads whatever comes until the connection ends, in order or not.
fn read_to_the_end(sandbox: &Sandbox) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = connect(&sandbox.url());
    stream.write_all(&enable_anna().bytes()).expect("sent");
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).err();
    (bytes, error.map(|error| error.kind()))
}

/// Head and body of an answer's bytes, and the length that the head claims.
fn parts(bytes: &[u8]) -> (String, Vec<u8>, usize) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    let claimed = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .and_then(|length| length.parse().ok())
        .expect("a length");
    (head.to_owned(), body.as_bytes().to_vec(), claimed)
}

fn anna(sandbox: &Sandbox) -> Option<u8> {
    sandbox.status_of("anna")
}

#[test]
fn a_status_to_order_has_its_body_headers_and_type() {
    let sandbox = faulty(What::Status {
        status: 409,
        body: r#"{"error_code": "X.1"}"#.to_owned(),
        headers: vec![("X-Extra".to_owned(), "1".to_owned())],
        content_type: Some("application/problem+json".to_owned()),
    });
    let answer = answer(&sandbox);
    assert_eq!((answer.status, answer.code().as_str()), (409, "X.1"));
    assert_eq!(answer.header("x-extra"), Some("1"));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let logged = &sandbox.requests()[0];
    assert_eq!((logged.status, logged.error_code.as_str()), (409, "X.1"));
    assert_eq!(anna(&sandbox), Some(1));
}

#[test]
fn too_many_requests_are_refused_in_the_gateways_words() {
    let sandbox = faulty(What::TooMany { retry_after: Some(7) });
    let answer = answer(&sandbox);
    assert_eq!((answer.status, answer.code().as_str()), (429, "APIG.0308"));
    assert_eq!(answer.header("retry-after"), Some("7"));
    let message = answer.json()["error_msg"].to_string();
    assert!(message.contains("limit:60,time:1 minute"), "{message}");
    assert!(!sandbox.requests()[0].accepted);
}

#[test]
fn a_server_exception_is_a_500_past_the_token() {
    let sandbox = faulty(What::Error500);
    assert_eq!(answer(&sandbox).status, 500);
    assert!(sandbox.requests()[0].accepted);
    let wrong = enable_anna().instead("X-Access-Token", None);
    assert_eq!(send(&sandbox.url(), &wrong).status, 401);
    assert_eq!(anna(&sandbox), Some(1));
}

#[test]
fn a_bad_gateway_is_a_proxys_html_page() {
    let sandbox = faulty(What::BadGatewayHtml);
    let answer = answer(&sandbox);
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert!(answer.body.starts_with(b"<html>"));
    assert_eq!((answer.header("server"), answer.header("x-request-id")), (None, None));
}

#[test]
fn unavailable_says_when_to_come_back_only_if_told_to() {
    for retry_after in [None, Some(3)] {
        let sandbox = faulty(What::Unavailable { retry_after });
        let answer = answer(&sandbox);
        let said = answer.header("retry-after").map(str::to_owned);
        assert_eq!((answer.status, said), (503, retry_after.map(|s| s.to_string())));
    }
}

#[test]
fn resets_reach_the_client_with_the_change_made_or_not() {
    for (what, status) in [(What::ResetBefore, 1), (What::ResetAfter, 0)] {
        let sandbox = faulty(what);
        let (bytes, error) = read_to_the_end(&sandbox);
        assert_eq!((bytes.len(), error), (0, Some(ErrorKind::ConnectionReset)));
        assert_eq!(anna(&sandbox), Some(status));
        let logged = &sandbox.requests()[0];
        assert_eq!((logged.status, logged.answered), (0, false));
    }
}

#[test]
fn closed_connections_end_in_order_with_the_change_made_or_not() {
    for (what, status) in [(What::FinBefore, 1), (What::FinAfter, 0)] {
        let sandbox = faulty(what);
        assert_eq!(read_to_the_end(&sandbox), (Vec::new(), None));
        assert_eq!(anna(&sandbox), Some(status));
    }
}

#[test]
fn a_truncated_body_is_shorter_than_it_says() {
    let sandbox = faulty(What::TruncatedBody);
    let (bytes, error) = read_to_the_end(&sandbox);
    let (head, body, claimed) = parts(&bytes);
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(body.len() < claimed && !body.is_empty());
    assert_eq!((error, anna(&sandbox)), (None, Some(0)));
    assert!(!sandbox.requests()[0].answered);
}

#[test]
fn a_wrong_content_length_leaves_bytes_over() {
    let sandbox = faulty(What::WrongContentLength);
    let mut stream = connect(&sandbox.url());
    let answer = exchange(&mut stream, &enable_anna()).expect("an answer of the said length");
    assert_eq!(answer.status, 200);
    stream.write_all(b"x").expect("the connection is open");
    let mut over = Vec::new();
    stream.read_to_end(&mut over).expect("the connection ends");
    let whole = [answer.body, over].concat();
    assert!(serde_json::from_slice::<serde_json::Value>(&whole).is_ok());
    assert_eq!(anna(&sandbox), Some(0));
}

#[test]
fn a_trickle_comes_whole_but_slowly() {
    let sandbox = faulty(What::Trickle { bytes_per_interval: 64, interval_ms: 20 });
    let began = Instant::now();
    let (bytes, error) = read_to_the_end(&sandbox);
    let (head, body, claimed) = parts(&bytes);
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!((body.len(), error), (claimed, None));
    let pieces = bytes.len().div_ceil(64) as u32;
    assert!(began.elapsed() >= Duration::from_millis(20) * pieces);
    assert_eq!(anna(&sandbox), Some(0));
    assert!(sandbox.wait_until(LONG, |requests| requests[0].answered));
}

#[test]
fn silence_lasts_until_the_client_goes_away() {
    for (after, status) in [(false, 1), (true, 0)] {
        let sandbox = faulty(What::Silence { after });
        let mut stream = connect(&sandbox.url());
        stream.write_all(&enable_anna().bytes()).expect("sent");
        assert!(sandbox.wait_for_requests(1, LONG));
        stream.set_read_timeout(Some(Duration::from_millis(50))).expect("set");
        let error = stream.read(&mut [0]).expect_err("nothing comes");
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert_eq!(anna(&sandbox), Some(status));
        let logged = &sandbox.requests()[0];
        assert_eq!((logged.status, logged.answered), (0, false));
    }
}

#[test]
fn a_sandbox_stops_though_connections_are_silent() {
    let sandbox = faulty(What::Silence { after: false });
    let mut stream = connect(&sandbox.url());
    stream.write_all(&enable_anna().bytes()).expect("sent");
    assert!(sandbox.wait_for_requests(1, LONG));
    drop(sandbox);
    let ended = stream.read(&mut [0]);
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[test]
fn a_200_may_carry_an_error_code() {
    let sandbox = faulty(What::Ok200ErrorCode);
    let answer = answer(&sandbox);
    assert_eq!((answer.status, answer.code().as_str()), (200, "SANDBOX.REFUSED_WITH_200"));
    assert_eq!(anna(&sandbox), Some(1));
}

#[test]
fn a_proxys_html_200_changes_nothing() {
    let sandbox = faulty(What::ProxyHtml200);
    let answer = answer(&sandbox);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html")));
    assert!(answer.body.starts_with(b"<"));
    assert_eq!(anna(&sandbox), Some(1));
}

#[test]
fn a_delayed_effect_comes_before_its_late_answer() {
    let sandbox = faulty(What::DelayedEffect { ms: 60 });
    let began = Instant::now();
    assert_eq!(answer(&sandbox).status, 200);
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(sandbox.requests()[0].changed, ["anna"]);
}

#[test]
fn a_delayed_effect_comes_even_when_the_client_has_gone() {
    let sandbox = faulty(What::DelayedEffect { ms: 60 });
    let mut stream = connect(&sandbox.url());
    stream.write_all(&enable_anna().bytes()).expect("sent");
    assert!(sandbox.wait_for_requests(1, LONG));
    assert_eq!(sandbox.requests()[0].status, 0);
    drop(stream);
    assert!(sandbox.wait_until(LONG, |requests| !requests[0].changed.is_empty()));
    assert_eq!(anna(&sandbox), Some(0));
    let logged = &sandbox.requests()[0];
    assert_eq!((logged.status, logged.answered), (200, false));
}

#[test]
fn a_redirect_names_its_place_and_changes_nothing() {
    let location = "http://127.0.0.1:1/elsewhere".to_owned();
    let sandbox = faulty(What::Redirect { location: location.clone() });
    let answer = answer(&sandbox);
    assert_eq!((answer.status, answer.header("location")), (302, Some(location.as_str())));
    assert_eq!(anna(&sandbox), Some(1));
}

#[test]
fn an_oversize_body_is_json_of_more_than_64_kib() {
    let sandbox = faulty(What::OversizeBody);
    let answer = answer(&sandbox);
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() > 64 * 1024 && answer.json().is_object());
    assert_eq!(anna(&sandbox), Some(0));
}

#[test]
fn raw_bytes_come_as_they_are_with_the_change_made_or_not() {
    for (after, status) in [(false, 1), (true, 0)] {
        let bytes = b"HTTP/1.1 999 \xff\r\n".to_vec();
        let sandbox = faulty(What::RawBytes { bytes: bytes.clone(), after });
        assert_eq!(read_to_the_end(&sandbox), (bytes, None));
        assert_eq!(anna(&sandbox), Some(status));
    }
}

#[test]
fn connections_break_below_tls_too() {
    for (what, reset, status) in [
        (What::ResetBefore, true, 1),
        (What::ResetAfter, true, 0),
        (What::FinBefore, false, 1),
        (What::FinAfter, false, 0),
        (What::TruncatedBody, false, 0),
    ] {
        let sandbox = with_faults(vec![Fault::new(When::All, what.clone())], true);
        let mut stream = tls::connect(&sandbox);
        let error = exchange(&mut stream, &enable_anna()).expect_err("no whole answer");
        let expected = if reset { ErrorKind::ConnectionReset } else { ErrorKind::UnexpectedEof };
        assert_eq!(error.kind(), expected, "{what:?}");
        assert_eq!(anna(&sandbox), Some(status), "{what:?}");
    }
}

#[test]
fn answers_trickle_and_raw_bytes_come_over_tls_too() {
    let what = What::Trickle { bytes_per_interval: 100, interval_ms: 1 };
    let sandbox = with_faults(vec![Fault::new(When::All, what)], true);
    let mut stream = tls::connect(&sandbox);
    assert_eq!(exchange(&mut stream, &enable_anna()).expect("an answer").status, 200);
    let bytes = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    let what = What::RawBytes { bytes, after: false };
    sandbox.set_faults(vec![Fault::new(When::All, what)]);
    let mut stream = tls::connect(&sandbox);
    stream.write_all(&enable_anna().bytes()).expect("sent");
    assert_eq!(read_answer(&mut stream).expect("an answer").status, 204);
}
