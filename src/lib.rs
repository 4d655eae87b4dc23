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
//! # Clients and calls
//!
//! A [`Client`] holds connections, token and pace; any number of threads may use it. A [`Call`]
//! overrides options, cancels, and watches. Everything that can be set is one row of
//! [`options::OPTIONS`]; options come from code, and from the environment only where you ask for it
//! ([`Options::from_env`]).
//!
//! # Errors
//!
//! A call that ran to its end is `Ok`, whether or not every account was applied: the [`Report`] says.
//! An [`Error`] has a kind to branch on, a sentence to read, and what the service said. As soon as the
//! list was accepted it carries the report all the same ([`Error::report`]); wrong arguments and options
//! are errors before anything is sent, and have none.
//!
//! ```no_run
//! # use hwm::{Call, Client, ErrorKind, UserStatus};
//! # let client = Client::from_env()?;
//! match client.set_status(UserStatus::Normal, ["test010"], Call::new()) {
//!     Ok(report) => println!("{}", report.summary()),
//!     Err(error) if error.kind() == ErrorKind::Capacity => println!("disable others first: {error}"),
//!     Err(error) => match error.report() {
//!         Some(report) => println!("{error}; so far: {}", report.summary()),
//!         None => println!("{error}"),
//!     },
//! }
//! # Ok::<(), hwm::Error>(())
//! ```
//!
//! # Deadline, cancel and callbacks
//!
//! `deadline_ms` bounds the whole call, `request_timeout_ms` each attempt. [`Cancel::trigger`] and a
//! `Break` of the progress callback start no new request and give those in flight `drain_ms`; a second
//! trigger ends these too. Callbacks run on the calling thread. They may block, and may use other
//! clients, but not the one that runs them.
//!
//! # Journal
//!
//! With the option `journal`, every request and what came of it is on disk before the next is sent. The
//! same call with the same file goes on where the last one ended, also after a crash. A run that ended
//! with every account applied or rejected is finished, and its file is refused: what was true then may
//! not be now. [`Report::from_journal_count`] tells how many outcomes an earlier call saw.
//!
//! # Threads, forks and the host
//!
//! A client has one I/O thread, with all signals blocked. A client that a `fork` carried into a child
//! builds its connections again there. In the host process the crate prints nothing, installs no signal
//! handler, changes no global state and leaves no thread behind, but for a lookup of the system's
//! resolver that hangs. It logs through the `log` facade under the target `hwm`: one line an attempt at
//! debug level, decisions at info, account names at trace only, secrets never.

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
mod headroom;
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
mod written;

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
