//! How an answer reaches the client, or fails to.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::StatusCode;
use serde_json::json;

use crate::answer::{Answer, JSON};
use crate::arrival::Arrived;
use crate::connection::{End, Script};
use crate::fault::What;
use crate::gateway;
use crate::quota::Quota;
use crate::world::World;

const BAD_GATEWAY_PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n\
    <body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n";

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\n\
    <body><p>Please sign in before you go on.</p></body></html>\n";

/// Longer than the 64 KiB that a client reads at most.
const OVERSIZE: usize = 80 * 1024;

/// What is to be done with the connection.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The answer is given as it should be.
    Whole(Answer),
    /// The connection is taken over and this is played on it.
    Script(Script),
    /// Nothing, ever.
    Never,
}

impl Delivery {
    /// The HTTP status that the client gets to see, 0 for none.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Delivery::Whole(answer) => answer.status,
            Delivery::Script(script) => script.status,
            Delivery::Never => 0,
        }
    }

    /// What a fault makes of the service's answer; of an empty one, where it strikes before there is
    /// one.
    pub(crate) fn of(what: &What, world: &World, arrived: &Arrived, answer: Answer) -> Delivery {
        match what {
            What::Status { status, body, headers, content_type } => Delivery::Whole(Answer {
                status: *status,
                error_code: Cow::Owned(error_code(body)),
                content_type: content_type.clone().map_or(JSON.into(), Cow::Owned),
                headers: [answer.headers, headers.clone()].concat(),
                body: body.clone().into_bytes(),
                ..Answer::default()
            }),
            What::TooMany { retry_after } => {
                let sixty = Quota { limit: 60, ..Quota::default() };
                let quota = world.config().quota.clone().unwrap_or(sixty);
                let answer = gateway::too_many(&quota, arrived);
                Delivery::Whole(with_retry_after(answer, *retry_after))
            }
            What::Error500 => {
                let mut error = arrived.refuse(500, "SANDBOX.SERVER_EXCEPTION");
                error.headers = answer.headers;
                Delivery::Whole(error)
            }
            What::BadGatewayHtml => Delivery::Whole(page(502, BAD_GATEWAY_PAGE)),
            What::Unavailable { retry_after } => {
                let answer = arrived.refuse(503, "SANDBOX.UNAVAILABLE");
                Delivery::Whole(with_retry_after(answer, *retry_after))
            }
            What::ResetBefore | What::ResetAfter => Delivery::Script(Script::ending(End::Reset)),
            What::FinBefore | What::FinAfter => Delivery::Script(Script::ending(End::Close)),
            What::TruncatedBody => {
                let answer = with_some_body(answer, arrived);
                let mut bytes = head(world, arrived, &answer, answer.body.len());
                bytes.extend_from_slice(&answer.body[..answer.body.len() / 2]);
                Delivery::Script(Script {
                    status: answer.status,
                    bytes,
                    ..Script::ending(End::Close)
                })
            }
            What::Trickle { bytes_per_interval, interval_ms } => {
                let mut bytes = head(world, arrived, &answer, answer.body.len());
                bytes.extend_from_slice(&answer.body);
                Delivery::Script(Script {
                    status: answer.status,
                    bytes,
                    pace: Some((*bytes_per_interval, Duration::from_millis(*interval_ms))),
                    whole: true,
                    ..Script::ending(End::Finish)
                })
            }
            What::Silence { .. } => Delivery::Never,
            What::WrongContentLength => {
                let answer = with_some_body(answer, arrived);
                let mut bytes = head(world, arrived, &answer, answer.body.len() / 2);
                bytes.extend_from_slice(&answer.body);
                Delivery::Script(Script {
                    status: answer.status,
                    bytes,
                    ..Script::ending(End::Linger)
                })
            }
            What::Ok200ErrorCode => {
                let mut error = arrived.refuse(200, "SANDBOX.REFUSED_WITH_200");
                error.headers = answer.headers;
                Delivery::Whole(error)
            }
            What::ProxyHtml200 => Delivery::Whole(page(200, LOGIN_PAGE)),
            What::Redirect { location } => {
                let mut answer = Answer::ok("");
                answer.status = 302;
                answer.headers = vec![("Location".to_owned(), location.clone())];
                Delivery::Whole(answer)
            }
            What::OversizeBody if answer.status == 200 => {
                let body = json!({"padding": "-".repeat(OVERSIZE)}).to_string();
                Delivery::Whole(Answer { body: body.into_bytes(), ..answer })
            }
            What::RawBytes { bytes, .. } => {
                Delivery::Script(Script { bytes: bytes.clone(), ..Script::ending(End::Finish) })
            }
            What::DelayedEffect { .. } | What::OversizeBody => Delivery::Whole(answer),
        }
    }
}

/// The answer as the HTTP server takes it.
pub(crate) fn response(world: &World, arrived: &Arrived, answer: Answer) -> Response {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in headers(world, arrived, &answer) {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(error.to_string()));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The answer's head for a connection that is taken over.
fn head(world: &World, arrived: &Arrived, answer: &Answer, content_length: usize) -> Vec<u8> {
    let reason = StatusCode::from_u16(answer.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    for (name, value) in headers(world, arrived, answer) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {content_length}\r\n\r\n"));
    head.into_bytes()
}

/// The headers that every answer has, and its own.
fn headers(world: &World, arrived: &Arrived, answer: &Answer) -> Vec<(String, String)> {
    let mut headers = vec![
        ("Date".to_owned(), world.clock.http_date()),
        ("Content-Type".to_owned(), answer.content_type.to_string()),
    ];
    if !answer.by_proxy {
        headers.extend(
            [
                ("Pragma", "No-cache"),
                ("Cache-Control", "no-cache"),
                ("Server", "api-gateway"),
                ("X-Request-Id", &arrived.request_id),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
    }
    headers.extend_from_slice(&answer.headers);
    headers
}

fn page(status: u16, html: &str) -> Answer {
    Answer {
        status,
        content_type: Cow::Borrowed("text/html"),
        body: html.as_bytes().to_vec(),
        by_proxy: true,
        ..Answer::default()
    }
}

fn with_retry_after(mut answer: Answer, seconds: Option<u64>) -> Answer {
    if let Some(seconds) = seconds {
        answer.headers.push(("Retry-After".to_owned(), seconds.to_string()));
    }
    answer
}

/// A body that is too short to be cut makes no fault.
fn with_some_body(mut answer: Answer, arrived: &Arrived) -> Answer {
    if answer.body.len() < 2 {
        let body = json!({"message": "done", "request_id": arrived.request_id});
        answer.body = body.to_string().into_bytes();
    }
    answer
}

/// What the log shall name as the error code of a made-up body.
fn error_code(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["error_code"].as_str().unwrap_or_default().to_owned()
}
