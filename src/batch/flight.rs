//! Batches on their way out and back, and what wakes the call that waits for them.

use std::sync::mpsc::Sender;
use std::time::Duration;

use hwm_engine::answer::Failure;

use crate::batch::task::Task;
use crate::clock::Clock;
use crate::message::Reply;
use crate::session::Pass;
use crate::token::Lease;
use crate::transport::Exchange;

/// A batch that was chosen to go out; the journal may have to be synced before.
pub(crate) struct Prepared<'s> {
    pub(crate) task: Task,
    pub(crate) pass: Pass<'s>,
    pub(crate) lease: Lease,
    pub(crate) request_id: String,
}

/// A batch whose request is out.
pub(crate) struct InFlight<'s> {
    pub(crate) task: Task,
    pub(crate) pass: Pass<'s>,
    pub(crate) generation: u64,
    pub(crate) request_id: String,
    pub(crate) started: Duration,
    pub(crate) exchange: Exchange,
}

/// What wakes a call.
pub(crate) enum Event {
    /// The number of an exchange, what came of it, and when (Unix ms).
    Replied(u64, Reply, u64),
    /// Something that the call waits for may have changed.
    Look,
}

/// Sends an event in any case, also when the task that holds it dies.
pub(crate) struct Reporter {
    number: u64,
    clock: Clock,
    events: Option<Sender<Event>>,
}

impl Reporter {
    pub(crate) fn new(number: u64, clock: Clock, events: &Sender<Event>) -> Reporter {
        Reporter { number, clock, events: Some(events.clone()) }
    }

    pub(crate) fn report(mut self, reply: Reply) {
        self.send(reply);
    }

    fn send(&mut self, reply: Reply) {
        if let Some(events) = self.events.take() {
            let _ = events.send(Event::Replied(self.number, reply, self.clock.unix_ms()));
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.send(Err(Failure::abandoned()));
    }
}
