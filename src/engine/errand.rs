//! One request until it has an answer: what was tried, and what is done next.
//!
//! Every request has one: a batch, a token request, a log-out.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::evidence::Evidence;
use crate::verdict::{Asks, Row};

/// Conflicts (409) of one request that are tried again.
const CONFLICT_TRIES: u32 = 2;

/// How often a request is tried, how long between, and where.
#[derive(Debug, Clone, Copy)]
pub struct Tries {
    /// Tries that count, at most.
    pub attempts: u32,
    /// The wait between two.
    pub backoff: Backoff,
    /// How many endpoints there are.
    pub endpoints: usize,
}

/// The memory of one request.
#[derive(Debug, Clone, Default)]
pub struct Errand {
    /// Tries that count.
    pub tries: u32,
    /// All of them.
    pub sends: u32,
    /// Where it goes next.
    pub endpoint: usize,
    /// Generations of the tokens that were rejected with it.
    pub tokens_rejected: BTreeSet<u64>,
    /// Endpoints in a row that could not be reached.
    unreachable: usize,
    conflicts: u32,
    free_try_used: bool,
    misdirected: bool,
    undocumented: bool,
}

/// What is done with a request after a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It was carried out.
    Passed,
    /// It was refused, for good.
    Refused,
    /// It is to be sent in halves.
    TooLarge,
    /// Nothing more is asked; what became of it stays unknown.
    LeaveUnknown,
    /// It is sent again at once.
    Now,
    /// It could not be sent, and goes to the next endpoint at once.
    NextEndpoint,
    /// It is sent again at this time, over a new connection or not.
    At {
        /// When.
        at: Duration,
        /// Whether connections that were kept must not serve it.
        on_new_connection: bool,
    },
    /// It is sent again when the quota allows.
    WhenPaced,
    /// It is sent again with a new token.
    WithNewToken,
    /// It is out of tries.
    GaveUp,
    /// It ends its call.
    Stop,
}

impl Next {
    /// Whether the request goes out again.
    pub fn is_sent_again(self) -> bool {
        matches!(
            self,
            Next::Now | Next::NextEndpoint | Next::At { .. } | Next::WhenPaced | Next::WithNewToken
        )
    }
}

impl Errand {
    /// A request that goes to `endpoint` first.
    pub fn to(endpoint: usize) -> Errand {
        Errand { endpoint, ..Errand::default() }
    }

    /// What is done after a reply with this row of the table.
    pub fn after(
        &mut self,
        row: &Row,
        now: Duration,
        tries: &Tries,
        random: &mut fastrand::Rng,
    ) -> Next {
        let sent = row.evidence != Evidence::NotSent;
        if sent {
            self.unreachable = 0;
        }
        let one_more = self.tries + 1 < tries.attempts;
        match row.asks {
            Asks::Nothing => Next::Passed,
            Asks::Search => Next::Refused,
            Asks::Conflict if self.conflicts >= CONFLICT_TRIES || !one_more => Next::Refused,
            Asks::Conflict => {
                self.conflicts += 1;
                self.again(sent, now, tries, random)
            }
            Asks::Again => self.again(sent, now, tries, random),
            Asks::FreeTry if self.free_try_used => self.again(sent, now, tries, random),
            Asks::FreeTry => {
                self.free_try_used = true;
                Next::Now
            }
            Asks::NewConnection if self.misdirected => Next::Stop,
            Asks::NewConnection => {
                self.misdirected = true;
                match self.again(sent, now, tries, random) {
                    Next::At { at, .. } => Next::At { at, on_new_connection: true },
                    next => next,
                }
            }
            Asks::Quota => Next::WhenPaced,
            Asks::Token => Next::WithNewToken,
            Asks::Halves => Next::TooLarge,
            Asks::Once if self.undocumented || !one_more => Next::LeaveUnknown,
            Asks::Once => {
                self.undocumented = true;
                self.again(sent, now, tries, random)
            }
            Asks::LeaveUnknown => Next::LeaveUnknown,
            Asks::Stop => Next::Stop,
        }
    }

