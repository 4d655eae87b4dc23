//! The host's side of a call: its hooks, its cancel, its deadline, its progress.

use std::time::Duration;

use crate::batch::ledger::Ledger;
use crate::call::Call;
use crate::cancel::Cancel;
use crate::fault::{ErrorKind, Fault, Result};
use crate::progress::{OnProgress, Progress};
use crate::session::Session;
use crate::settings::CallSettings;
use crate::sys::Birthmark;

/// At most so often is the progress callback run.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);
/// And the tick.
const TICK_EVERY: Duration = Duration::from_millis(10);
/// A list that is read within this time is read whole, so that a call that was cancelled before it
/// began has a report all the same.
const LEAST_TIME: Duration = Duration::from_millis(20);

/// Everything that the host gave to a call or wants to hear of it.
pub(crate) struct Host<'c> {
    cancel: Option<Cancel>,
    on_progress: Option<OnProgress<'c>>,
    on_tick: Option<&'c mut dyn FnMut()>,
    cancelled_by_progress: bool,
    /// Of the process that made the call. In a child that a callback forked, no answer ever comes.
    home: Birthmark,
    began: Duration,
    pub(crate) deadline: Option<Duration>,
    drain: Duration,
    drained_at: Option<Duration>,
    next_progress: Duration,
    next_tick: Duration,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    /// Requests that were sent and not answered yet.
    pub(crate) unanswered: u64,
    /// Accounts that a journal settled before this call did anything.
    pub(crate) restored: u64,
    pub(crate) quota_wait: Duration,
}

impl<'c> Host<'c> {
    pub(crate) fn new(call: Call<'c>, settings: &CallSettings, began: Duration) -> Host<'c> {
        Host {
            cancel: call.cancel,
            on_progress: call.on_progress,
            on_tick: call.on_tick,
            cancelled_by_progress: false,
            home: Birthmark::new(),
            began,
            deadline: settings.deadline.map(|time| began.saturating_add(time)),
            drain: settings.drain,
            drained_at: None,
            next_progress: began,
            next_tick: began,
            requests: 0,
            retries: 0,
            unanswered: 0,
            restored: 0,
            quota_wait: Duration::ZERO,
        }
    }

    /// As `look` before there is anything to show progress of.
    pub(crate) fn look_early(&mut self, session: &Session) -> Result<()> {
        let now = session.clock.now();
        if now.saturating_sub(self.began) < LEAST_TIME {
            return Ok(());
        }
        self.tick(now, session);
        self.check(session.clock.now()).map_or(Ok(()), Err)
    }

    fn tick(&mut self, now: Duration, session: &Session) {
        if now >= self.next_tick
            && let Some(tick) = &mut self.on_tick
        {
            self.next_tick = now + TICK_EVERY;
            session.callback(tick);
        }
    }

    /// Runs the hooks that are due; an error says that the call is to end now.
    pub(crate) fn look(
        &mut self,
        now: Duration,
        ledger: &Ledger,
        session: &Session,
    ) -> Option<Fault> {
        self.tick(now, session);
        if now >= self.next_progress {
            self.next_progress = now + PROGRESS_EVERY;
            self.report(now, ledger, session);
        }
        self.check(session.clock.now())
    }

    /// Looks at cancel and deadline, and runs no hook; an error says that the call is to end now.
    pub(crate) fn check(&mut self, now: Duration) -> Option<Fault> {
        if !self.home.is_of_this_process() {
            self.drained_at = Some(now);
            return Some(Fault::new(
                ErrorKind::Cancelled,
                "this process was forked in the middle of the call, which goes on in its parent",
            ));
        }
        // A program that answers one Ctrl-C by a trigger and by a `Break` has cancelled once.
        let cancels = self
            .cancel
            .as_ref()
            .map_or(0, Cancel::times)
            .max(u32::from(self.cancelled_by_progress));
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.drained_at = Some(now);
            return Some(Fault::new(
                ErrorKind::Timeout,
                "the deadline passed before every account was settled; deadline_ms sets it",
            ));
        }
        match cancels {
            0 => None,
            1 => {
                let end = now.saturating_add(self.drain);
                self.drained_at
                    .get_or_insert(self.deadline.map_or(end, |deadline| end.min(deadline)));
                Some(cancelled())
            }
            _ => {
                self.drained_at = Some(now);
                Some(cancelled())
            }
        }
    }

    /// Whether the host waits no longer for what is in flight.
    pub(crate) fn is_drained(&self, now: Duration) -> bool {
        self.drained_at.is_some_and(|at| now >= at)
    }

    /// Time for something that may take `most`, within the deadline.
    pub(crate) fn time_for(&self, most: Duration, now: Duration) -> Duration {
        self.deadline.map_or(most, |deadline| most.min(deadline.saturating_sub(now)))
    }

    /// Shows the progress a last time.
    pub(crate) fn last_progress(&mut self, ledger: &Ledger, session: &Session) {
        self.quota_wait = Duration::ZERO;
        self.unanswered = 0;
        self.report(session.clock.now(), ledger, session);
    }

    fn report(&mut self, now: Duration, ledger: &Ledger, session: &Session) {
        let Some(callback) = &mut self.on_progress else { return };
        let total = ledger.len() as u64;
        let elapsed = now.saturating_sub(self.began);
        let elapsed_ms = elapsed.as_millis() as u64;
        let left = total - ledger.settled;
        let done = ledger.settled - self.restored;
        let progress = Progress {
            total,
            settled: ledger.settled,
            applied: ledger.applied,
            rejected: ledger.rejected,
            unknown: ledger.unknown,
            requests: self.requests + self.unanswered,
            retries: self.retries,
            quota_wait_ms: self.quota_wait.as_millis() as u64,
            elapsed_ms,
            remaining_ms: match (left, done) {
                (0, _) => 0,
                (_, 0) => u64::MAX,
                (left, done) => {
                    (elapsed_ms as f64 * left as f64 / done as f64) as u64
                        + self.quota_wait.as_millis() as u64
                }
            },
        };
        if session.callback(|| callback(&progress)).is_break() {
            self.cancelled_by_progress = true;
        }
    }
}

fn cancelled() -> Fault {
    Fault::new(ErrorKind::Cancelled, "cancelled before every account was settled")
}
