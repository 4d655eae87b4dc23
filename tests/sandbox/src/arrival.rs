//! Requests as they arrive.

use std::borrow::Cow;

use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::http::request::Parts;

use crate::answer::{Answer, Language};
use crate::chance::Chance;
use crate::log::LoggedRequest;
use crate::operation::Operation;
use crate::world::World;

/// The largest body that the sandbox keeps.
const BODY_LIMIT: usize = 4 << 20;

/// A request that has arrived whole.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// Its number in the log.
    pub(crate) n: u64,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The accounts of a status request whose body can be read.
    pub(crate) accounts: Option<Vec<String>>,
    pub(crate) language: Language,
    pub(crate) request_id: String,
    /// Whether its body was too large to keep.
    pub(crate) too_large: bool,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The first value of a query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.query_values(name).next()
    }

    /// All values of a query parameter.
    pub(crate) fn query_values(&self, name: &str) -> impl Iterator<Item = String> {
        form_urlencoded::parse(self.query.as_bytes())
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
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

/// Reads a request, logs it, and gives it its number. `None` when the client went away before it had
/// sent everything, which leaves no trace in the log.
pub(crate) async fn receive(
    world: &World,
    operation: Operation,
    request: Request,
) -> Option<Arrived> {
    let (parts, mut body) = request.into_parts();
    let mut kept = BytesMut::new();
    let mut too_large = false;
    // What is too large is read all the same: a client that is still sending would lose the answer.
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            too_large |= kept.len() + data.len() > BODY_LIMIT;
            if !too_large {
                kept.extend_from_slice(&data);
            }
        }
    }
    let whole = (!too_large).then(|| kept.freeze());
    Some(arrive(world, operation, parts, whole))
}

fn arrive(world: &World, operation: Operation, parts: Parts, body: Option<Bytes>) -> Arrived {
    let config = world.config();
    let too_large = body.is_none();
    let body = body.unwrap_or_default();
    let accounts: Option<Vec<String>> = match operation {
        Operation::Status => serde_json::from_slice(&body).ok(),
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
        logged.body = String::from_utf8_lossy(&body).into_owned();
        logged.accounts = accounts.clone().unwrap_or_default();
    }
    let (path, query) = (logged.path.clone(), logged.query.clone());
    let n = world.log.arrive(logged);
    let given = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let request_id = match given("x-request-id") {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => Chance::nth(config.seed, "request id", n).hex(32),
    };
    Arrived {
        n,
        path,
        query,
        language: Language::from_header(given("accept-language")),
        headers: parts.headers,
        body,
        accounts,
        request_id,
        too_large,
    }
}
