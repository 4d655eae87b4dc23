//! A loopback server that plays the Huawei Cloud Meeting user status API.
//!
//! Tests and demonstrations start a [`Sandbox`], point a client at [`Sandbox::url`], and then ask the
//! sandbox what really happened: which requests arrived ([`Sandbox::requests`]) and what status every
//! account has ([`Sandbox::status_of`]). Everything random (the users, the tokens, the request ids,
//! the faults) follows from [`Config::seed`], so a run can be repeated.
//!
//! Error codes are the documented ones; where the documentation is silent the code starts with
//! `SANDBOX.`, so that nobody takes the sandbox's guess for the service's word.
//!
//! ```
//! use hwm_sandbox::{Config, Sandbox};
//!
//! let sandbox = Sandbox::start(Config::default())?;
//! assert!(sandbox.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.users().len(), 300);
//! assert_eq!(sandbox.request_count(), 0);
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod arrival;
mod chance;
mod clock;
mod config;
mod connection;
mod control;
mod delivery;
mod exchange;
mod fault;
mod gateway;
mod log;
mod operation;
mod quota;
mod roster;
mod routes;
mod schedule;
mod server;
mod stream;
mod tls;
mod tokens;
mod users;
mod world;

pub use config::{Cert, Config, Login, LoginState, SuccessBody, UserSpec};
pub use fault::{Fault, What, When};
pub use log::LoggedRequest;
pub use operation::Target;
pub use quota::{Quota, QuotaHeader, QuotaKind};
pub use server::Sandbox;
pub use users::User;
