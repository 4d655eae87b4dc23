//! Which calls of one client may run beside which.
//!
//! Calls of one status run beside each other; a call of another status waits until they have
//! ended. Whoever only looks (a diagnosis) runs beside all, and is only waited for by a close.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::UserStatus;

/// Who runs, in one client.
#[derive(Default)]
pub(crate) struct Turns {
    lane: Mutex<Lane>,
}

#[derive(Default)]
struct Lane {
    status: Option<UserStatus>,
    /// Calls that run, and those of them that have only their own account left.
    calls: usize,
    finishing: usize,
    /// One of these is disabling the account that is logged in.
    last_under_way: bool,
    visitors: usize,
    closed: bool,
}

/// A call's place beside the others; leaves it when dropped.
pub(crate) struct Turn<'t> {
    turns: &'t Turns,
    finishing: bool,
    last: bool,
}

/// The place of somebody who only looks.
pub(crate) struct Visit<'t>(&'t Turns);

impl Turns {
    fn lock(&self) -> MutexGuard<'_, Lane> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn for a call that sets `status`, or `None` while others have to end first.
    pub(crate) fn try_enter(&self, status: UserStatus) -> Option<Turn<'_>> {
        let mut lane = self.lock();
        if lane.last_under_way || lane.status.is_some_and(|running| running != status) {
            return None;
        }
        lane.status = Some(status);
        lane.calls += 1;
        Some(Turn { turns: self, finishing: false, last: false })
    }

    /// A place to look from.
    pub(crate) fn visit(&self) -> Visit<'_> {
        self.lock().visitors += 1;
        Visit(self)
    }

    /// Closes the client, unless somebody is there. Nobody should enter afterwards.
    pub(crate) fn try_close(&self) -> bool {
        let mut lane = self.lock();
        let idle = lane.calls == 0 && lane.visitors == 0;
        lane.closed |= idle;
        idle
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }
}

impl Turn<'_> {
    /// Whether this call may disable the account that is logged in now: every call beside it has
    /// done all else, and none is doing the same.
    pub(crate) fn try_last(&mut self) -> bool {
        let mut lane = self.turns.lock();
        if !std::mem::replace(&mut self.finishing, true) {
            lane.finishing += 1;
        }
        if !self.last && !lane.last_under_way && lane.finishing == lane.calls {
            lane.last_under_way = true;
            self.last = true;
        }
        self.last
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lane = self.turns.lock();
        lane.calls -= 1;
        lane.finishing -= usize::from(self.finishing);
        if self.last {
            lane.last_under_way = false;
        }
        if lane.calls == 0 {
            lane.status = None;
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.lock().visitors -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use UserStatus::{Disabled, Normal};

    #[test]
    fn another_status_waits_until_all_have_left() {
        let turns = Turns::default();
        let first = turns.try_enter(Normal);
        let second = turns.try_enter(Normal);
        assert!(second.is_some() && turns.try_enter(Disabled).is_none());
        drop(first);
        assert!(turns.try_enter(Disabled).is_none());
        drop(second);
        assert!(turns.try_enter(Disabled).is_some());
    }

    #[test]
    fn the_own_account_waits_for_all_that_every_call_has_besides() {
        let turns = Turns::default();
        let mut first = turns.try_enter(Disabled).unwrap();
        let mut second = turns.try_enter(Disabled).unwrap();
        assert!(!first.try_last(), "the other call has more to do");
        assert!(second.try_last(), "now neither has");
        assert!(!first.try_last(), "one after the other");
        assert!(
            turns.try_enter(Disabled).is_none(),
            "whoever comes now would be locked out in mid-run"
        );
        drop(second);
        assert!(first.try_last());
    }

    #[test]
    fn a_close_waits_for_calls_and_visitors() {
        let turns = Turns::default();
        let call = turns.try_enter(Normal);
        let visit = turns.visit();
        assert!(!turns.try_close());
        drop(call);
        assert!(!turns.try_close() && !turns.is_closed());
        drop(visit);
        assert!(turns.try_close() && turns.is_closed());
    }
}
