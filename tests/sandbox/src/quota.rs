//! The gateway's request quota, in the four ways that gateways count.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::operation::Target;

/// How many requests the gateway lets through, and what it tells about that.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// How many requests a window lets through.
    pub limit: u32,
    /// How long a window is, in milliseconds of the sandbox's clock.
    pub window_ms: u64,
    /// How windows begin and end.
    pub kind: QuotaKind,
    /// Whether answers carry the `X-APIG-Ratelimit-…` header.
    pub send_headers: bool,
    /// Which of those headers.
    pub header: QuotaHeader,
    /// Whether a 429 carries `Retry-After`, in whole seconds of the sandbox's clock.
    pub retry_after: bool,
    /// Which requests are counted.
    pub on: Target,
}

impl Default for Quota {
    fn default() -> Quota {
        Quota {
            limit: 100,
            window_ms: 60_000,
            kind: QuotaKind::FixedFromFirst,
            send_headers: true,
            header: QuotaHeader::Api,
            retry_after: false,
            on: Target::Status,
        }
    }
}

/// How the windows of a quota begin and end. Refused requests never count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum QuotaKind {
    /// A window begins with the first request that comes after the one before has ended.
    #[default]
    FixedFromFirst,
    /// Windows begin at whole multiples of their length by the sandbox's clock.
    FixedWall,
    /// At any time, the requests of the last `window_ms` count.
    Sliding,
    /// A bucket of `limit` tokens, full at first, that fills by `limit` tokens every `window_ms`.
    TokenBucket,
}

/// What the gateway calls the quota: the end of the header's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum QuotaHeader {
    /// `X-APIG-Ratelimit-Api`
    #[default]
    Api,
    /// `X-APIG-Ratelimit-Api-Allenv`
    #[serde(rename = "Api-Allenv")]
    ApiAllenv,
    /// `X-APIG-Ratelimit-User`
    User,
    /// `X-APIG-Ratelimit-App`
    App,
    /// `X-APIG-Ratelimit-Ip`
    Ip,
}

impl QuotaHeader {
    pub(crate) fn name(self) -> &'static str {
        match self {
            QuotaHeader::Api => "X-APIG-Ratelimit-Api",
            QuotaHeader::ApiAllenv => "X-APIG-Ratelimit-Api-Allenv",
            QuotaHeader::User => "X-APIG-Ratelimit-User",
            QuotaHeader::App => "X-APIG-Ratelimit-App",
            QuotaHeader::Ip => "X-APIG-Ratelimit-Ip",
        }
    }
}

impl Quota {
    /// What the header says when `remain` requests are left.
    pub(crate) fn header_value(&self, remain: u64) -> String {
        format!("remain:{remain},limit:{},time:{}", self.limit, self.time())
    }

    /// What the gateway says when nothing is left.
    pub(crate) fn refusal(&self) -> String {
        format!(
            "The throttling threshold has been reached: policy user over ratelimit,limit:{},time:{}",
            self.limit,
            self.time()
        )
    }

    /// The window in the gateway's words, rounded up to whole seconds.
    fn time(&self) -> String {
        let seconds = self.window_ms.div_ceil(1000).max(1);
        let (count, unit) = [(86_400, "day"), (3600, "hour"), (60, "minute")]
            .into_iter()
            .find(|(length, _)| seconds.is_multiple_of(*length))
            .map_or((seconds, "second"), |(length, unit)| (seconds / length, unit));
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {unit}{plural}")
    }
}

/// What a meter says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It may pass, and so many more may right after it.
    Pass { remain: u64 },
    /// It may not, and the next may in so many milliseconds.
    Over { wait_ms: u64 },
}

/// Counts requests against one quota.
#[derive(Debug)]
pub(crate) struct Meter {
    limit: u64,
    window_ms: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Fixed {
        wall: bool,
        started: Option<u64>,
        used: u64,
    },
    Sliding {
        passed: VecDeque<u64>,
    },
    /// `level` counts in parts of a token, `window_ms` of them to one, so that nothing is rounded.
    Bucket {
        level: u64,
        updated: Option<u64>,
    },
}

impl Meter {
    pub(crate) fn new(quota: &Quota) -> Meter {
        let limit = u64::from(quota.limit);
        let window_ms = quota.window_ms.max(1);
        let fixed = |wall| State::Fixed { wall, started: None, used: 0 };
        Meter {
            limit,
            window_ms,
            state: match quota.kind {
                QuotaKind::FixedFromFirst => fixed(false),
                QuotaKind::FixedWall => fixed(true),
                QuotaKind::Sliding => State::Sliding { passed: VecDeque::new() },
                QuotaKind::TokenBucket => State::Bucket { level: limit * window_ms, updated: None },
            },
        }
    }

