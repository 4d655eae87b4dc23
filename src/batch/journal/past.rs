//! What a journal's records make of the accounts of a call.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use crate::accounts::{Index, Look};
use crate::batch::journal::file::no_memory;
use crate::batch::journal::record::{Believed, End, Record};
use crate::batch::ledger::Ledger;
use crate::fault::Result;
use crate::report::{Deciding, NOTHING, State};
use hwm_engine::evidence::{Evidence, Observation};
use hwm_engine::outcome::Outcome;
use hwm_engine::verdict;

/// In `holder`: no request of the journal ever held the account, or none that is open does.
const NEVER: u32 = 0;
const NONE: u32 = 1;
/// The first number that stands for an open request.
const FIRST: u32 = 2;

/// The last millisecond that a date can be written of: the end of the year 9999.
const LAST_DATE_MS: u64 = 253_402_300_799_999;

/// Takes records in the order of the file and folds them into the ledger, with the ledger's own
/// fold. Needs memory for the accounts of the call, however long the file is.
pub(super) struct Past<'l> {
    ledger: &'l mut Ledger,
    index: Index,
    /// Which open request holds each account.
    holder: Vec<u32>,
    open: Vec<Open>,
    free: Vec<u32>,
    by_id: HashMap<String, u32>,
    /// Accounts that a request held and that are neither applied nor rejected.
    unsettled: u64,
    /// The answers before this one are of runs that finished.
    finished_answers: u32,
    /// How the last run ended, when nothing came after it.
    last: Option<End>,
}

/// A request whose answer was not read yet. Attempts on one account never overlap, so that each
/// account is in one of them at most.
#[derive(Default)]
struct Open {
    request_id: String,
    positions: Vec<u32>,
    alone: bool,
}

/// Why a journal is not resumed.
pub(super) enum Unfit {
    Finished(String),
    Failed(crate::fault::Fault),
}

impl From<crate::fault::Fault> for Unfit {
    fn from(error: crate::fault::Fault) -> Unfit {
        Unfit::Failed(error)
    }
}

