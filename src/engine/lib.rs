//! The decisions of hwm, without I/O.
//!
//! What is here takes the time and randomness as arguments and does nothing but decide: no thread,
//! no clock, no file, no socket, no secret, no log. So every schedule of events can be replayed, and
//! tests neither sleep nor need a network. What carries the decisions out is the crate `hwm` above it.
//!
//! - [`backoff`]: how long to wait before the next try
//! - [`shared`]: what the calls of one client share
//! - [`status`]: setting statuses: how a list is cut into requests, and what a refused one is taken apart for

#![forbid(unsafe_code)]

pub mod backoff;
pub mod shared;
pub mod status;

