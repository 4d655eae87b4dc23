//! Pacers against a gateway, in the four ways that gateways count, with simulated time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::{Pace, Permit, QuotaSaid};

const LIMIT: u64 = 100;
const WINDOW_MS: u64 = 60_000;
const CONCURRENCY: usize = 4;
const WINDOWS: u64 = 40;

#[derive(Debug, Clone, Copy)]
enum Kind {
    FixedFromFirst,
    FixedWall,
    Sliding,
    TokenBucket,
}

const KINDS: [Kind; 4] = [Kind::FixedFromFirst, Kind::FixedWall, Kind::Sliding, Kind::TokenBucket];

/// Counts requests as a gateway does.
struct Gateway {
    kind: Kind,
    passed: VecDeque<u64>,
    window: Option<u64>,
    /// In parts of a token, `WINDOW_MS` of them to one.
    level: u64,
    filled_at: u64,
}

impl Gateway {
    fn new(kind: Kind) -> Gateway {
        let level = LIMIT * WINDOW_MS;
        Gateway { kind, passed: VecDeque::new(), window: None, level, filled_at: 0 }
    }

    /// What remains after a request at this time; `None`: it is over the limit.
    fn take(&mut self, now: u64) -> Option<u64> {
        match self.kind {
            Kind::TokenBucket => {
                let filled = self.level + (now - self.filled_at) * LIMIT;
                self.level = filled.min(LIMIT * WINDOW_MS);
                self.filled_at = now;
                self.level = self.level.checked_sub(WINDOW_MS)?;
                return Some(self.level / WINDOW_MS);
            }
            Kind::Sliding => {
                while self.passed.front().is_some_and(|at| at + WINDOW_MS <= now) {
                    self.passed.pop_front();
                }
            }
            Kind::FixedFromFirst | Kind::FixedWall => {
                if self.window.is_none_or(|began| began + WINDOW_MS <= now) {
                    let wall = matches!(self.kind, Kind::FixedWall);
                    self.window = Some(if wall { now - now % WINDOW_MS } else { now });
                    self.passed.clear();
                }
            }
        }
        if self.passed.len() as u64 >= LIMIT {
            return None;
        }
        self.passed.push_back(now);
        Some(LIMIT - self.passed.len() as u64)
    }
}

/// What happens, and when: the time comes first, so that the earliest is the least.
type Event = (u64, u64, usize, What);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Arrives(u64),
    /// With what remains, or refused.
    Answered(u64, Option<u64>),
    Wakes,
}

struct Outcome {
    took_ms: u64,
    /// For each client: requests, and those that were refused.
    clients: Vec<(u64, u64)>,
}

impl Outcome {
    fn throttled(&self) -> f64 {
        self.clients.iter().map(|&(all, over)| over as f64 / all as f64).fold(0.0, f64::max)
    }
}

/// Lets `clients` clients send `WINDOWS` windows' worth of requests between them, from `began` on.
fn simulate(kind: Kind, clients: usize, began: u64, seed: u64) -> Outcome {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut gateway = Gateway::new(kind);
    let mut pacers: Vec<_> = (0..clients).map(|_| Pace::new(1, 0)).collect();
    let mut left = vec![WINDOWS * LIMIT / clients as u64; clients];
    let mut under_way = vec![0; clients];
    let mut counted = vec![(0, 0); clients];
    let mut events: BinaryHeap<Reverse<Event>> = BinaryHeap::new();
    for client in 0..clients {
        events.push(Reverse((began + random.u64(0..2000), 0, client, What::Wakes)));
    }
    let mut order = 0;
    let mut last = began;
    while let Some(Reverse((now, _, client, what))) = events.pop() {
        let time = Duration::from_millis(now);
        let mut happens = |at: u64, what: What| {
            order += 1;
            events.push(Reverse((at, order, client, what)));
        };
        match what {
            What::Arrives(number) => {
                let remain = gateway.take(now);
                happens(now + random.u64(10..40), What::Answered(number, remain));
                continue;
            }
            What::Answered(number, remain) => {
                last = now;
                under_way[client] -= 1;
                counted[client].0 += 1;
                let permit = Permit { endpoint: 0, number };
                if let Some(remain) = remain {
                    pacers[client].answered(permit, time, &told(remain));
                } else {
                    counted[client].1 += 1;
                    left[client] += 1;
                    let message = format!("over ratelimit,limit:{LIMIT},time:1 minute");
                    pacers[client].refused(permit, time, &told(0), None, &message);
                }
            }
            What::Wakes => {}
        }
        while under_way[client] < CONCURRENCY && left[client] > 0 {
            match pacers[client].try_send(0, time) {
                Ok(permit) => {
                    left[client] -= 1;
                    under_way[client] += 1;
                    happens(now + random.u64(1..10), What::Arrives(permit.number));
                }
                Err(pause) => {
                    happens(
                        (pause.until.as_micros() as u64).div_ceil(1000).max(now + 1),
                        What::Wakes,
                    );
                    break;
                }
            }
        }
    }
    Outcome { took_ms: last - began, clients: counted }
}

fn told(remain: u64) -> Vec<QuotaSaid> {
    let period = Duration::from_millis(WINDOW_MS);
    vec![QuotaSaid { kind: "api".into(), remain, limit: LIMIT, period }]
}

#[test]
fn a_learnt_quota_costs_little_time_and_few_refusals() {
    for kind in KINDS {
        for seed in 0..2 {
            let began = seed * 13_000;
            let outcome = simulate(kind, 1, began, seed);
            let phase = if matches!(kind, Kind::FixedWall) { began % WINDOW_MS } else { 0 };
            let oracle = (WINDOWS - 1) * WINDOW_MS - phase;
            let allowed = oracle + oracle * 3 / 100 + WINDOW_MS;
            assert!(outcome.took_ms <= allowed, "{kind:?}: {} ms", outcome.took_ms);
            assert!(outcome.throttled() <= 0.01, "{kind:?}: {:?}", outcome.clients);
        }
    }
}

#[test]
fn a_quota_that_another_uses_too_is_shared_with_few_refusals() {
    for kind in KINDS {
        for seed in 0..2 {
            let outcome = simulate(kind, 2, seed * 13_000, seed);
            assert!(outcome.throttled() <= 0.03, "{kind:?}: {:?}", outcome.clients);
        }
    }
}
