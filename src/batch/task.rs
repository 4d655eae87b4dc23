//! One batch on its way: what it holds, and what became of its tries.

use std::time::Duration;

use bytes::Bytes;
use hwm_engine::errand::Errand;

use crate::api::set_status;
use crate::batch::ledger::Ledger;

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
    pub(crate) errand: Errand,
    pub(crate) ready_at: Duration,
    /// Where the last answer is kept in the ledger.
    pub(crate) slot: Option<u32>,
}

impl Task {
    pub(crate) fn new(
        number: u64,
        purpose: Purpose,
        positions: Vec<u32>,
        endpoint: usize,
        ledger: &Ledger,
    ) -> Task {
        let body =
            set_status::body(positions.iter().map(|&position| ledger.accounts.get(position)));
        Task {
            number,
            purpose,
            is_part: false,
            positions,
            body,
            errand: Errand::to(endpoint),
            ready_at: Duration::ZERO,
            slot: None,
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
