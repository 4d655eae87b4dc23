//! How fast to send: the gateway's quota, learnt from its headers, and the caller's own ceiling.

use std::time::Duration;

use crate::backoff::BlindWait;
use crate::shared::quota::Quota;
use crate::shared::quota_words::quota_in_message;

/// Kinds of quota of one endpoint that are kept; a service that names ever new ones fills no memory.
const MOST_KINDS: usize = 8;

/// What an answer tells of one quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaSaid {
    /// Which quota it is, in the gateway's own word.
    pub kind: String,
    /// Requests that are left in this period.
    pub remain: u64,
    /// Requests that a period allows.
    pub limit: u64,
    /// Its length.
    pub period: Duration,
}

/// The pace of a client: that of each endpoint, and the caller's ceiling over all of them.
#[derive(Debug)]
pub struct Pace {
    endpoints: Vec<Pacer>,
    ceiling: Option<Ceiling>,
}

/// The right to send one request; must be given back through one of the methods of [`Pace`].
#[derive(Debug, Clone, Copy)]
pub struct Permit {
    endpoint: usize,
    number: u64,
}

/// Why a request may not go yet, and when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When to ask again.
    pub until: Duration,
    /// What keeps it.
    pub why: Why,
}

/// What keeps a request from going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The quota is used up until then.
    Quota,
    /// `max_requests_per_minute` is.
    Ceiling,
    /// A request that is out will tell; ask again soon.
    Look,
}

/// The pace of the status requests to one endpoint.
///
/// A quota is kept by remembering when this client's own requests were answered: never more than
/// `limit` of them within any `period`. That holds for every kind of window a gateway may use
/// (fixed, sliding, bucket) without knowing which it is. What others take from the same quota is
/// seen in `remain`.
#[derive(Debug, Default)]
pub struct Pacer {
    quotas: Vec<Quota>,
    hold_until: Duration,
    blind: BlindWait,
    /// What had been sent when the last 429 came that counted: those before it are of one burst.
    refused_at: u64,
    sent: u64,
    in_flight: u64,
    last_sent: Duration,
}

/// An even spread with a burst of one second.
#[derive(Debug)]
struct Ceiling {
    per_second: f64,
    tokens: f64,
    filled_at: Duration,
}

impl Pace {
    /// `max_requests_per_minute`: the ceiling; 0: none.
    pub fn new(endpoints: usize, max_requests_per_minute: u32) -> Pace {
        let per_second = f64::from(max_requests_per_minute) / 60.0;
        let ceiling = (max_requests_per_minute > 0).then(|| Ceiling {
            per_second,
            tokens: per_second.max(1.0),
            filled_at: Duration::ZERO,
        });
        let endpoints = (0..endpoints.max(1)).map(|_| Pacer::default()).collect();
        Pace { endpoints, ceiling }
    }

    /// A permit to send to `endpoint` now, or when to ask again.
    pub fn try_send(&mut self, endpoint: usize, now: Duration) -> Result<Permit, Pause> {
        let endpoint = endpoint % self.endpoints.len();
        let pacer = &mut self.endpoints[endpoint];
        let mut pause = pacer.pause(now);
        if let Some(ceiling) = &mut self.ceiling {
            let free = Pause { until: ceiling.free_at(now), why: Why::Ceiling };
            pause = if free.until > pause.until { free } else { pause };
        }
        if pause.until > now {
            return Err(pause);
        }
        if let Some(ceiling) = &mut self.ceiling {
            ceiling.tokens -= 1.0;
        }
        Ok(Permit { endpoint, number: pacer.send(now) })
    }

    /// The request of `permit` was answered (not with 429); `told`: the quotas that it told of.
    pub fn answered(&mut self, permit: Permit, now: Duration, told: &[QuotaSaid]) {
        self.endpoints[permit.endpoint].answered(permit.number, now, told);
    }

    /// The request of `permit` brought no answer; it may have counted.
    pub fn unanswered(&mut self, permit: Permit, now: Duration) {
        self.endpoints[permit.endpoint].counted(now);
    }

    /// The request of `permit` was never sent.
    pub fn not_sent(&mut self, permit: Permit) {
        self.endpoints[permit.endpoint].not_sent();
        if let Some(ceiling) = &mut self.ceiling {
            ceiling.tokens += 1.0;
        }
    }

    /// The gateway answered 429, or 503 with `Retry-After`. `message` may name the quota.
    pub fn refused(
        &mut self,
        permit: Permit,
        now: Duration,
        told: &[QuotaSaid],
        retry_after: Option<Duration>,
        message: &str,
    ) {
        self.endpoints[permit.endpoint].refused(permit.number, now, told, retry_after, message);
    }

