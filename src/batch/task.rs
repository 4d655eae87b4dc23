//! One batch on its way: what it holds, and what became of its tries.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;

use crate::api::set_status;
use crate::batch::ledger::Ledger;
use crate::retry::Next;

/// Why a batch is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To set the status of its accounts.
    Set,
    /// To find the bad accounts of a refused batch; the number of the search.
    Isolate(usize),
    /// To find how much of a refused batch the capacity allows.
    Fit,
}

/// A batch to be sent, perhaps again.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) number: u64,
    pub(crate) purpose: Purpose,
    /// It is a part of a batch that was sent whole and was too large.
    pub(crate) is_part: bool,
    pub(crate) positions: Vec<u32>,
    pub(crate) body: Bytes,
    pub(crate) endpoint: usize,
    pub(crate) ready_at: Duration,
    /// Tries that count, and all of them.
    pub(crate) tries: u32,
    pub(crate) sends: u32,
    /// Endpoints in a row that could not be reached.
    pub(crate) unreachable: usize,
    pub(crate) conflicts: u32,
    /// Generations of the tokens that were rejected with it.
    pub(crate) rejecting: BTreeSet<u64>,
    pub(crate) misdirected: bool,
    pub(crate) free_try_used: bool,
    /// An answer to it was neither success nor refusal.
    pub(crate) undocumented: bool,
    /// Where the last answer is kept in the ledger.
    pub(crate) slot: Option<u32>,
}

impl Task {
    pub(crate) fn new(number: u64, purpose: Purpose, positions: Vec<u32>, ledger: &Ledger) -> Task {
        let body =
            set_status::body(positions.iter().map(|&position| ledger.accounts.get(position)));
        Task {
            number,
            purpose,
            is_part: false,
            positions,
            body,
            endpoint: 0,
            ready_at: Duration::ZERO,
            tries: 0,
            sends: 0,
            unreachable: 0,
            conflicts: 0,
            rejecting: BTreeSet::new(),
            misdirected: false,
            free_try_used: false,
            undocumented: false,
            slot: None,
        }
    }

    /// What follows on an answer that a kept connection is to blame for: once a try that does not
    /// count.
    pub(crate) fn free_try(&mut self) -> Next {
        match std::mem::replace(&mut self.free_try_used, true) {
            false => Next::AgainAtOnce,
            true => Next::Again,
        }
    }

    /// `batch 7 (accounts 601–700)`, counted from 1 as people do.
    pub(crate) fn name(&self, ledger: &Ledger) -> String {
        let mention = |position: Option<&u32>| {
            position.map_or(0, |&position| ledger.accounts.first_mention(position) + 1)
        };
        let (first, last) = (mention(self.positions.first()), mention(self.positions.last()));
        if self.positions.len() == 1 {
            format!("batch {} (account {first})", self.number)
        } else {
            format!("batch {} (accounts {first}–{last})", self.number)
        }
    }
}
