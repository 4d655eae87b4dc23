//! The book of a call: what is known of every account, and the answers that decided it.

use crate::accounts::Accounts;
use crate::error::{Error, ErrorKind, Result};
use crate::evidence::{Evidence, History, Observation};
use crate::model::Outcome;
use crate::report::{Deciding, NOTHING, State};

/// What is known of every account of one call.
pub(crate) struct Ledger {
    pub(crate) accounts: Accounts,
    pub(crate) states: Vec<State>,
    pub(crate) deciding: Vec<Deciding>,
    pub(crate) settled: u64,
    pub(crate) applied: u64,
    pub(crate) rejected: u64,
    pub(crate) unknown: u64,
}

impl Ledger {
    pub(crate) fn new(accounts: Accounts) -> Result<Ledger> {
        let mut states = Vec::new();
        states.try_reserve_exact(accounts.len()).map_err(|_| {
            Error::new(ErrorKind::NoMemory, "not enough memory for the report of the accounts")
        })?;
        states.resize(accounts.len(), State::NEW);
        Ok(Ledger {
            accounts,
            states,
            deciding: Vec::new(),
            settled: 0,
            applied: 0,
            rejected: 0,
            unknown: 0,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.states.len()
    }

    pub(crate) fn outcome(&self, position: u32) -> Outcome {
        self.states[position as usize].history.outcome()
    }

    /// Takes over what a journal says of an account; only a settled one is from the journal.
    pub(crate) fn restore(
        &mut self,
        position: u32,
        history: History,
        said: Option<&Deciding>,
        isolated: bool,
    ) {
        let settled = matches!(history.outcome(), Outcome::Applied | Outcome::Rejected);
        let state = &mut self.states[position as usize];
        state.history = history;
        if !settled {
            return;
        }
        state.from_journal = true;
        state.isolated = isolated;
        if let Some(said) = said {
            let same = self.deciding.last().is_some_and(|last| last.request_id == said.request_id);
            if !same {
                self.deciding.push(said.clone());
            }
            self.states[position as usize].deciding = (self.deciding.len() - 1) as u32;
        }
        self.settle(&[position]);
    }

    pub(crate) fn was_ambiguous(&self, position: u32) -> bool {
        self.states[position as usize].history.was_ambiguous()
    }

    /// A request that holds these accounts goes out.
    pub(crate) fn sent(&mut self, positions: &[u32]) {
        for &position in positions {
            let state = &mut self.states[position as usize];
            state.attempts = state.attempts.saturating_add(1);
        }
    }

    /// A request that held these accounts showed something. `slot` is where the last answer to
    /// the same accounts was kept, if there was one; the new one takes its place, unless it says
    /// nothing of the accounts and the one that is kept does.
    pub(crate) fn observe(
        &mut self,
        positions: &[u32],
        seen: Observation,
        deciding: Deciding,
        slot: Option<u32>,
    ) -> Option<u32> {
        let says_nothing = matches!(seen.evidence, Evidence::NotSent | Evidence::Declined);
        if says_nothing && positions.iter().any(|&position| self.is_decided(position)) {
            return slot;
        }
        let slot = match slot {
            Some(slot) => {
                self.deciding[slot as usize] = deciding;
                slot
            }
            None => {
                self.deciding.push(deciding);
                (self.deciding.len() - 1) as u32
            }
        };
        for &position in positions {
            let state = &mut self.states[position as usize];
            state.history = state.history.observe(seen);
            state.deciding = slot;
            state.isolated =
                seen.alone && matches!(seen.evidence, Evidence::Applied | Evidence::Refused);
        }
        Some(slot)
    }

    /// Whether an answer is kept that the account's outcome rests on.
    fn is_decided(&self, position: u32) -> bool {
        let state = &self.states[position as usize];
        state.deciding != NOTHING && state.history != History::NEW
    }

    /// Nothing more will be asked about these accounts.
    pub(crate) fn settle(&mut self, positions: &[u32]) {
        self.settled += positions.len() as u64;
        for &position in positions {
            match self.outcome(position) {
                Outcome::Applied => self.applied += 1,
                Outcome::Rejected => self.rejected += 1,
                Outcome::Unknown => self.unknown += 1,
                Outcome::NotAttempted => {}
            }
        }
    }
}