    /// Takes one request at this time. Times never go back.
    pub(crate) fn take(&mut self, now_ms: u64) -> Reading {
        let (limit, window_ms) = (self.limit, self.window_ms);
        match &mut self.state {
            State::Fixed { wall, started, used } => {
                let running = started.filter(|started| now_ms < started + window_ms);
                let began = running.unwrap_or_else(|| {
                    *used = 0;
                    if *wall { now_ms - now_ms % window_ms } else { now_ms }
                });
                *started = Some(began);
                if *used < limit {
                    *used += 1;
                    Reading::Pass { remain: limit - *used }
                } else {
                    Reading::Over { wait_ms: began + window_ms - now_ms }
                }
            }
            State::Sliding { passed } => {
                while passed.front().is_some_and(|first| first + window_ms <= now_ms) {
                    passed.pop_front();
                }
                let used = passed.len() as u64;
                if used < limit {
                    passed.push_back(now_ms);
                    Reading::Pass { remain: limit - used - 1 }
                } else {
                    let first = passed.front().copied().unwrap_or(now_ms);
                    Reading::Over { wait_ms: first + window_ms - now_ms }
                }
            }
            State::Bucket { level, updated } => {
                let elapsed = now_ms - updated.unwrap_or(now_ms);
                *updated = Some(now_ms);
                *level =
                    elapsed.saturating_mul(limit).saturating_add(*level).min(limit * window_ms);
                if *level >= window_ms {
                    *level -= window_ms;
                    Reading::Pass { remain: *level / window_ms }
                } else {
                    let missing = window_ms - *level;
                    Reading::Over { wait_ms: missing.div_ceil(limit.max(1)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, Quota, QuotaKind, Reading};

    fn meter(kind: QuotaKind) -> Meter {
        Meter::new(&Quota { limit: 3, window_ms: 1000, kind, ..Quota::default() })
    }

    fn take_all(meter: &mut Meter, now_ms: u64) -> usize {
        (0..10).filter(|_| matches!(meter.take(now_ms), Reading::Pass { .. })).count()
    }

    #[test]
    fn a_fixed_window_begins_with_its_first_request() {
        let mut meter = meter(QuotaKind::FixedFromFirst);
        assert_eq!(meter.take(10_700), Reading::Pass { remain: 2 });
        assert_eq!(take_all(&mut meter, 11_600), 2);
        assert_eq!(meter.take(11_699), Reading::Over { wait_ms: 1 });
        assert_eq!(take_all(&mut meter, 11_700), 3);
    }

    #[test]
    fn a_wall_window_begins_at_whole_multiples() {
        let mut meter = meter(QuotaKind::FixedWall);
        assert_eq!(take_all(&mut meter, 10_700), 3);
        assert_eq!(meter.take(10_999), Reading::Over { wait_ms: 1 });
        assert_eq!(take_all(&mut meter, 11_000), 3);
    }

    #[test]
    fn a_sliding_window_counts_the_last_requests_one_by_one() {
        let mut meter = meter(QuotaKind::Sliding);
        assert_eq!(meter.take(10_000), Reading::Pass { remain: 2 });
        assert_eq!(take_all(&mut meter, 10_500), 2);
        assert_eq!(meter.take(10_999), Reading::Over { wait_ms: 1 });
        assert_eq!(take_all(&mut meter, 11_000), 1);
        assert_eq!(take_all(&mut meter, 11_500), 2);
    }

    #[test]
    fn a_bucket_fills_evenly_and_never_above_its_size() {
        let mut meter = meter(QuotaKind::TokenBucket);
        assert_eq!(take_all(&mut meter, 10_000), 3);
        assert_eq!(meter.take(10_000), Reading::Over { wait_ms: 334 });
        assert_eq!(meter.take(10_333), Reading::Over { wait_ms: 1 });
        assert_eq!(take_all(&mut meter, 10_334), 1);
        assert_eq!(take_all(&mut meter, 99_000), 3);
    }

    #[test]
    fn the_window_is_told_in_the_largest_whole_unit() {
        for (window_ms, words) in [
            (1000, "1 second"),
            (1500, "2 seconds"),
            (60_000, "1 minute"),
            (90_000, "90 seconds"),
            (7_200_000, "2 hours"),
            (86_400_000, "1 day"),
        ] {
            let quota = Quota { window_ms, ..Quota::default() };
            assert!(quota.refusal().ends_with(&format!("limit:100,time:{words}")), "{words}");
        }
    }
}
