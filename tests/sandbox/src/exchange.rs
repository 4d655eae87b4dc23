//! The way of every request: it arrives, is logged, passes the gateway, is acted on, is answered.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::HeaderMap;
use hyper::http::request::Parts;
use tokio::time::Instant;

use crate::answer::{Answer, Language};
use crate::chance::Chance;
use crate::gateway;
use crate::log::LoggedRequest;
use crate::operation::Operation;
use crate::world::World;

/// The largest body that the sandbox reads.
const BODY_LIMIT: usize = 4 << 20;

/// A request that has arrived whole.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) accounts: Option<Vec<String>>,
    pub(crate) language: Language,
    pub(crate) request_id: String,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of a query parameter. The API's parameters never need percent-decoding.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| value.to_owned())
        })
    }

    pub(crate) fn says_json(&self) -> bool {
        let value = self.header("content-type").unwrap_or_default();
        let kind = value.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    }

    /// A refusal in the language and with the id of this request.
    pub(crate) fn refuse(&self, status: u16, code: impl Into<Cow<'static, str>>) -> Answer {
        Answer::error(status, code, self.language, &self.request_id)
    }
}

/// Serves one request; `act` is what the service does once the gateway lets the request through.
pub(crate) async fn serve(
    world: Arc<World>,
    operation: Operation,
    request: Request,
    act: fn(&World, &Arrived) -> Answer,
) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let body = read(body).await;
    let (n, arrived) = arrive(&world, operation, parts, &body);
    let mut passage = gateway::pass(&world, operation, &arrived);
    if body.is_none() {
        passage.refusal = Some(arrived.refuse(413, "SANDBOX.BODY_TOO_LARGE"));
    }
    let accepted = passage.refusal.is_none();
    let mut answer = passage.refusal.unwrap_or_else(|| act(&world, &arrived));
    answer.headers.extend(passage.headers);
    let keep = world.config().log_bodies;
    let changed = std::mem::take(&mut answer.changed);
    let now_ms = world.clock.now_ms();
    world.log.decide(n, |request| {
        request.accepted = accepted;
        request.status = answer.status;
        request.error_code = answer.error_code.to_string();
        if !changed.is_empty() {
            request.effective_at_ms = now_ms;
        }
        if keep {
            request.changed = changed;
        }
    });
    if accepted {
        wait_for_latency(&world, began).await;
    }
    world.log.amend(n, |request| request.answered = true);
    dress(&world, &arrived, answer)
}

/// The whole body, or `None` when it is too large or the client went away in the middle of it.
async fn read(body: Body) -> Option<Bytes> {
    let collected = Limited::new(body, BODY_LIMIT).collect().await.ok()?;
    Some(collected.to_bytes())
}

fn arrive(
    world: &World,
    operation: Operation,
    parts: Parts,
    body: &Option<Bytes>,
) -> (u64, Arrived) {
    let config = world.config();
    let body = body.as_deref().unwrap_or_default();
    let accounts: Option<Vec<String>> = match operation {
        Operation::Status => serde_json::from_slice(body).ok(),
        _ => None,
    };
    let mut logged = LoggedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect(),
        ..LoggedRequest::default()
    };
    if config.log_bodies {
        logged.body = String::from_utf8_lossy(body).into_owned();
        logged.accounts = accounts.clone().unwrap_or_default();
    }
    let (path, query) = (logged.path.clone(), logged.query.clone());
    let n = world.log.arrive(logged);
    let given = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let request_id = match given("x-request-id") {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => Chance::nth(config.seed, "request id", n).hex(32),
    };
    let arrived = Arrived {
        path,
        query,
        language: Language::from_header(given("accept-language")),
        headers: parts.headers,
        accounts,
        request_id,
    };
    (n, arrived)
}

/// The latency counts from the arrival. The timer rounds up to whole milliseconds, so that on average
/// it comes half of one late: aimed that much earlier, the mean latency is the configured one.
async fn wait_for_latency(world: &World, began: Instant) {
    let latency = Duration::from_millis(world.config().latency_ms);
    if !latency.is_zero() {
        let aim = latency.saturating_sub(Duration::from_micros(500));
        tokio::time::sleep_until(began + aim).await;
    }
}

/// Puts on the headers that every answer of the gateway has.
fn dress(world: &World, arrived: &Arrived, answer: Answer) -> Response {
    let mut response = Response::builder()
        .status(answer.status)
        .header("Date", world.clock.http_date())
        .header("Content-Type", answer.content_type.as_ref())
        .header("Pragma", "No-cache")
        .header("Cache-Control", "no-cache")
        .header("Server", "api-gateway")
        .header("X-Request-Id", &arrived.request_id);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(answer.body))
        .unwrap_or_else(|error| {
            let mut response = Response::new(Body::from(error.to_string()));
            *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
}
