//! What stands before the service: quota, token, permission, in this order.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::config::Config;
use crate::operation::Operation;
use crate::quota::{Meter, Quota, Reading};
use crate::tokens::Permission;
use crate::world::World;

/// The gateway's count of requests, shared by all connections.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<Option<Meter>>);

impl Throttle {
    pub(crate) fn new(config: &Config) -> Throttle {
        Throttle(Mutex::new(config.quota.as_ref().map(Meter::new)))
    }

    fn meter(&self) -> MutexGuard<'_, Option<Meter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts counting from nothing by another quota.
    pub(crate) fn replace(&self, quota: Option<&Quota>) {
        *self.meter() = quota.map(Meter::new);
    }

    fn take(&self, world: &World) -> Option<Reading> {
        let mut meter = self.meter();
        // The time is read under the lock, so that the meter never sees it go back.
        meter.as_mut().map(|meter| meter.take(world.clock.now_ms()))
    }
}

/// What the gateway has to say to a request.
#[derive(Debug, Default)]
pub(crate) struct Passage {
    /// Why the request is refused, if it is.
    pub(crate) refusal: Option<Answer>,
    /// The headers that the answer carries either way.
    pub(crate) headers: Vec<(String, String)>,
}

/// Lets a request through to the service, or refuses it.
pub(crate) fn pass(world: &World, operation: Operation, arrived: &Arrived) -> Passage {
    let mut passage = Passage::default();
    if let Some(quota) = &world.config().quota
        && quota.on.covers(operation.target())
        && let Some(reading) = world.throttle.take(world)
    {
        meter_passage(&mut passage, quota, reading, arrived);
    }
    if passage.refusal.is_none() && operation.needs_administrator() {
        let token = arrived.header("x-access-token").unwrap_or_default();
        passage.refusal = match world.tokens.permission(token, world.clock.now_ms(), &world.users) {
            None => Some(arrived.refuse(401, "USG.000000004")),
            Some(Permission::Nobody) => Some(arrived.refuse(403, "USG.000000004")),
            Some(Permission::Administrator) => None,
        };
    }
    passage
}

fn meter_passage(passage: &mut Passage, quota: &Quota, reading: Reading, arrived: &Arrived) {
    let (remain, wait_ms) = match reading {
        Reading::Pass { remain } => (remain, None),
        Reading::Over { wait_ms } => (0, Some(wait_ms)),
    };
    if quota.send_headers {
        let name = quota.header.name().to_owned();
        passage.headers.push((name, quota.header_value(remain)));
    }
    if let Some(wait_ms) = wait_ms {
        if quota.retry_after {
            let seconds = wait_ms.div_ceil(1000).to_string();
            passage.headers.push(("Retry-After".to_owned(), seconds));
        }
        passage.refusal = Some(too_many(quota, arrived));
    }
}

/// The 429 of a quota.
pub(crate) fn too_many(quota: &Quota, arrived: &Arrived) -> Answer {
    Answer::error_saying(429, "APIG.0308", &quota.refusal(), &arrived.request_id)
}
