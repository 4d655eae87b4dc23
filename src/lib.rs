//! Sets the status of many Huawei Cloud Meeting accounts and tells the truth about each.

mod accounts;
mod api;
mod batch;
mod cancel;
mod client;
mod clock;
mod connect;
mod endpoint;
mod error;
mod evidence;
mod model;
mod pacer;
mod progress;
mod report;
mod resolver;
mod retry;
mod secret;
mod session;
mod settings;
mod sys;
mod tls;
mod token;
mod transport;

pub mod options;

pub use cancel::Cancel;
pub use client::{Call, Client};
pub use error::{Error, ErrorKind, Result};
pub use model::{AccountType, Outcome, UserStatus};
pub use options::Options;
pub use progress::{OnProgress, Progress};
pub use report::{Entry, Plan, Report};
pub use token::{TokenCallback, TokenRequest};

/// The version of this library, as in `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
