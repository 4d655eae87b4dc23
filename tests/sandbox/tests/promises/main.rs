//! What the sandbox promises, checked over real sockets on loopback.

mod control;
mod fault;
mod quota;
mod status;
mod tls;
mod wire;
