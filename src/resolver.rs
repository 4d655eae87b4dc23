//! Host names to addresses, by the system's resolver on threads of our own.

use std::net::ToSocketAddrs;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::sys;

/// Asks `getaddrinfo` on a thread of its own, because it blocks and cannot be cancelled.
///
/// A thread that cannot be started is an error of this lookup alone. A lookup that outlives its
/// request ends by itself; nothing waits for it.
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (sender, receiver) = oneshot::channel();
        let started = sys::spawn("hwm-resolve", move || {
            let found = (name.as_str(), 0).to_socket_addrs().map(|found| found.collect::<Vec<_>>());
            let _ = sender.send(found);
        });
        Box::pin(async move {
            started?;
            let found = receiver.await??;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
