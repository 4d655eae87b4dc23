//! Which calls of one client may run beside which, first come, first served.
//!
//! Calls of one status run beside each other; a call of another status waits until they have
//! ended, and whoever comes after it waits behind it. Whoever only looks (a diagnosis) runs beside
//! all, and is only waited for by a close.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::bell::Waker;
use crate::model::UserStatus;

/// Who runs and who waits, in one client.
#[derive(Default)]
pub(crate) struct Turns {
    lane: Mutex<Lane>,
}

#[derive(Default)]
struct Lane {
    status: Option<UserStatus>,
    /// Calls that run, and those of them that have only their own account left.
    calls: usize,
    finishing: Vec<Waker>,
    /// One of these is disabling the account that is logged in.
    last_under_way: bool,
    /// Calls that wait, the first come first; each with its number.
    queue: VecDeque<(u64, UserStatus, Waker)>,
    numbers: u64,
    visitors: usize,
    closed: bool,
}

/// A call's place in the queue; leaves it when dropped.
pub(crate) struct Place<'t> {
    turns: &'t Turns,
    number: u64,
}

/// A call's place beside the others; leaves it when dropped.
pub(crate) struct Turn<'t> {
    turns: &'t Turns,
    waker: Waker,
    finishing: bool,
    last: bool,
}

/// The place of somebody who only looks.
pub(crate) struct Visit<'t>(&'t Turns);

impl Turns {
    fn lock(&self) -> MutexGuard<'_, Lane> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a call that sets `status`; `waker` runs when its turn may have come.
    pub(crate) fn queue(&self, status: UserStatus, waker: &Waker) -> Place<'_> {
        let mut lane = self.lock();
        lane.numbers += 1;
        let number = lane.numbers;
        lane.queue.push_back((number, status, waker.clone()));
        Place { turns: self, number }
    }

    /// A place to look from.
    pub(crate) fn visit(&self) -> Visit<'_> {
        self.lock().visitors += 1;
        Visit(self)
    }

    /// Closes the client, unless somebody is there. Nobody should enter afterwards.
    pub(crate) fn try_close(&self) -> bool {
        let mut lane = self.lock();
        let idle = lane.calls == 0 && lane.visitors == 0 && lane.queue.is_empty();
        lane.closed |= idle;
        idle
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }
}

impl Lane {
    /// Wakes whoever may go on now.
    fn wake(&self) {
        let first = self.queue.front().map(|(_, _, waker)| waker);
        first.into_iter().chain(&self.finishing).for_each(|waker| waker());
    }
}

impl<'t> Place<'t> {
    /// The turn, once those before it have theirs and nobody of another status runs.
    pub(crate) fn try_enter(&self) -> Option<Turn<'t>> {
        let mut lane = self.turns.lock();
        let &(first, status, _) = lane.queue.front()?;
        let alone = lane.status.is_some_and(|running| running != status);
        if first != self.number || lane.last_under_way || alone {
            return None;
        }
        let (_, _, waker) = lane.queue.pop_front()?;
        lane.status = Some(status);
        lane.calls += 1;
        lane.wake();
        Some(Turn { turns: self.turns, waker, finishing: false, last: false })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut lane = self.turns.lock();
        lane.queue.retain(|(number, ..)| *number != self.number);
        lane.wake();
    }
}

impl<'t> Turn<'t> {
    /// The same turn; `waker` runs when what it waits for may have come.
    pub(crate) fn woken_by(mut self, waker: &Waker) -> Turn<'t> {
        self.waker = waker.clone();
        self
    }

    /// Whether this call may disable the account that is logged in now: every call beside it has
    /// done all else, and none is doing the same.
    pub(crate) fn try_last(&mut self) -> bool {
        let mut lane = self.turns.lock();
        if !std::mem::replace(&mut self.finishing, true) {
            lane.wake();
            lane.finishing.push(self.waker.clone());
        }
        if !self.last && !lane.last_under_way && lane.finishing.len() == lane.calls {
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
        lane.finishing.retain(|waker| !Arc::ptr_eq(waker, &self.waker));
        if self.last {
            lane.last_under_way = false;
        }
        if lane.calls == 0 {
            lane.status = None;
        }
        lane.wake();
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

    fn waker() -> Waker {
        Arc::new(|| {})
    }

    fn enter(turns: &Turns, status: UserStatus) -> Option<Turn<'_>> {
        turns.queue(status, &waker()).try_enter()
    }

    #[test]
    fn another_status_waits_until_all_have_left() {
        let turns = Turns::default();
        let first = enter(&turns, Normal);
        let second = enter(&turns, Normal);
        assert!(second.is_some() && enter(&turns, Disabled).is_none());
        drop(first);
        assert!(enter(&turns, Disabled).is_none());
        drop(second);
        assert!(enter(&turns, Disabled).is_some());
    }

    #[test]
    fn whoever_comes_first_goes_first_and_is_woken() {
        let turns = Turns::default();
        let running = enter(&turns, Normal);
        let woken = Arc::new(Mutex::new(0));
        let count = woken.clone();
        let other: Waker = Arc::new(move || *count.lock().unwrap() += 1);
        let waiting = turns.queue(Disabled, &other);
        let late = turns.queue(Normal, &waker());
        assert!(late.try_enter().is_none(), "calls without a pause keep nobody waiting for ever");
        assert!(waiting.try_enter().is_none());
        drop(running);
        assert_eq!(*woken.lock().unwrap(), 1);
        let turn = waiting.try_enter();
        assert!(turn.is_some() && late.try_enter().is_none());
        drop((turn, waiting));
        assert!(late.try_enter().is_some());
    }

    #[test]
    fn whoever_gives_up_waiting_is_in_nobodys_way() {
        let turns = Turns::default();
        let running = enter(&turns, Normal);
        let waiting = turns.queue(Disabled, &waker());
        let late = turns.queue(Normal, &waker());
        drop(waiting);
        assert!(late.try_enter().is_some());
        drop(running);
    }

    #[test]
    fn the_own_account_waits_for_all_that_every_call_has_besides() {
        let turns = Turns::default();
        let mut first = enter(&turns, Disabled).unwrap();
        let mut second = enter(&turns, Disabled).unwrap();
        assert!(!first.try_last(), "the other call has more to do");
        assert!(second.try_last(), "now neither has");
        assert!(!first.try_last(), "one after the other");
        assert!(enter(&turns, Disabled).is_none(), "it would be locked out in mid-run");
        drop(second);
        assert!(first.try_last());
    }

    #[test]
    fn a_close_waits_for_calls_and_visitors() {
        let turns = Turns::default();
        let call = enter(&turns, Normal);
        let visit = turns.visit();
        assert!(!turns.try_close());
        drop(call);
        assert!(!turns.try_close() && !turns.is_closed());
        drop(visit);
        assert!(turns.try_close() && turns.is_closed());
    }
}
