//! Whether the host has room for what is allocated piece by piece and cannot be refused then.
//!
//! A list, a report or a line of a journal is reserved, and an error when that fails. The small
//! pieces of a request, a connection or a thread are not: an allocation among them that fails aborts
//! the process, in code that is not ours. So their sum is asked for before anything begins. A host
//! whose memory runs out in between is not helped, but one that is short of it gets an error.

use std::io;
use std::os::unix::net::UnixStream;

use crate::fault::{ErrorKind, Fault, Result};
use crate::sys;

/// For the parts of a client or a call that are not counted, and for each request in flight.
///
/// Much more than they hold: where glibc has no room for an arena, it gives a thread a page for each
/// piece.
const BASE: usize = 8 << 20;
const EACH: usize = 256 << 10;

/// So many pairs of descriptors are free before I/O starts: a runtime that shares its features with
/// the host's may need them all, and panics when they are not there.
const PAIRS: usize = 3;

/// Fails when there is no room for a client or a call with so many requests in flight.
pub(crate) fn require(in_flight: usize) -> Result<()> {
    let bytes = BASE.saturating_add(EACH.saturating_mul(in_flight));
    memory(bytes).map_err(|_| {
        let text = format!("not enough memory: {} MiB must be free", bytes.div_ceil(1 << 20));
        Fault::new(ErrorKind::NoMemory, text)
    })
}

/// Fails when so many bytes are not free. They are not touched, so that this costs nothing.
pub(crate) fn memory(bytes: usize) -> io::Result<()> {
    if sys::is_free(bytes) { Ok(()) } else { Err(io::ErrorKind::OutOfMemory.into()) }
}

/// Fails when the descriptors that I/O needs to start are not free.
pub(crate) fn descriptors() -> io::Result<()> {
    let pairs: Vec<_> = (0..PAIRS).map(|_| UnixStream::pair()).collect::<io::Result<_>>()?;
    std::hint::black_box(&pairs);
    Ok(())
}
