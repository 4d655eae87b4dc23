//! Sets the status of many Huawei Cloud Meeting accounts and tells the truth about each.
//!
//! When an enterprise's resources expire, the service disables accounts at random; an
//! administrator then has to put many accounts back into the right status. This crate takes a
//! list of accounts and a status, sends what is needed however bad the network and however small
//! the request quota, and comes back with one outcome for every account:
//!
//! - [`Outcome::Applied`]: the service answered a request that held it with success;
//! - [`Outcome::Rejected`]: the service refused it when asked about it alone;
//! - [`Outcome::Unknown`]: the service may or may not have acted;
//! - [`Outcome::NotAttempted`]: the service never acted on it.
//!
//! ```no_run
//! use hwm::{Call, Client, Options, Outcome, UserStatus};
//!
//! let mut options = Options::new();
//! options.set("app_id", "4d4f…")?.set("app_key", "9f86…")?;
//! let client = Client::new(&options)?;
//! let report = client.set_status(UserStatus::Disabled, ["test010", "test011"], Call::new())?;
//! for entry in report.iter().filter(|entry| entry.outcome != Outcome::Applied) {
//!     println!("{}: {} {}", entry.account, entry.outcome, entry.message);
//! }
//! # Ok::<(), hwm::Error>(())
//! ```
//!
//! A [`Client`] holds connections, token and pace; any number of threads may use it. A [`Call`]
//! overrides options, cancels, and watches. Everything that can be set is one row of
//! [`options::OPTIONS`]. An [`Error`] that comes after planning carries the [`Report`] all the same.
//!
//! In the host process the crate prints nothing, installs no signal handler, changes no global
//! state and leaves no thread behind, but for a lookup of the system's resolver that hangs. It
//! logs through the `log` facade under the target `hwm`: one line an attempt at debug level,
//! decisions at info, account names at trace only, secrets never.

mod accounts;
mod api;
mod batch;
mod bell;
mod call;
mod cancel;
mod client;
mod clock;
mod connect;
mod diagnosis;
mod echo;
mod endpoint;
mod error;
mod fault;
mod message;
mod model;
mod printable;
mod progress;
mod proxy;
mod renewal;
mod report;
mod report_json;
mod resolver;
mod secret;
mod session;
mod settings;
mod status_word;
mod sys;
mod tls;
mod token;
mod token_source;
mod transport;
mod turns;
mod words;

pub mod options;

pub use accounts::{check_account, without_blanks};
pub use call::Call;
pub use cancel::Cancel;
pub use client::Client;
pub use diagnosis::{Diagnosis, EndpointDiagnosis};
pub use error::{Error, ErrorKind, Result};
pub use hwm_engine::outcome::Outcome;
pub use model::{AccountType, UserStatus};
pub use options::Options;
pub use printable::printable;
pub use progress::{OnProgress, Progress};
pub use report::{Entry, Plan, Report};
pub use token_source::{TokenCallback, TokenRequest};

/// The version of this library, as in `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
