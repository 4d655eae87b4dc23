//! What a caller gives to one call.

use crate::cancel::Cancel;
use crate::options::Options;
use crate::progress::OnProgress;

/// What one call is given besides its accounts: overrides and hooks, all optional.
#[derive(Default)]
pub struct Call<'a> {
    pub(crate) overrides: Option<&'a Options>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) on_progress: Option<OnProgress<'a>>,
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
    pub fn on_progress(mut self, callback: OnProgress<'a>) -> Self {
        self.on_progress = Some(callback);
        self
    }

    /// Runs on the calling thread at least every 50 ms: a place to look for signals.
    pub fn on_tick(mut self, callback: &'a mut dyn FnMut()) -> Self {
        self.on_tick = Some(callback);
        self
    }
}