    /// How long `requests` to the first endpoint will take from now on, for all that is known.
    pub fn estimate(&self, requests: u64) -> Duration {
        let by_ceiling = self
            .ceiling
            .iter()
            .map(|ceiling| Duration::from_secs_f64(requests as f64 / ceiling.per_second));
        by_ceiling.chain([self.endpoints[0].estimate(requests)]).max().unwrap_or_default()
    }
}

impl Pacer {
    /// What keeps a request from going now; nothing when its time has come.
    fn pause(&mut self, now: Duration) -> Pause {
        let mut pause = Pause { until: self.hold_until, why: Why::Quota };
        for quota in &mut self.quotas {
            let free = quota.free_at(now, self.sent, self.last_sent);
            pause = if free.until > pause.until { free } else { pause };
        }
        pause
    }

    /// Counts a request that goes out. Returns its number.
    fn send(&mut self, now: Duration) -> u64 {
        self.sent += 1;
        self.in_flight += 1;
        self.last_sent = now;
        for quota in &mut self.quotas {
            quota.in_flight += 1;
        }
        self.sent
    }

    fn answered(&mut self, number: u64, now: Duration, told: &[QuotaSaid]) {
        self.blind.over();
        self.counted(now);
        self.learn(number, now, told);
    }

    fn not_sent(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        for quota in &mut self.quotas {
            quota.in_flight = quota.in_flight.saturating_sub(1);
        }
    }

    fn refused(
        &mut self,
        number: u64,
        now: Duration,
        told: &[QuotaSaid],
        retry_after: Option<Duration>,
        message: &str,
    ) {
        self.not_sent();
        self.learn(number, now, told);
        if let Some((limit, period)) = quota_in_message(message) {
            let known =
                self.quotas.iter().any(|quota| quota.limit == limit && quota.period == period);
            if !known {
                let kind = format!("{limit} in {} s", period.as_secs());
                self.add(kind, limit, period);
            }
            for quota in &mut self.quotas {
                if quota.limit == limit && quota.period == period {
                    quota.read(number, self.sent, now, 0);
                }
            }
        }
        let learnt = self
            .quotas
            .iter_mut()
            .map(|quota| quota.free_at(now, self.sent, self.last_sent).until)
            .filter(|until| *until > now)
            .max();
        // Those that were out together are refused together: that is one refusal.
        let blind = if number > self.refused_at { self.blind.longer() } else { self.blind.wait() };
        if number > self.refused_at {
            self.refused_at = self.sent;
        }
        let until = match (retry_after, learnt) {
            (None, None) => now.saturating_add(blind),
            (wait, learnt) => {
                now.saturating_add(wait.unwrap_or_default()).max(learnt.unwrap_or_default())
            }
        };
        self.hold_until = self.hold_until.max(until);
    }

    fn counted(&mut self, now: Duration) {
        self.in_flight = self.in_flight.saturating_sub(1);
        for quota in &mut self.quotas {
            quota.in_flight = quota.in_flight.saturating_sub(1);
            quota.answered.push_back(now);
        }
    }

    /// Begins to keep a quota; what is in flight counts to it from now on.
    fn add(&mut self, kind: String, limit: u64, period: Duration) -> Option<usize> {
        if self.quotas.len() >= MOST_KINDS {
            return None;
        }
        self.quotas.push(Quota::new(kind, limit, period, self.in_flight));
        Some(self.quotas.len() - 1)
    }

    fn learn(&mut self, number: u64, now: Duration, told: &[QuotaSaid]) {
        for QuotaSaid { kind, remain, limit, period } in told {
            let (remain, limit, period) = (*remain, *limit, *period);
            let index = match self.quotas.iter().position(|quota| quota.kind == *kind) {
                Some(index) => index,
                None => {
                    let Some(index) = self.add(kind.clone(), limit, period) else { continue };
                    self.quotas[index].answered.push_back(now);
                    index
                }
            };
            let quota = &mut self.quotas[index];
            quota.limit = limit;
            quota.period = period;
            quota.read(number, self.sent, now, remain.min(limit));
        }
    }

    /// How long `requests` will take from now on under the quotas that are known.
    pub fn estimate(&self, requests: u64) -> Duration {
        let by_quota = self.quotas.iter().map(|quota| {
            let windows = requests.saturating_sub(1) / quota.limit.max(1);
            quota.period.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX))
        });
        by_quota.max().unwrap_or_default()
    }
}

impl Ceiling {
    fn free_at(&mut self, now: Duration) -> Duration {
        let since = now.saturating_sub(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + since * self.per_second).min(self.per_second.max(1.0));
        self.filled_at = now;
        if self.tokens >= 1.0 {
            return now;
        }
        now + Duration::from_secs_f64((1.0 - self.tokens) / self.per_second)
    }
}

#[cfg(test)]
mod rules;
#[cfg(test)]
mod simulation;
