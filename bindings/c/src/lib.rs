//! The C ABI: checks arguments, converts, calls the core. No logic of its own.
//!
//! One file per noun of `include/hwm.h`, which is generated from these files: their doc comments are
//! written for C readers. The two lowest floors and `log_function` hold what is not part of the ABI.
//! Floors, of which none imports from a higher one:
//!
//!  6  operation
//!  5  client
//!  4  options
//!  3  cancel log progress report token
//!  2  error
//!  1  code log_function version
//!  0  arguments made_once panics text

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

mod arguments;
mod log_function;
mod made_once;
mod panics;
mod text;
