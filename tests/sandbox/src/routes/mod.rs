//! The operations of the API, one file each.

pub(crate) mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::put;

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::exchange::{self, Act};
use crate::operation::Operation;
use crate::world::World;

/// The API as a whole.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route(
            "/v1/usg/dcs/corp/member/status/{value}",
            put(async |State(world): State<Arc<World>>, request: Request| {
                serve(world, Operation::Status, request).await
            }),
        )
        .fallback(async |State(world): State<Arc<World>>, request: Request| {
            serve(world, Operation::Unknown, request).await
        })
        .method_not_allowed_fallback(async |State(world): State<Arc<World>>, request: Request| {
            serve(world, Operation::WrongMethod, request).await
        })
        .with_state(world)
}

async fn serve(world: Arc<World>, operation: Operation, request: Request) -> Response {
    let act: Act = match operation {
        Operation::Status => status::act,
        Operation::Unknown => no_such_api,
        Operation::WrongMethod => wrong_method,
    };
    exchange::serve(world, operation, request, act).await
}

fn no_such_api(_: &World, arrived: &Arrived) -> Answer {
    arrived.refuse(404, "SANDBOX.NO_SUCH_API")
}

fn wrong_method(_: &World, arrived: &Arrived) -> Answer {
    arrived.refuse(405, "SANDBOX.METHOD_NOT_ALLOWED")
}
