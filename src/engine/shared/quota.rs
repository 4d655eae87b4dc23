//! One quota of the gateway, and how much of it is left for this client.

use std::collections::VecDeque;
use std::time::Duration;

use crate::shared::pacer::{Pause, Why};

const SECOND: Duration = Duration::from_secs(1);
/// How soon to ask again while one request looks at a new window, and for how long to wait for it.
const LOOKED_EVERY: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_secs(1);
/// How many requests' worth the experience of earlier windows is.
const WEIGHT_OF_BEFORE: f64 = 4.0;

/// A quota that the gateway has named.
#[derive(Debug)]
pub(crate) struct Quota {
    pub(crate) kind: String,
    pub(crate) limit: u64,
    pub(crate) period: Duration,
    /// When the requests of the last `period` were answered, the oldest first.
    pub(crate) answered: VecDeque<Duration>,
    pub(crate) in_flight: u64,
    reading: Option<Reading>,
    /// How many requests the quota was charged for each of ours, others' included, in the windows
    /// before.
    share: f64,
}

/// The last trustworthy `remain`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    remain: u64,
    /// Number of the request that it answers.
    number: u64,
    /// Requests that had been sent when it came.
    sent: u64,
    at: Duration,
    /// Requests of ours that have left the period since.
    freed: u64,
    /// `remain` and requests sent when this window was first seen: shows what others take.
    first: (u64, u64),
}

impl Quota {
    pub(crate) fn new(kind: String, limit: u64, period: Duration, in_flight: u64) -> Self {
        Quota {
            kind,
            limit,
            period,
            answered: VecDeque::new(),
            in_flight,
            reading: None,
            share: 1.0,
        }
    }

    /// When the next request may go, as far as this quota is concerned.
    pub(crate) fn free_at(&mut self, now: Duration, sent: u64, last_sent: Duration) -> Pause {
        while self.answered.front().is_some_and(|&at| at + self.period <= now) {
            self.answered.pop_front();
            if let Some(reading) = &mut self.reading {
                reading.freed += 1;
            }
        }
        if let Some(reading) = self.reading.filter(|reading| reading.at + self.period <= now) {
            self.share = reading.share(self.share);
            self.reading = None;
        }
        let oldest_leaves = self.answered.front().map(|&at| at + self.period);
        let (until, why) = if self.answered.len() as u64 + self.in_flight >= self.limit {
            match oldest_leaves {
                Some(at) => (at, Why::Quota),
                // All of it is in flight: their answers tell.
                None => (now + SECOND, Why::Look),
            }
        } else {
            match &self.reading {
                Some(reading) if !reading.allows_one_more(sent, self.share) => {
                    (oldest_leaves.unwrap_or(reading.at + self.period), Why::Quota)
                }
                // Others may have used up the new window already: one request goes ahead and looks.
                None if self.in_flight > 0 && now < last_sent + LONGEST_LOOK => {
                    (now + LOOKED_EVERY, Why::Look)
                }
                _ => (now, Why::Quota),
            }
        };
        Pause { until, why }
    }

    /// Takes note of `remain` in the answer to request `number`. Answers come out of order: one that was
    /// asked for after the present reading came is surely newer, any other only if it is lower.
    pub(crate) fn read(&mut self, number: u64, sent: u64, now: Duration, remain: u64) {
        let fresh = Reading { remain, number, sent, at: now, freed: 0, first: (remain, sent) };
        self.reading = match self.reading {
            None => Some(fresh),
            Some(old) if number > old.sent && remain > old.remain => {
                self.share = old.share(self.share);
                Some(fresh)
            }
            Some(old) if number > old.sent || remain < old.remain => {
                Some(Reading { first: old.first, ..fresh })
            }
            old => old,
        };
    }
}

impl Reading {
    /// How many requests the quota was charged for each of ours in this window. `before`: the same
    /// for the windows before, which counts as much as a few requests.
    fn share(&self, before: f64) -> f64 {
        let (first_remain, first_sent) = self.first;
        let taken = first_remain.saturating_sub(self.remain) as f64;
        let own = self.sent.saturating_sub(first_sent) as f64;
        ((taken + WEIGHT_OF_BEFORE * before) / (own + WEIGHT_OF_BEFORE)).max(1.0)
    }

    /// Whether what remains covers the requests sent since and one more, when others take their
    /// share at the pace seen so far.
    fn allows_one_more(&self, sent: u64, before: f64) -> bool {
        let since = (sent - self.number) as f64;
        (since + 1.0) * self.share(before) <= (self.remain + self.freed) as f64
    }
}
