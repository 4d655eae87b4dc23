//! The control API: how another process looks at a sandbox and steers it.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post, put};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Config;
use crate::fault::Fault;
use crate::users::AccountType;
use crate::world::World;

type Shared = State<Arc<World>>;

/// The control API as a whole. It is no part of what is logged or counted.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/users", get(users))
        .route("/users/{account}", get(user))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/faults", put(set_faults))
        .route("/config", get(config).patch(reconfigure))
        .route("/clock/advance", post(advance))
        .route("/tokens/expire", post(expire_tokens))
        .route("/stats", get(stats))
        .route("/wait", get(wait))
        .with_state(world)
}

async fn users(State(world): Shared) -> Response {
    json_of(200, &world.users.all())
}

async fn user(State(world): Shared, Path(account): Path<String>) -> Response {
    match world.users.find(&account, AccountType::Account) {
        Some(user) => json_of(200, &user),
        None => json_of(404, &json!({"error": "no such user"})),
    }
}

async fn requests(State(world): Shared) -> Response {
    json_of(200, &world.log.all())
}

async fn clear_requests(State(world): Shared) -> Response {
    world.log.clear();
    json_of(200, &json!({}))
}

async fn expire_tokens(State(world): Shared) -> Response {
    world.tokens.expire();
    json_of(200, &json!({}))
}

async fn set_faults(State(world): Shared, body: Bytes) -> Response {
    match serde_json::from_slice::<Vec<Fault>>(&body) {
        Ok(faults) => {
            world.set_faults(faults);
            json_of(200, &json!({}))
        }
        Err(error) => wrong(&error),
    }
}

async fn config(State(world): Shared) -> Response {
    json_of(200, &*world.config())
}

/// Changes the fields that the body, a JSON object, has.
async fn reconfigure(State(world): Shared, body: Bytes) -> Response {
    let changed = || -> serde_json::Result<Config> {
        let fields: serde_json::Map<String, Value> = serde_json::from_slice(&body)?;
        let mut whole = serde_json::to_value(&*world.config())?;
        for (field, value) in fields {
            whole[field] = value;
        }
        serde_json::from_value(whole)
    };
    match changed() {
        Ok(changed) => {
            world.reconfigure(|config| *config = changed);
            json_of(200, &json!({}))
        }
        Err(error) => wrong(&error),
    }
}

/// Moves the clock `ms` milliseconds forward.
async fn advance(State(world): Shared, RawQuery(query): RawQuery) -> Response {
    match number(query, "ms") {
        Some(ms) => {
            world.clock.advance(Duration::from_millis(ms));
            json_of(200, &json!({"now_ms": world.clock.now_ms()}))
        }
        None => wrong(&"say ?ms=N"),
    }
}

async fn stats(State(world): Shared) -> Response {
    json_of(200, &stats_of(&world))
}

/// Answers when `requests` requests have been logged.
async fn wait(State(world): Shared, RawQuery(query): RawQuery) -> Response {
    match number(query, "requests").map(usize::try_from) {
        Some(Ok(at_least)) => {
            world.log.wait_async(at_least).await;
            json_of(200, &stats_of(&world))
        }
        _ => wrong(&"say ?requests=N"),
    }
}

fn number(query: Option<String>, name: &str) -> Option<u64> {
    let query = query?;
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name)?;
    value.parse().ok()
}

fn wrong(why: &impl Display) -> Response {
    json_of(400, &json!({"error": why.to_string()}))
}

fn stats_of(world: &World) -> serde_json::Value {
    json!({
        "requests": world.log.count(),
        "connections": world.connections.load(Ordering::SeqCst),
        "bytes_received": world.bytes_received.load(Ordering::SeqCst),
        "changed": world.users.changes(),
    })
}

fn json_of(status: u16, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    response
}
