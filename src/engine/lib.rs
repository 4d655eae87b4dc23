//! The decisions of hwm, without I/O.
//!
//! What is here takes the time and randomness as arguments and does nothing but decide: no thread,
//! no clock, no file, no socket, no secret, no log. So every schedule of events can be replayed, and
//! tests neither sleep nor need a network. What carries the decisions out is the crate `hwm` above it.
//!
//! - [`answer`]: what came back, in plain words; [`verdict`]: what that means, the one table
//! - [`evidence`]: what an attempt showed, and the [`outcome`] that it makes
//! - [`fault`]: why something failed, of an [`error_kind`]
//! - [`errand`]: one request until it has an answer; [`backoff`]: how long to wait between its tries
//! - [`shared`]: what the calls of one client share
//! - [`status`]: setting statuses: how a list is cut into requests, and how a refused one is taken apart

#![forbid(unsafe_code)]

pub mod answer;
pub mod backoff;
pub mod errand;
pub mod error_kind;
pub mod evidence;
pub mod fault;
pub mod outcome;
pub mod shared;
pub mod status;
pub mod verdict;
