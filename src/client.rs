//! What a caller holds.

use std::ops::ControlFlow;

use crate::accounts::Accounts;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::model::UserStatus;
use crate::options::Options;
use crate::progress::Progress;
use crate::report::Report;

/// A client of the service: connections, tokens and pace, shared by all its calls.
///
/// Any thread may call any method, also at the same time. A client that a `fork` carried into a
/// child process works there too; it builds its connections anew.
pub struct Client {
    _options: Options,
}

/// What one call is given besides its accounts: overrides and hooks, all optional.
#[derive(Default)]
pub struct Call<'a> {
    pub(crate) overrides: Option<&'a Options>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) on_progress: Option<&'a mut dyn FnMut(&Progress) -> ControlFlow<()>>,
    pub(crate) on_tick: Option<&'a mut dyn FnMut()>,
}

impl<'a> Call<'a> {
    /// Nothing overridden, no hooks.
    pub fn new() -> Self {
        Call::default()
    }

    /// Options that differ from the client's for this call; only keys of scope call.
    pub fn overrides(mut self, options: &'a Options) -> Self {
        self.overrides = Some(options);
        self
    }

    /// A handle that ends the call.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }

    /// Runs on the calling thread, at most 20 times a second and once at the end; a `Break`
    /// cancels the call.
    pub fn on_progress(
        mut self,
        callback: &'a mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Self {
        self.on_progress = Some(callback);
        self
    }

    /// Runs on the calling thread at least every 50 ms: a place to look for signals.
    pub fn on_tick(mut self, callback: &'a mut dyn FnMut()) -> Self {
        self.on_tick = Some(callback);
        self
    }
}

impl Client {
    /// A client with these options (copied).
    pub fn new(options: &Options) -> Result<Client> {
        Ok(Client { _options: options.clone() })
    }

    /// A client whose options come from the environment; see [`Options::from_env`].
    pub fn from_env() -> Result<Client> {
        Client::new(&Options::from_env()?)
    }

    /// Puts every account into `status` and tells what became of each.
    pub fn set_status<I>(&self, _status: UserStatus, accounts: I, call: Call<'_>) -> Result<Report>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let _accounts = Accounts::collect(accounts)?;
        drop(call);
        Err(Error::argument("unfinished"))
    }

    /// Ends the client: no further calls. Logs out the tokens it fetched if `logout` is set.
    pub fn close(&self) -> Result<()> {
        Ok(())
    }
}
