//! The core's report, as what `hwm.Report` reads from.

use std::sync::{Arc, OnceLock};

use pyo3::exceptions::{PyIndexError, PyKeyError, PyMemoryError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::failure;
use crate::outcome::Outcome;

/// A report held by the library; `hwm.Report` is the face of it.
#[pyclass(module = "hwm._hwm", frozen)]
pub(crate) struct Report {
    core: Arc<hwm::Report>,
    /// The positions in the order of their accounts; made at the first look for one.
    by_account: OnceLock<Vec<u32>>,
}

impl Report {
    pub(crate) fn new(core: Arc<hwm::Report>) -> Report {
        Report { core, by_account: OnceLock::new() }
    }

    fn account(&self, position: u32) -> &str {
        self.core.get(position as usize).map_or("", |entry| entry.account)
    }

    /// `None` for want of memory.
    fn sorted(&self) -> Option<Vec<u32>> {
        let mut positions = Vec::new();
        positions.try_reserve_exact(self.core.len()).ok()?;
        positions.extend(0..self.core.len() as u32);
        positions.sort_unstable_by(|&one, &other| self.account(one).cmp(self.account(other)));
        Some(positions)
    }
}

#[pymethods]
impl Report {
    fn __len__(&self) -> usize {
        self.core.len()
    }

    /// What became of the account at `position`, from 0.
    ///
    /// Raises:
    ///     IndexError: there is no such position.
    fn entry(&self, position: usize) -> PyResult<Outcome> {
        self.core
            .get(position)
            .map(Outcome::from)
            .ok_or_else(|| PyIndexError::new_err("report index out of range"))
    }

    /// The position of an account, if the report has it; blanks around it do not count.
    ///
    /// Raises:
    ///     MemoryError: there is no memory to sort the accounts, at the first look.
    fn position(&self, py: Python<'_>, account: &Bound<'_, PyString>) -> PyResult<Option<usize>> {
        // What UTF-8 cannot hold is no account.
        let Ok(account) = account.to_cow() else { return Ok(None) };
        let account = hwm::without_blanks(&account);
        let by_account = match self.by_account.get() {
            Some(known) => known,
            None => {
                let Some(sorted) = py.detach(|| self.sorted()) else {
                    return Err(PyMemoryError::new_err("no memory to look for accounts by name"));
                };
                self.by_account.get_or_init(|| sorted)
            }
        };
        let found = by_account.binary_search_by(|&position| self.account(position).cmp(account));
        Ok(found.ok().map(|at| by_account[at] as usize))
    }

    /// The positions of all accounts with this outcome.
    ///
    /// Raises:
    ///     KeyError: there is no such outcome.
    fn positions(&self, outcome: &str) -> PyResult<Vec<usize>> {
        let wanted = hwm::Outcome::ALL
            .into_iter()
            .find(|known| known.name() == outcome)
            .ok_or_else(|| PyKeyError::new_err(outcome.to_owned()))?;
        let entries = self.core.iter().enumerate();
        Ok(entries.filter(|(_, entry)| entry.outcome == wanted).map(|(at, _)| at).collect())
    }

    /// How many accounts have each outcome.
    fn counts(&self) -> [(&'static str, usize); 4] {
        hwm::Outcome::ALL.map(|outcome| (outcome.name(), self.core.count(outcome)))
    }

    /// The status that was to be set: 0 is normal, 1 disabled.
    #[getter]
    fn status(&self) -> u8 {
        self.core.status() as u8
    }

    /// What the accounts were taken for: "meeting" or "third_party".
    #[getter]
    fn account_type(&self) -> &'static str {
        self.core.account_type().name()
    }

    /// Whether nothing was to be sent.
    #[getter]
    fn dry_run(&self) -> bool {
        self.core.is_dry_run()
    }

    /// Status requests sent, retries among them; not a try that found no connection.
    #[getter]
    fn requests(&self) -> u64 {
        self.core.requests()
    }

    /// How many of the requests were tries after the first.
    #[getter]
    fn retries(&self) -> u64 {
        self.core.retries()
    }

    /// How long the call took, in milliseconds.
    #[getter]
    fn elapsed_ms(&self) -> u64 {
        self.core.elapsed_ms()
    }

    /// Refused batches of which every part passed afterwards: their size was the reason.
    #[getter]
    fn refusals_not_reproduced(&self) -> u64 {
        self.core.refusals_not_reproduced()
    }

    /// Outcomes read from the journal of an earlier call, and not seen in this one.
    #[getter(from_journal_count)]
    fn journal_count(&self) -> usize {
        self.core.from_journal_count()
    }

    /// When the oldest of these was decided, in Unix milliseconds; 0: there are none.
    #[getter(from_journal_oldest_ms)]
    fn journal_oldest_ms(&self) -> u64 {
        self.core.from_journal_oldest_ms()
    }

    /// `(accounts, repeats, batches, estimated_ms)`.
    #[getter]
    fn plan(&self) -> (u64, u64, u64, u64) {
        let plan = self.core.plan();
        (plan.accounts, plan.repeats, plan.batches, plan.estimated_ms)
    }

    /// One line that says what happened.
    #[getter]
    fn summary(&self) -> String {
        self.core.summary()
    }

    /// The whole report as one JSON object.
    ///
    /// Raises:
    ///     hwm.NoMemory: there is no memory for the text.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.core.to_json()).map_err(|error| failure::exception(py, &error))
    }
}
