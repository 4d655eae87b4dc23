//! What a caller holds.

use std::time::{Duration, Instant};

use hwm_engine::verdict;

use crate::accounts::Accounts;
use crate::api::{self, log_out};
use crate::batch::{self, host::Host};
use crate::call::Call;
use crate::diagnosis::{self, Diagnosis};
use crate::error::{Error, ErrorKind, Result};
use crate::fault::Fault;
use crate::headroom;
use crate::model::UserStatus;
use crate::options::Options;
use crate::report::Report;
use crate::session::Session;
use crate::settings::CallSettings;
use crate::sys::PerProcess;

/// Longest time that a log-out at close may take.
const LOG_OUT_TIME: Duration = Duration::from_secs(5);

/// A client of the service: connections, tokens and pace, shared by all its calls.
///
/// Any thread may call any method, also at the same time. A client that a `fork` carried into a
/// child process works there too; it builds its connections anew. Dropping it never waits for the
/// network and sends nothing; [`Client::close`] does, when `logout` is set.
pub struct Client {
    options: Options,
    session: PerProcess<Session>,
    clock_scale: f64,
}

impl Client {
    /// A client with these options (copied). Sends nothing.
    ///
    /// Fails with `InvalidOption` when no credential or more than one is set, on plain http://
    /// to a host that is not loopback, or a `ca_file` that cannot be used; with `Io` when the
    /// platform has no trusted roots or the I/O thread cannot be started.
    pub fn new(options: &Options) -> Result<Client> {
        Client::with_clock_scale(options, 1.0)
    }

    /// A client whose clock runs faster than real time, for tests.
    #[doc(hidden)]
    pub fn with_clock_scale(options: &Options, clock_scale: f64) -> Result<Client> {
        headroom::require(0)?;
        let session = Session::new(options, clock_scale)?;
        CallSettings::new(options, None)?;
        Ok(Client { options: options.clone(), session: PerProcess::new(session), clock_scale })
    }

    /// A client whose options come from the environment; see [`Options::from_env`].
    pub fn from_env() -> Result<Client> {
        Client::new(&Options::from_env()?)
    }

    fn session(&self) -> Result<&Session> {
        Ok(self.session.get_or_build(|| Session::new(&self.options, self.clock_scale))?)
    }

    /// Puts every account into `status` and tells what became of each.
    ///
    /// `accounts`: at least one; UTF-8, 1 to 255 bytes each, no control characters; blanks around
    /// them do not count, and repeats are sent once. For `Normal` their order is their priority,
    /// should the capacity not suffice.
    ///
    /// Comes back with `Ok` when the call ran to its end, whether or not every account was
    /// applied: the report says. Fails before anything is sent, without a report, with
    /// `InvalidArgument` or `InvalidOption`, and with `NoMemory`, `Timeout` or `Cancelled` when the
    /// list could not be read to its end; any other error carries the report ([`Error::report`]).
    ///
    /// A call with another status waits until the running calls of this client have ended.
    pub fn set_status<I>(&self, status: UserStatus, accounts: I, call: Call<'_>) -> Result<Report>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        headroom::require(0)?;
        let session = self.session()?;
        session.check_usable("set_status")?;
        let began = session.clock.now();
        let settings = CallSettings::new(&self.options, call.overrides)?;
        let mut host = Host::new(call, &settings, began);
        let accounts = Accounts::collect(accounts, &mut || host.look_early(session))?;
        batch::set_status(session, &settings, status, accounts, host, began)
    }

    /// Finds out what works and what does not on the way to the service, without changing
    /// anything: fetches a token if there is none yet, and asks every endpoint for one user.
    ///
    /// Takes 10 seconds a question at most. Fails with `InvalidArgument` on a closed client.
    pub fn diagnose(&self) -> Result<Diagnosis> {
        headroom::require(0)?;
        let session = self.session()?;
        session.check_usable("diagnose")?;
        diagnosis::diagnose(session, &CallSettings::new(&self.options, None)?)
    }

    /// Ends the client: further calls are refused. With option `logout`, and when this process
    /// fetched a token, logs it out; that takes 5 seconds at most.
    ///
    /// Fails with `InvalidArgument` while calls run (they go on), and with the log-out's error.
    pub fn close(&self) -> Result<()> {
        let Some(session) = self.session.get() else { return Ok(()) };
        if !session.turns.try_close() {
            session.check_usable("close")?;
            return Err(Fault::argument("close: calls of this client are still running").into());
        }
        if !session.settings.logout {
            return Ok(());
        }
        let until = Instant::now() + LOG_OUT_TIME;
        let Some(token) = session.last_token(LOG_OUT_TIME) else { return Ok(()) };
        let mut why = String::new();
        // To log out twice does no harm, so whatever fails is tried at the next endpoint.
        for endpoint in 0..session.transport.endpoints() {
            let request = log_out::request(&token, &api::new_request_id());
            let left = until.saturating_duration_since(Instant::now());
            let share = left / (session.transport.endpoints() - endpoint) as u32;
            match session.transport.run(endpoint, &request, share) {
                Ok(answer) if verdict::is_logged_out(answer.status) => return Ok(()),
                Ok(answer) => {
                    let why = format!("the token could not be logged out: HTTP {}", answer.status);
                    return Err(Error::new(ErrorKind::Server, why));
                }
                Err(failure) => why = failure.message,
            }
        }
        let why = format!("the token could not be logged out: {why}");
        Err(Error::new(ErrorKind::Network, why))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("options", &self.options).finish_non_exhaustive()
    }
}
