//! How a call ends: what stopped it, and what went wrong without stopping it.

use crate::fault::{ErrorKind, Fault};

/// The reasons collected during a call; the one that takes precedence is reported.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    error: Option<Fault>,
    /// A cancel or a deadline: counts only when something was left undone.
    interruption: Option<Fault>,
    stopped: bool,
}

impl Ending {
    /// No new request is to be sent, for this reason.
    pub(crate) fn stop(&mut self, error: Fault) {
        if !self.stopped {
            log::warn!(target: "hwm", "stopped: {error}");
        }
        let is_first = !std::mem::replace(&mut self.stopped, true);
        self.keep(error, is_first);
    }

    /// Something went wrong that does not end the call.
    pub(crate) fn note(&mut self, error: Fault) {
        self.keep(error, false);
    }

    /// Among reasons of one kind the first is kept, unless the new one `wins_ties`.
    fn keep(&mut self, error: Fault, wins_ties: bool) {
        let interrupts = matches!(error.kind, ErrorKind::Cancelled | ErrorKind::Timeout);
        let place = if interrupts { &mut self.interruption } else { &mut self.error };
        let rank = error.kind.precedence();
        let known = place.as_ref().map(|known| known.kind.precedence());
        if known.is_none_or(|known| rank < known || (rank == known && wins_ties)) {
            *place = Some(error);
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The error to report.
    pub(crate) fn into_error(self, left_undone: bool) -> Option<Fault> {
        let interruption = self.interruption.filter(|_| left_undone);
        self.error.into_iter().chain(interruption).min_by_key(|error| error.kind.precedence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_that_left_nothing_undone_hides_no_other_reason() {
        for left_undone in [false, true] {
            let mut ending = Ending::default();
            ending.note(Fault::new(ErrorKind::Network, "a batch was given up"));
            ending.stop(Fault::new(ErrorKind::Timeout, "late"));
            let kind = ending.into_error(left_undone).map(|error| error.kind);
            let expected = if left_undone { ErrorKind::Timeout } else { ErrorKind::Network };
            assert_eq!(kind, Some(expected));
        }
    }
}
