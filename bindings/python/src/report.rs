//! The core's report, as what `hwm.Report` reads from.

use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyKeyError};
use pyo3::prelude::*;

use crate::failure;
use pyo3::sync::PyOnceLock;

use crate::outcome::Outcome;

/// A report held by the library; `hwm.Report` is the face of it.
#[pyclass(module = "hwm._hwm", frozen)]
pub(crate) struct Report {
    core: Arc<hwm::Report>,
}

/// `report` as a `hwm.Report`.
pub(crate) fn wrap(py: Python<'_>, report: Arc<hwm::Report>) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CLASS.import(py, "hwm._report", "Report")?.call1((Report { core: report },))
}

#[pymethods]
impl Report {
    fn __len__(&self) -> usize {
        self.core.len()
    }

    /// What became of the account at `position`.
    fn entry(&self, position: usize) -> PyResult<Outcome> {
        self.core
            .get(position)
            .map(Outcome::from)
            .ok_or_else(|| PyIndexError::new_err("report index out of range"))
    }

    /// The positions of all accounts with this outcome.
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

    #[getter]
    fn status(&self) -> u8 {
        self.core.status() as u8
    }

    #[getter]
    fn account_type(&self) -> &'static str {
        self.core.account_type().name()
    }

    #[getter]
    fn dry_run(&self) -> bool {
        self.core.is_dry_run()
    }

    #[getter]
    fn requests(&self) -> u64 {
        self.core.requests()
    }

    #[getter]
    fn retries(&self) -> u64 {
        self.core.retries()
    }

    #[getter]
    fn elapsed_ms(&self) -> u64 {
        self.core.elapsed_ms()
    }

    #[getter]
    fn refusals_not_reproduced(&self) -> u64 {
        self.core.refusals_not_reproduced()
    }

    #[getter(from_journal_count)]
    fn journal_count(&self) -> usize {
        self.core.from_journal_count()
    }

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

    #[getter]
    fn summary(&self) -> String {
        self.core.summary()
    }

    /// The whole report as one JSON object.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.core.to_json()).map_err(|error| failure::exception(py, &error))
    }
}
