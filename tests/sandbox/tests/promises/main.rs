//! What the sandbox promises, checked over real sockets on loopback.

mod quota;
mod status;
mod wire;
