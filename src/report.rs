//! What became of every account of a call.

use std::time::Duration;

use crate::accounts::Accounts;
use hwm_engine::evidence::History;
use hwm_engine::outcome::Outcome;

use crate::model::{AccountType, UserStatus};
use crate::words;

/// The answer that decided something, shared by all accounts it decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deciding {
    pub(crate) http_status: u16,
    pub(crate) service_code: Box<str>,
    pub(crate) message: Box<str>,
    pub(crate) request_id: Box<str>,
    pub(crate) time_ms: u64,
}

/// No deciding answer.
pub(crate) const NOTHING: u32 = u32::MAX;

/// What is known of one account; 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) history: History,
    pub(crate) isolated: bool,
    pub(crate) from_journal: bool,
    pub(crate) attempts: u16,
    /// Index of the deciding answer, or [`NOTHING`].
    pub(crate) deciding: u32,
}

impl State {
    pub(crate) const NEW: State = State {
        history: History::NEW,
        isolated: false,
        from_journal: false,
        attempts: 0,
        deciding: NOTHING,
    };
}

/// What was planned: how the list was cut, and what it will take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Plan {
    /// Distinct accounts.
    pub accounts: u64,
    /// Mentions beyond the first; they are sent once.
    pub repeats: u64,
    /// Requests that a run without refusals or retries needs for what a journal leaves to send.
    pub batches: u64,
    /// Estimated milliseconds under the quota that is known; 0 when none is.
    pub estimated_ms: u64,
}

/// The truth about every distinct account of one call, in the caller's order.
pub struct Report {
    accounts: Accounts,
    states: Vec<State>,
    deciding: Vec<Deciding>,
    facts: Facts,
    /// In the order of [`Outcome::ALL`].
    counts: [usize; 4],
    from_journal_count: usize,
    from_journal_oldest_ms: u64,
}

/// What a report tells of its call as a whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) status: UserStatus,
    pub(crate) account_type: AccountType,
    pub(crate) plan: Plan,
    pub(crate) dry_run: bool,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) elapsed_ms: u64,
    pub(crate) refusals_not_reproduced: u64,
    pub(crate) ended_ms: u64,
}

/// What became of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<'r> {
    /// The caller's index of the account's first mention, from 0.
    pub index: usize,
    /// The account.
    pub account: &'r str,
    /// What became of it.
    pub outcome: Outcome,
    /// HTTP status of the deciding answer; 0 when there was none.
    pub http_status: u16,
    /// `error_code` of the deciding answer; empty when there was none.
    pub service_code: &'r str,
    /// The service's message, or what went wrong on the way; empty when all went well.
    pub message: &'r str,
    /// Request id of the deciding answer, to quote to the vendor's support; may be empty.
    pub request_id: &'r str,
    /// Requests that held the account in this call.
    pub attempts: u32,
    /// When the deciding answer came, in milliseconds since 1970-01-01 UTC; 0 when there was none.
    pub time_ms: u64,
    /// Whether the account was judged alone.
    pub isolated: bool,
    /// Whether the outcome was read from the journal of an earlier call.
    pub from_journal: bool,
}

impl Report {
    pub(crate) fn new(
        accounts: Accounts,
        states: Vec<State>,
        deciding: Vec<Deciding>,
        facts: Facts,
    ) -> Report {
        let mut counts = [0; 4];
        let mut from_journal_count = 0;
        let mut oldest = None;
        for state in &states {
            counts[state.history.outcome() as usize] += 1;
            if state.from_journal {
                from_journal_count += 1;
                let time = deciding.get(state.deciding as usize).map(|answer| answer.time_ms);
                oldest = oldest.into_iter().chain(time.filter(|time| *time > 0)).min();
            }
        }
        let from_journal_oldest_ms = oldest.unwrap_or(0);
        Report {
            accounts,
            states,
            deciding,
            facts,
            counts,
            from_journal_count,
            from_journal_oldest_ms,
        }
    }

