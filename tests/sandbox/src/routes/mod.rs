//! The operations of the API, one file each.

mod app_auth;
mod grant;
mod login;
mod members;
mod resource;
mod session;
mod status;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post, put};

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::exchange::{self, Act};
use crate::operation::Operation;
use crate::world::World;

/// The API as a whole.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/v1/usg/dcs/corp/member/status/{value}", put(on(Operation::Status, status::act)))
        .route("/v1/usg/dcs/corp/member", get(on(Operation::Members, members::act)))
        .route("/v1/usg/dcs/corp/resource", get(on(Operation::Resource, resource::act)))
        .route("/v2/usg/acs/auth/appauth", post(on(Operation::AppAuth, app_auth::act)))
        .route("/v1/usg/acs/auth/account", post(on(Operation::Login, login::act)))
        .route(
            "/v1/usg/acs/token",
            put(on(Operation::Refresh, session::refresh))
                .delete(on(Operation::Logout, session::log_out)),
        )
        .fallback(on(Operation::Unknown, no_such_api))
        .method_not_allowed_fallback(on(Operation::WrongMethod, wrong_method))
        .with_state(world)
}

type Serving = Pin<Box<dyn Future<Output = Response> + Send>>;

fn on(
    operation: Operation,
    act: Act,
) -> impl Fn(State<Arc<World>>, Request) -> Serving + Clone + Send + Sync + 'static {
    move |State(world), request| Box::pin(exchange::serve(world, operation, request, act))
}

fn no_such_api(_: &World, arrived: &Arrived) -> Answer {
    arrived.refuse(404, "SANDBOX.NO_SUCH_API")
}

fn wrong_method(_: &World, arrived: &Arrived) -> Answer {
    arrived.refuse(405, "SANDBOX.METHOD_NOT_ALLOWED")
}
