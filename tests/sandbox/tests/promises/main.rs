//! What the sandbox promises, checked over real sockets on loopback.

mod authentication;
mod certificates;
mod control;
mod credentials;
mod failing;
mod fault;
mod listing;
mod process;
mod quota;
mod schedule;
mod status;
mod tls;
mod tokens;
mod wire;