    /// How many distinct accounts the report covers.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Never true: a report covers at least one account.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// What became of the `i`-th distinct account, or `None` past the end.
    pub fn get(&self, i: usize) -> Option<Entry<'_>> {
        let state = self.states.get(i)?;
        let position = i as u32;
        let deciding = self.deciding.get(state.deciding as usize);
        Some(Entry {
            index: self.accounts.first_mention(position) as usize,
            account: self.accounts.get(position),
            outcome: state.history.outcome(),
            http_status: deciding.map_or(0, |answer| answer.http_status),
            service_code: deciding.map_or("", |answer| &answer.service_code),
            message: deciding.map_or("", |answer| &answer.message),
            request_id: deciding.map_or("", |answer| &answer.request_id),
            attempts: u32::from(state.attempts),
            time_ms: deciding.map_or(0, |answer| answer.time_ms),
            isolated: state.isolated,
            from_journal: state.from_journal,
        })
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        (0..self.len()).map(|i| self.get(i).expect("an index below len"))
    }

    /// How many accounts have `outcome`.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.counts[outcome as usize]
    }

    /// Whether every account was applied.
    pub fn all_applied(&self) -> bool {
        self.count(Outcome::Applied) == self.len()
    }

    /// The status that was to be set.
    pub fn status(&self) -> UserStatus {
        self.facts.status
    }

    /// What the accounts were taken for.
    pub fn account_type(&self) -> AccountType {
        self.facts.account_type
    }

    /// How the list was planned.
    pub fn plan(&self) -> Plan {
        self.facts.plan
    }

    /// Whether this was a `dry_run`: nothing was sent. Every account is `not_attempted`, unless a
    /// journal says otherwise.
    pub fn is_dry_run(&self) -> bool {
        self.facts.dry_run
    }

    /// Status requests sent, retries among them.
    pub fn requests(&self) -> u64 {
        self.facts.requests
    }

    /// How many of the requests were tries after the first.
    pub fn retries(&self) -> u64 {
        self.facts.retries
    }

    /// How long the call took, in milliseconds.
    pub fn elapsed_ms(&self) -> u64 {
        self.facts.elapsed_ms
    }

    /// Refused batches of which every part passed afterwards: the batch size was the reason.
    pub fn refusals_not_reproduced(&self) -> u64 {
        self.facts.refusals_not_reproduced
    }

    /// How many outcomes were read from the journal of an earlier call, and not seen in this one.
    pub fn from_journal_count(&self) -> usize {
        self.from_journal_count
    }

    /// When the oldest of the outcomes from the journal was decided, in milliseconds since
    /// 1970-01-01 UTC; 0 when none is from there.
    pub fn from_journal_oldest_ms(&self) -> u64 {
        self.from_journal_oldest_ms
    }

    /// `; 2990 from the journal, the oldest 3 h old`, or nothing.
    fn told_from_journal(&self) -> String {
        if self.from_journal_count == 0 {
            return String::new();
        }
        let age = match self.from_journal_oldest_ms {
            0 => String::new(),
            ahead if ahead > self.facts.ended_ms => {
                ", of unknown age: the clock went back since".into()
            }
            oldest => {
                let age = Duration::from_millis(self.facts.ended_ms.saturating_sub(oldest));
                format!(", the oldest {} old", words::time(age))
            }
        };
        format!("; {} from the journal{age}", self.from_journal_count)
    }

    fn settled(&self) -> u64 {
        (self.count(Outcome::Applied) + self.count(Outcome::Rejected)) as u64
    }

    /// One line that says what happened.
    pub fn summary(&self) -> String {
        if self.facts.dry_run {
            return format!(
                "dry run: {} would be set {} in {}, nothing was sent{}",
                counted(self.facts.plan.accounts - self.settled(), "account"),
                self.facts.status,
                counted(self.facts.plan.batches, "request"),
                self.told_from_journal(),
            );
        }
        let counts: Vec<_> = Outcome::ALL
            .into_iter()
            .map(|outcome| (self.count(outcome), outcome.name().replace('_', " ")))
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        format!(
            "{} → {}: {} ({}, {:.1} s){}",
            counted(self.len() as u64, "account"),
            self.facts.status,
            counts.join(", "),
            counted(self.facts.requests, "request"),
            self.facts.elapsed_ms as f64 / 1000.0,
            self.told_from_journal(),
        )
    }
}

impl std::fmt::Debug for Report {
    /// The summary alone: a report may hold a million accounts.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Report").field(&self.summary()).finish()
    }
}

fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
