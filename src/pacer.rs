//! How fast to send: the gateway's quota, learnt from its headers, and the caller's own ceiling.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::header::HeaderMap;

const HEADER_PREFIX: &str = "x-apig-ratelimit-";
const SECOND: Duration = Duration::from_secs(1);
const FIRST_BLIND_WAIT: Duration = Duration::from_secs(2);
const LONGEST_BLIND_WAIT: Duration = Duration::from_secs(60);
/// How soon to ask again while one request looks at a new window, and for how long to wait for it.
const LOOKED_EVERY: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_secs(1);
/// How many requests' worth the experience of earlier windows is.
const WEIGHT_OF_BEFORE: f64 = 4.0;

/// The pace of the status requests to one origin.
///
/// A quota is kept by remembering when this client's own requests were answered: never more than
/// `limit` of them within any `period`. That holds for every kind of window a gateway may use
/// (fixed, sliding, bucket) without knowing which it is. What others take from the same quota is
/// seen in `remain`.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    quotas: Vec<Quota>,
    ceiling: Option<Ceiling>,
    hold_until: Duration,
    refusals_in_a_row: u32,
    sent: u64,
    last_sent: Duration,
}

/// The right to send one request; must be given back through one of the pacer's methods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    number: u64,
}

#[derive(Debug)]
struct Quota {
    kind: String,
    limit: u64,
    period: Duration,
    /// When the requests of the last `period` were answered, the oldest first.
    answered: VecDeque<Duration>,
    in_flight: u64,
    reading: Option<Reading>,
    /// How many requests the quota was charged for each of ours, others' included, in the windows
    /// before.
    share: f64,
}

/// The last trustworthy `remain`.
#[derive(Debug, Clone, Copy)]
struct Reading {
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

/// An even spread with a burst of one second.
#[derive(Debug)]
struct Ceiling {
    per_second: f64,
    tokens: f64,
    filled_at: Duration,
}

impl Pacer {
    /// A pacer with a ceiling of its own; 0: none.
    pub(crate) fn new(max_requests_per_minute: u32) -> Self {
        let per_second = f64::from(max_requests_per_minute) / 60.0;
        let ceiling = (max_requests_per_minute > 0).then(|| Ceiling {
            per_second,
            tokens: per_second.max(1.0),
            filled_at: Duration::ZERO,
        });
        Pacer { ceiling, ..Pacer::default() }
    }

    /// A permit to send now, or the time at which to ask again.
    pub(crate) fn try_send(&mut self, now: Duration) -> Result<Permit, Duration> {
        let mut until = self.hold_until;
        for quota in &mut self.quotas {
            until = until.max(quota.free_at(now, self.sent, self.last_sent));
        }
        if let Some(ceiling) = &mut self.ceiling {
            until = until.max(ceiling.free_at(now));
        }
        if until > now {
            return Err(until);
        }
        if let Some(ceiling) = &mut self.ceiling {
            ceiling.tokens -= 1.0;
        }
        self.sent += 1;
        self.last_sent = now;
        for quota in &mut self.quotas {
            quota.in_flight += 1;
        }
        Ok(Permit { number: self.sent })
    }

    /// The request of `permit` was answered (not with 429); `headers` may tell of quotas.
    pub(crate) fn answered(&mut self, permit: Permit, now: Duration, headers: &HeaderMap) {
        self.refusals_in_a_row = 0;
        self.counted(now);
        self.learn(permit, now, headers);
    }

    /// The request of `permit` brought no answer; it may have counted.
    pub(crate) fn unanswered(&mut self, _: Permit, now: Duration) {
        self.counted(now);
    }

    /// The request of `permit` was never sent.
    pub(crate) fn not_sent(&mut self, _: Permit) {
        for quota in &mut self.quotas {
            quota.in_flight = quota.in_flight.saturating_sub(1);
        }
    }

    /// The gateway answered 429, or 503 with `Retry-After`. `message` may name the quota.
    pub(crate) fn refused(
        &mut self,
        permit: Permit,
        now: Duration,
        headers: &HeaderMap,
        retry_after: Option<Duration>,
        message: &str,
    ) {
        self.not_sent(permit);
        self.learn(permit, now, headers);
        if let Some((limit, period)) = quota_in_message(message) {
            let kind = format!("{limit} in {} s", period.as_secs());
            if !self.quotas.iter().any(|quota| quota.limit == limit && quota.period == period) {
                self.quotas.push(Quota::new(kind, limit, period));
            }
            for quota in &mut self.quotas {
                if quota.limit == limit && quota.period == period {
                    quota.read(permit, self.sent, now, 0);
                }
            }
        }
        let learnt =
            self.quotas.iter_mut().map(|quota| quota.free_at(now, self.sent, self.last_sent)).max();
        let blind = FIRST_BLIND_WAIT * 2u32.saturating_pow(self.refusals_in_a_row.min(5));
        let until = match (retry_after, learnt.filter(|until| *until > now)) {
            (None, None) => now + blind.min(LONGEST_BLIND_WAIT),
            (wait, learnt) => (now + wait.unwrap_or_default()).max(learnt.unwrap_or_default()),
        };
        self.hold_until = self.hold_until.max(until);
        self.refusals_in_a_row += 1;
    }

