//! The control API: how another process looks at a sandbox and steers it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::json;

use crate::users::AccountType;
use crate::world::World;

type Shared = State<Arc<World>>;

/// The control API as a whole. It is no part of what is logged or counted.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/users", get(users))
        .route("/users/{account}", get(user))
        .route("/requests", get(requests).delete(clear_requests))
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

async fn stats(State(world): Shared) -> Response {
    json_of(200, &stats_of(&world))
}

/// Answers when `requests` requests have been logged.
async fn wait(State(world): Shared, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let wanted = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("requests="))
        .and_then(|number| number.parse().ok());
    match wanted {
        Some(at_least) => {
            world.log.wait_async(at_least).await;
            json_of(200, &stats_of(&world))
        }
        None => json_of(400, &json!({"error": "say ?requests=N"})),
    }
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
    response.headers_mut().insert(
        "content-type",
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}
