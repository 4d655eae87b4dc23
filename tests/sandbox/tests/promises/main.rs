//! What the sandbox promises, checked over real sockets on loopback.

mod certificates;
mod control;
mod fault;
mod listing;
mod process;
mod quota;
mod status;
mod tls;
mod tokens;
mod wire;
