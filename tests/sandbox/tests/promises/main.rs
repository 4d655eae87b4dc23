//! What the sandbox promises, checked over real sockets on loopback.

mod status;
mod wire;
