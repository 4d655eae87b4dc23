//! Tells an exchange whether a connection was being made for it.

use std::cell::Cell;
use std::future::Future;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static CONNECTING: Cell<bool>;
}

/// Runs `exchange`; the flag says whether it began to make a connection. When it did not, it went
/// over one that had been kept alive.
pub(crate) async fn watched<F: Future>(exchange: F) -> (F::Output, bool) {
    CONNECTING
        .scope(Cell::new(false), async {
            let output = exchange.await;
            (output, CONNECTING.with(Cell::get))
        })
        .await
}

/// A connector's layer that notes the start of a connection in the exchange that asks for it.
#[derive(Clone)]
pub(crate) struct ConnectionWatch;

impl<S> Layer<S> for ConnectionWatch {
    type Service = WatchedConnector<S>;

    fn layer(&self, connector: S) -> WatchedConnector<S> {
        WatchedConnector(connector)
    }
}

#[derive(Clone)]
pub(crate) struct WatchedConnector<S>(S);

impl<S: Service<R>, R> Service<R> for WatchedConnector<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        let _ = CONNECTING.try_with(|connecting| connecting.set(true));
        self.0.call(request)
    }
}
