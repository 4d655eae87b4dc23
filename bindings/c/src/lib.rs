//! The C ABI: checks arguments, converts, calls the core. No logic of its own.
//!
//! One file per noun of `include/hwm.h`, which is generated from these files: their doc comments are
//! written for C readers. `boundary` and `pointer` hold what all functions share.

#![allow(unsafe_code, reason = "raw pointers are what a C ABI is made of")]
#![allow(non_camel_case_types, reason = "a type has the same name in Rust and in C")]
#![allow(clippy::missing_safety_doc, reason = "the doc comments are the C manual")]

pub mod cancel;
pub mod client;
pub mod code;
pub mod error;
pub mod log;
pub mod operation;
pub mod options;
pub mod progress;
pub mod report;
pub mod token;
pub mod version;

mod boundary;
mod pointer;
mod published;
mod sink;
mod text;
