//! The book of a call: what is known of every account, and the answers that decided it.

use crate::accounts::Accounts;
use crate::fault::{ErrorKind, Fault, Result};
use crate::report::{Deciding, NOTHING, State};
use hwm_engine::evidence::{Evidence, History, Observation};
use hwm_engine::outcome::Outcome;

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
            Fault::new(ErrorKind::NoMemory, "not enough memory for the report of the accounts")
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

    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        (0..self.len() as u32).filter(|&position| self.outcome(position) == outcome).count() as u64
    }

    pub(crate) fn is_settled(&self, position: u32) -> bool {
        matches!(self.outcome(position), Outcome::Applied | Outcome::Rejected)
    }

    /// Whether every account is applied or rejected: there is nothing to resume.
    pub(crate) fn is_all_settled(&self) -> bool {
        (0..self.len() as u32).all(|position| self.is_settled(position))
    }

    /// What is known of an account was read from a journal. What an earlier call did not send
    /// says nothing about this one.
    pub(crate) fn restored(&mut self, position: u32) {
        let outcome = self.outcome(position);
        let state = &mut self.states[position as usize];
        match outcome {
            Outcome::NotAttempted => *state = State::NEW,
            _ => state.from_journal = true,
        }
        if self.is_settled(position) {
            self.settle(&[position]);
        }
    }

    /// Forgets all but the list.
    pub(crate) fn forget_all(&mut self) {
        self.states.fill(State::NEW);
        self.deciding.clear();
        (self.settled, self.applied, self.rejected, self.unknown) = (0, 0, 0, 0);
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
    /// the same accounts was kept, if there was one; the new one takes its place. An account's
    /// answer stays when the new one does not bear on the outcome.
    pub(crate) fn observe(
        &mut self,
        positions: &[u32],
        seen: Observation,
        deciding: Deciding,
        slot: Option<u32>,
    ) -> Option<u32> {
        let bearing = positions.iter().filter(|&&p| self.bears_on(seen.evidence, p)).count();
        if bearing == 0 {
            return slot;
        }
        let slot = match slot {
            Some(slot) if bearing == positions.len() => {
                self.deciding[slot as usize] = deciding;
                slot
            }
            _ => {
                self.deciding.push(deciding);
                (self.deciding.len() - 1) as u32
            }
        };
        for &position in positions {
            let bears = self.bears_on(seen.evidence, position);
            let state = &mut self.states[position as usize];
            state.history = state.history.observe(seen);
            if bears {
                state.deciding = slot;
                state.from_journal = false;
                state.isolated =
                    seen.alone && matches!(seen.evidence, Evidence::Applied | Evidence::Refused);
            }
        }
        Some(slot)
    }

    /// Whether an answer may be what the account's outcome rests on: one that came before the
    /// service acted is not when another is kept, and nothing but a success is after a success.
    fn bears_on(&self, evidence: Evidence, position: u32) -> bool {
        let state = &self.states[position as usize];
        match evidence {
            Evidence::NotSent | Evidence::Declined => {
                state.deciding == NOTHING || state.history == History::NEW
            }
            Evidence::Refused | Evidence::Ambiguous => self.outcome(position) != Outcome::Applied,
            Evidence::Applied => true,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str) -> Deciding {
        Deciding { message: message.into(), ..Deciding::default() }
    }

    #[test]
    fn an_account_keeps_the_answer_that_its_outcome_rests_on() {
        let accounts = Accounts::collect(["a", "b"], &mut || Ok(())).unwrap();
        let mut ledger = Ledger::new(accounts).unwrap();
        let seen = |evidence| Observation { evidence, alone: false, judges_account: false };
        ledger.observe(&[0], seen(Evidence::Refused), said("refused"), None);
        let slot = ledger.observe(&[0, 1], seen(Evidence::Declined), said("later"), None);
        let message = |ledger: &Ledger, position: usize| {
            ledger.deciding[ledger.states[position].deciding as usize].message.clone()
        };
        assert_eq!((&*message(&ledger, 0), &*message(&ledger, 1)), ("refused", "later"));
        ledger.observe(&[0, 1], seen(Evidence::Declined), said("again"), slot);
        assert_eq!((&*message(&ledger, 0), &*message(&ledger, 1)), ("refused", "again"));
        ledger.observe(&[0, 1], seen(Evidence::Applied), said(""), slot);
        ledger.observe(&[0, 1], seen(Evidence::Ambiguous), said("lost"), None);
        assert_eq!((&*message(&ledger, 0), &*message(&ledger, 1)), ("", ""));
        assert_eq!(ledger.count(Outcome::Applied), 2);
    }
}