    fn counted(&mut self, now: Duration) {
        for quota in &mut self.quotas {
            quota.in_flight = quota.in_flight.saturating_sub(1);
            quota.answered.push_back(now);
        }
    }

    fn learn(&mut self, permit: Permit, now: Duration, headers: &HeaderMap) {
        for (name, value) in headers {
            let Some(kind) = name.as_str().strip_prefix(HEADER_PREFIX) else { continue };
            let Some((remain, limit, period)) = value.to_str().ok().and_then(parse) else {
                continue;
            };
            let known = self.quotas.iter().position(|quota| quota.kind == kind);
            let index = known.unwrap_or_else(|| {
                let mut quota = Quota::new(kind.to_owned(), limit, period);
                quota.answered.push_back(now);
                self.quotas.push(quota);
                self.quotas.len() - 1
            });
            let quota = &mut self.quotas[index];
            quota.limit = limit;
            quota.period = period;
            quota.read(permit, self.sent, now, remain.min(limit));
        }
    }

    /// How long `requests` will take from now on under the quotas that are known.
    pub(crate) fn estimate(&self, requests: u64) -> Duration {
        let by_quota = self.quotas.iter().map(|quota| {
            let windows = requests.saturating_sub(1) / quota.limit.max(1);
            quota.period.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX))
        });
        let by_ceiling = self
            .ceiling
            .iter()
            .map(|ceiling| Duration::from_secs_f64(requests as f64 / ceiling.per_second));
        by_quota.chain(by_ceiling).max().unwrap_or_default()
    }
}

impl Quota {
    fn new(kind: String, limit: u64, period: Duration) -> Self {
        Quota {
            kind,
            limit,
            period,
            answered: VecDeque::new(),
            in_flight: 0,
            reading: None,
            share: 1.0,
        }
    }

    /// When the next request may go.
    fn free_at(&mut self, now: Duration, sent: u64, last_sent: Duration) -> Duration {
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
        if self.answered.len() as u64 + self.in_flight >= self.limit {
            return oldest_leaves.unwrap_or(now + SECOND);
        }
        match &self.reading {
            Some(reading) if !reading.allows_one_more(sent, self.share) => {
                oldest_leaves.unwrap_or(reading.at + self.period)
            }
            // Others may have used up the new window already: one request goes ahead and looks.
            None if self.in_flight > 0 && now < last_sent + LONGEST_LOOK => now + LOOKED_EVERY,
            _ => now,
        }
    }

    /// Takes note of `remain` in the answer to `permit`. Answers come out of order: one that was
    /// asked for after the present reading came is surely newer, any other only if it is lower.
    fn read(&mut self, permit: Permit, sent: u64, now: Duration, remain: u64) {
        let fresh = Reading {
            remain,
            number: permit.number,
            sent,
            at: now,
            freed: 0,
            first: (remain, sent),
        };
        self.reading = match self.reading {
            None => Some(fresh),
            Some(old) if permit.number > old.sent && remain > old.remain => {
                self.share = old.share(self.share);
                Some(fresh)
            }
            Some(old) if permit.number > old.sent || remain < old.remain => {
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

/// `remain:99,limit:100,time:1 minute` as (remain, limit, period); nonsense is `None`.
fn parse(value: &str) -> Option<(u64, u64, Duration)> {
    let mut remain = None;
    let mut limit = None;
    let mut period = None;
    for part in value.split(',') {
        let (name, value) = part.split_once(':')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "remain" => remain = Some(value.trim().parse::<i64>().ok()?.max(0) as u64),
            "limit" => limit = value.trim().parse().ok().filter(|limit: &u64| *limit > 0),
            "time" => period = duration(value),
            _ => {}
        }
    }
    Some((remain?, limit?, period?))
}

/// `1 minute`, `30 seconds`, … as a duration; nothing longer than a year.
fn duration(text: &str) -> Option<Duration> {
    let mut words = text.split_whitespace();
    let number: u64 = words.next()?.parse().ok().filter(|number| *number > 0)?;
    let unit = match words.next()?.to_ascii_lowercase().trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    number.checked_mul(unit).filter(|seconds| *seconds <= 366 * 86_400).map(Duration::from_secs)
}

/// The quota named in a 429's words: `… limit:60,time:1 minute`.
fn quota_in_message(message: &str) -> Option<(u64, Duration)> {
    let after = |name: &str| message.find(name).map(|at| &message[at + name.len()..]);
    let limit = after("limit:")?.split(',').next()?.trim().parse().ok()?;
    let time = after("time:")?.split([',', '"', '.']).next()?;
    (limit > 0).then_some((limit, duration(time)?))
}

#[cfg(test)]
mod rules;
#[cfg(test)]
mod simulation;