impl<'l> Past<'l> {
    pub(super) fn new(ledger: &'l mut Ledger, look: Look<'_>) -> Result<Past<'l>> {
        let index = ledger.accounts.index(look)?;
        let mut holder = Vec::new();
        holder.try_reserve_exact(ledger.len()).map_err(|_| no_memory())?;
        holder.resize(ledger.len(), NEVER);
        Ok(Past {
            ledger,
            index,
            holder,
            open: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            unsettled: 0,
            finished_answers: 0,
            last: None,
        })
    }

    pub(super) fn take(&mut self, record: Record, look: Look<'_>) -> Result<()> {
        self.last = None;
        match record {
            Record::Run { believed } => {
                self.lose_all()?;
                if let Some(believed) = believed {
                    self.forget(believed, look)?;
                }
            }
            Record::Sent { request_id, accounts } => self.sent(request_id, &accounts)?,
            // An answer to a request that is not open is of accounts that are not in the list, or
            // of no account at all: it makes nothing of any.
            Record::Answered { request_id, evidence, rejected, said } => {
                if let Some(number) = self.by_id.remove(&request_id) {
                    let open = self.close(number);
                    let judges_account =
                        open.alone && (rejected || verdict::judges_account(&said.service_code));
                    // A refusal that settled nothing was to be tried again.
                    let settles = rejected || evidence != Evidence::Refused;
                    let alone = open.alone && settles;
                    let seen = Observation { evidence, alone, judges_account };
                    self.observe(&open.positions, seen, said)?;
                }
            }
            Record::End(end) => {
                self.lose_all()?;
                // Older versions called a run settled that had given accounts up.
                if end.settled && self.unsettled == 0 {
                    self.finished_answers = self.ledger.deciding.len() as u32;
                    self.last = Some(end);
                }
            }
        }
        Ok(())
    }

    fn sent(&mut self, request_id: String, accounts: &[String]) -> Result<()> {
        if let Some(number) = self.by_id.remove(&request_id) {
            self.lose(number)?;
        }
        let mut positions = Vec::new();
        positions.try_reserve_exact(accounts.len()).map_err(|_| no_memory())?;
        positions.extend(accounts.iter().filter_map(|a| self.ledger.accounts.find(&self.index, a)));
        positions.sort_unstable();
        positions.dedup();
        if positions.is_empty() {
            return Ok(());
        }
        for &position in &positions {
            match self.holder[position as usize] {
                NEVER => self.unsettled += 1,
                NONE => {}
                holder => self.supersede(position, holder - FIRST)?,
            }
        }
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                self.open.try_reserve(1).map_err(|_| no_memory())?;
                self.open.push(Open::default());
                self.free.try_reserve(self.open.len()).map_err(|_| no_memory())?;
                (self.open.len() - 1) as u32
            }
        };
        for &position in &positions {
            self.holder[position as usize] = FIRST + number;
        }
        self.by_id.try_reserve(1).map_err(|_| no_memory())?;
        self.by_id.insert(request_id.clone(), number);
        self.open[number as usize] = Open { request_id, positions, alone: accounts.len() == 1 };
        Ok(())
    }

    /// The account is sent again: the answer to the request that held it never came.
    fn supersede(&mut self, position: u32, number: u32) -> Result<()> {
        let open = &mut self.open[number as usize];
        open.positions.retain(|&held| held != position);
        let request_id = open.request_id.clone();
        if open.positions.is_empty() {
            self.by_id.remove(&request_id);
            self.close(number);
        }
        self.lost(&[position], &request_id)
    }

    /// Takes a request out of those that are open.
    fn close(&mut self, number: u32) -> Open {
        let open = std::mem::take(&mut self.open[number as usize]);
        for &position in &open.positions {
            self.holder[position as usize] = NONE;
        }
        // Its room was reserved.
        self.free.push(number);
        open
    }

    fn lose(&mut self, number: u32) -> Result<()> {
        let open = self.close(number);
        self.lost(&open.positions, &open.request_id)
    }

    /// The run that sent them is over: no answer to the open requests will come.
    fn lose_all(&mut self) -> Result<()> {
        for (_, number) in std::mem::take(&mut self.by_id) {
            self.lose(number)?;
        }
        Ok(())
    }

    fn lost(&mut self, positions: &[u32], request_id: &str) -> Result<()> {
        let seen =
            Observation { evidence: Evidence::Ambiguous, alone: false, judges_account: false };
        let said = Deciding {
            message: "an earlier call ended before the answer came".into(),
            request_id: request_id.into(),
            ..Deciding::default()
        };
        self.observe(positions, seen, said)
    }

    fn observe(&mut self, positions: &[u32], seen: Observation, said: Deciding) -> Result<()> {
        let settled = |ledger: &Ledger| {
            positions.iter().filter(|&&position| ledger.is_settled(position)).count() as u64
        };
        let before = settled(self.ledger);
        self.ledger.deciding.try_reserve(1).map_err(|_| no_memory())?;
        self.ledger.observe(positions, seen, said, None);
        self.unsettled = (self.unsettled + before).saturating_sub(settled(self.ledger));
        if self.ledger.deciding.len() > 2 * self.ledger.len() + 1024 {
            self.drop_unused_answers()?;
        }
        Ok(())
    }

    /// Keeps the answers alone that some account's outcome rests on.
    fn drop_unused_answers(&mut self) -> Result<()> {
        let mut places = Vec::new();
        places.try_reserve_exact(self.ledger.deciding.len()).map_err(|_| no_memory())?;
        places.resize(self.ledger.deciding.len(), NOTHING);
        for state in self.ledger.states.iter().filter(|state| state.deciding != NOTHING) {
            places[state.deciding as usize] = 0;
        }
        let mut kept = 0;
        let mut finished = 0;
        for (answer, place) in places.iter_mut().enumerate().filter(|(_, place)| **place == 0) {
            *place = kept;
            self.ledger.deciding.swap(answer, kept as usize);
            kept += 1;
            finished += u32::from((answer as u32) < self.finished_answers);
        }
        self.ledger.deciding.truncate(kept as usize);
        self.finished_answers = finished;
        for state in self.ledger.states.iter_mut().filter(|state| state.deciding != NOTHING) {
            state.deciding = places[state.deciding as usize];
        }
        Ok(())
    }

    /// Forgets what finished runs say of accounts whose outcome is not `believed`; returns how many.
    fn forget(&mut self, believed: Believed, look: Look<'_>) -> Result<u64> {
        let mut forgotten = 0;
        for position in 0..self.ledger.len() {
            if position % 4096 == 4095 {
                look()?;
            }
            let state = &mut self.ledger.states[position];
            if state.deciding < self.finished_answers
                && !believed.holds(self.ledger.deciding[state.deciding as usize].time_ms)
            {
                // All that a finished run touched was settled, and what was open since is not.
                let settled = self.ledger.is_settled(position as u32);
                self.unsettled = self.unsettled.saturating_sub(u64::from(!settled));
                self.ledger.states[position] = State::NEW;
                self.holder[position] = NEVER;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// The end of the journal: what is believed is the ledger's now. Returns what the next run
    /// writes as its `since_ms`.
    pub(super) fn conclude(
        mut self,
        max_age: Duration,
        now_ms: u64,
        look: Look<'_>,
    ) -> std::result::Result<Option<u64>, Unfit> {
        self.lose_all()?;
        let (applied, rejected) = self.last.and_then(|end| end.counts).unwrap_or_else(|| {
            let count = |wanted| self.ledger.count(wanted);
            (count(Outcome::Applied), count(Outcome::Rejected))
        });
        // Without an age to be believed for, a clock that was ahead does not help an outcome.
        let max_age_ms = u64::try_from(max_age.as_millis()).unwrap_or(u64::MAX);
        let since_ms = if max_age_ms == 0 { u64::MAX } else { now_ms.saturating_sub(max_age_ms) };
        let forgotten = self.forget(Believed { since_ms, until_ms: now_ms }, look)?;
        let mut believed = 0u64;
        for position in 0..self.ledger.len() as u32 {
            if position % 4096 == 4095 {
                look()?;
            }
            believed += u64::from(self.holder[position as usize] != NEVER);
            self.ledger.restored(position);
        }
        let nothing_left = max_age.is_zero() || (forgotten > 0 && believed == 0);
        if let Some(end) = self.last
            && nothing_left
        {
            return Err(Unfit::Finished(format!(
                "its run finished on {} ({applied} applied, {rejected} rejected), so nothing is \
                 left to resume, and what was true then may not be now; use a new file{}",
                date(end.time_ms),
                if max_age.is_zero() {
                    ", or set journal_max_age_h to believe it for so many hours"
                } else {
                    ": none of its outcomes is known to be younger than journal_max_age_h"
                }
            )));
        }
        Ok((forgotten > 0).then_some(since_ms))
    }
}

/// `Tue, 24 Nov 2026 08:49:27 UTC`
fn date(unix_ms: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_millis(unix_ms.min(LAST_DATE_MS));
    httpdate::fmt_http_date(time).replace("GMT", "UTC")
}
