//! How a call ends: what stopped it, and what went wrong without stopping it.

use crate::error::{Error, ErrorKind};

/// The reasons collected during a call; the one that takes precedence is reported.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    error: Option<Error>,
    stopped: bool,
}

impl Ending {
    /// No new request is to be sent, for this reason.
    pub(crate) fn stop(&mut self, error: Error) {
        if !self.stopped {
            log::warn!(target: "hwm", "stopped: {error}");
        }
        let is_first = !std::mem::replace(&mut self.stopped, true);
        self.keep(error, is_first);
    }

    /// Something went wrong that does not end the call.
    pub(crate) fn note(&mut self, error: Error) {
        self.keep(error, false);
    }

    /// Among reasons of one kind the first is kept, unless the new one `wins_ties`.
    fn keep(&mut self, error: Error, wins_ties: bool) {
        let rank = error.kind().precedence();
        let known = self.error.as_ref().map(|known| known.kind().precedence());
        if known.is_none_or(|known| rank < known || (rank == known && wins_ties)) {
            self.error = Some(error);
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The error to report. A cancel or a deadline counts only when something was left undone.
    pub(crate) fn into_error(self, left_undone: bool) -> Option<Error> {
        self.error.filter(|error| {
            left_undone || !matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Timeout)
        })
    }
}
