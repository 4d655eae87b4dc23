//! What the calls of one client share, in one process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::model::UserStatus;
use crate::options::Options;
use crate::pacer::{Pacer, Permit};
use crate::settings::ClientSettings;
use crate::sys;
use crate::token::Tokens;
use crate::transport::Transport;

/// Connections, token and pace of one client in one process.
pub(crate) struct Session {
    pub(crate) settings: ClientSettings,
    pub(crate) transport: Transport,
    pub(crate) tokens: Tokens,
    pub(crate) clock: Clock,
    /// One for each endpoint.
    pacers: Mutex<Vec<Pacer>>,
    lane: Mutex<Lane>,
    /// Threads that are inside a callback of one of this client's calls.
    in_callback: Mutex<Vec<usize>>,
    closed: AtomicBool,
}

/// Calls of one status run beside each other; another status waits for its turn.
#[derive(Default)]
struct Lane {
    status: Option<UserStatus>,
    calls: usize,
}

/// A call's place beside the others; leaves it when dropped.
pub(crate) struct Turn<'s>(&'s Session);

/// The right to send one request. Dropped without a word, the request counts as unanswered.
pub(crate) struct Pass<'s> {
    session: &'s Session,
    endpoint: usize,
    permit: Option<Permit>,
}

impl Pass<'_> {
    /// Gives it back with what became of the request.
    pub(crate) fn give_back(mut self, with: impl FnOnce(&mut Pacer, Permit, Duration)) {
        let now = self.session.clock.now();
        if let Some(permit) = self.permit.take() {
            self.session.pacer(self.endpoint, |pacer| with(pacer, permit, now));
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            let now = self.session.clock.now();
            self.session.pacer(self.endpoint, |pacer| pacer.unanswered(permit, now));
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lane = lock(&self.0.lane);
        lane.calls -= 1;
        if lane.calls == 0 {
            lane.status = None;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub(crate) fn new(options: &Options, clock_scale: f64) -> Result<Session> {
        let settings = ClientSettings::new(options)?;
        let pacers =
            settings.endpoints.iter().map(|_| Pacer::new(settings.max_requests_per_minute));
        Ok(Session {
            transport: Transport::new(&settings)?,
            tokens: Tokens::new(&settings.credentials),
            clock: Clock::new(clock_scale),
            pacers: Mutex::new(pacers.collect()),
            lane: Mutex::default(),
            in_callback: Mutex::default(),
            closed: AtomicBool::new(false),
            settings,
        })
    }

    /// Does something with the pacer of `endpoint`.
    pub(crate) fn pacer<T>(&self, endpoint: usize, with: impl FnOnce(&mut Pacer) -> T) -> T {
        let mut pacers = lock(&self.pacers);
        let index = endpoint % pacers.len();
        with(&mut pacers[index])
    }

    /// The right to send one request to `endpoint` now, or the time at which to ask again.
    pub(crate) fn try_pass(&self, endpoint: usize) -> std::result::Result<Pass<'_>, Duration> {
        let now = self.clock.now();
        let permit = self.pacer(endpoint, |pacer| pacer.try_send(now))?;
        Ok(Pass { session: self, endpoint, permit: Some(permit) })
    }

    /// A turn for a call that sets `status`, or `None` while calls of another status run.
    pub(crate) fn try_turn(&self, status: UserStatus) -> Option<Turn<'_>> {
        let mut lane = lock(&self.lane);
        if lane.status.is_some_and(|running| running != status) {
            return None;
        }
        lane.status = Some(status);
        lane.calls += 1;
        Some(Turn(self))
    }

    /// Closes the client, unless calls run. No call gets a turn afterwards.
    pub(crate) fn try_close(&self) -> bool {
        let lane = lock(&self.lane);
        let idle = lane.calls == 0;
        if idle {
            self.closed.store(true, Ordering::Release);
        }
        idle
    }

    /// Runs a callback of the host; meanwhile its thread cannot use this client.
    pub(crate) fn callback<T>(&self, run: impl FnOnce() -> T) -> T {
        struct Leave<'s>(&'s Session, usize);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                let mut inside = lock(&self.0.in_callback);
                if let Some(at) = inside.iter().rposition(|thread| *thread == self.1) {
                    inside.swap_remove(at);
                }
            }
        }
        let thread = sys::thread_number();
        lock(&self.in_callback).push(thread);
        let _leave = Leave(self, thread);
        run()
    }

    /// Fails when this thread is inside a callback of this client, or the client is closed.
    pub(crate) fn check_usable(&self, what: &str) -> Result<()> {
        if lock(&self.in_callback).contains(&sys::thread_number()) {
            return Err(Error::argument(format!(
                "{what}: the client was called from its own callback"
            )));
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::argument(format!("{what}: the client is closed")));
        }
        Ok(())
    }
}