    /// Counts a try.
    fn again(
        &mut self,
        sent: bool,
        now: Duration,
        tries: &Tries,
        random: &mut fastrand::Rng,
    ) -> Next {
        self.tries += 1;
        if self.tries >= tries.attempts {
            return Next::GaveUp;
        }
        if !sent {
            self.unreachable += 1;
            self.endpoint = (self.endpoint + 1) % tries.endpoints.max(1);
            if !self.unreachable.is_multiple_of(tries.endpoints.max(1)) {
                return Next::NextEndpoint;
            }
        }
        let at = now.saturating_add(tries.backoff.wait(self.tries, random));
        Next::At { at, on_new_connection: false }
    }

    /// It goes on as another request, with tries of its own.
    pub fn start_over(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::of_status;

    const TRIES: Tries = Tries {
        attempts: 4,
        backoff: Backoff { base: Duration::from_secs(1), max: Duration::from_secs(9) },
        endpoints: 2,
    };

    fn after(errand: &mut Errand, row: Row) -> Next {
        errand.after(&row, Duration::from_secs(100), &TRIES, &mut fastrand::Rng::with_seed(1))
    }

    fn status(status: u16) -> Row {
        of_status(status, "", false)
    }

    fn not_sent() -> Row {
        Row { evidence: Evidence::NotSent, asks: Asks::Again, ..status(503) }
    }

    #[test]
    fn tries_end_and_waiting_for_quota_or_a_token_is_none() {
        let mut errand = Errand::default();
        for _ in 0..100 {
            assert_eq!(after(&mut errand, status(429)), Next::WhenPaced);
            assert_eq!(after(&mut errand, status(401)), Next::WithNewToken);
        }
        for _ in 1..4 {
            assert!(matches!(after(&mut errand, status(503)), Next::At { .. }));
        }
        assert_eq!(after(&mut errand, status(503)), Next::GaveUp);
    }

    #[test]
    fn the_next_endpoint_comes_at_once_and_the_first_one_again_after_a_wait() {
        let mut errand = Errand::default();
        assert_eq!(after(&mut errand, not_sent()), Next::NextEndpoint);
        assert_eq!(errand.endpoint, 1);
        assert!(matches!(after(&mut errand, not_sent()), Next::At { .. }));
        assert_eq!(errand.endpoint, 0);
        assert!(
            matches!(after(&mut errand, status(503)), Next::At { .. }),
            "an answer starts over"
        );
        assert_eq!(errand.endpoint, 0, "and goes to no other endpoint");
    }

    #[test]
    fn a_conflict_is_tried_twice_and_then_is_a_refusal() {
        let mut errand = Errand::default();
        for _ in 0..2 {
            assert!(after(&mut errand, status(409)).is_sent_again());
        }
        assert_eq!(after(&mut errand, status(409)), Next::Refused);
        let mut last_try = Errand { tries: 3, ..Errand::default() };
        assert_eq!(after(&mut last_try, status(409)), Next::Refused);
    }

    #[test]
    fn what_happens_once_happens_once() {
        let row = |asks| Row { asks, ..status(503) };
        let mut errand = Errand::default();
        assert_eq!(after(&mut errand, row(Asks::FreeTry)), Next::Now);
        assert!(matches!(after(&mut errand, row(Asks::FreeTry)), Next::At { .. }), "counts now");
        let new = after(&mut errand, row(Asks::NewConnection));
        assert!(matches!(new, Next::At { on_new_connection: true, .. }));
        assert_eq!(after(&mut errand, row(Asks::NewConnection)), Next::Stop);
        let mut errand = Errand::default();
        assert!(after(&mut errand, row(Asks::Once)).is_sent_again());
        assert_eq!(after(&mut errand, row(Asks::Once)), Next::LeaveUnknown);
    }
}
