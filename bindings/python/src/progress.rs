//! `hwm.Progress`: how far a call has come.

use pyo3::prelude::*;

/// How far a running call has come: what a progress callback is given.
///
/// Attributes:
///     total: distinct accounts of the call.
///     settled: accounts with a final outcome.
///     applied: accounts applied so far.
///     rejected: accounts rejected so far.
///     unknown: accounts given up as unknown so far.
///     requests: status requests sent so far, retries among them.
///     retries: how many of those were tries after the first.
///     quota_wait_ms: milliseconds until the quota lets the next request go; 0: no waiting.
///     elapsed_ms: milliseconds since the call began.
///     remaining_ms: estimated milliseconds that are left; None while there is nothing to judge by.
#[pyclass(module = "hwm", frozen, get_all, eq)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    total: u64,
    settled: u64,
    applied: u64,
    rejected: u64,
    unknown: u64,
    requests: u64,
    retries: u64,
    quota_wait_ms: u64,
    elapsed_ms: u64,
    remaining_ms: Option<u64>,
}

impl From<&hwm::Progress> for Progress {
    fn from(progress: &hwm::Progress) -> Self {
        Progress {
            total: progress.total,
            settled: progress.settled,
            applied: progress.applied,
            rejected: progress.rejected,
            unknown: progress.unknown,
            requests: progress.requests,
            retries: progress.retries,
            quota_wait_ms: progress.quota_wait_ms,
            elapsed_ms: progress.elapsed_ms,
            remaining_ms: (progress.remaining_ms != u64::MAX).then_some(progress.remaining_ms),
        }
    }
}

#[pymethods]
impl Progress {
    fn __repr__(&self) -> String {
        let mut text = format!("<hwm.Progress: {}/{} settled", self.settled, self.total);
        for (count, noun) in
            [(self.applied, "applied"), (self.rejected, "rejected"), (self.unknown, "unknown")]
        {
            if count > 0 {
                text += &format!(", {count} {noun}");
            }
        }
        text += &format!(", {} requests, {:.1} s", self.requests, self.elapsed_ms as f64 / 1000.0);
        if self.quota_wait_ms > 0 {
            text += &format!(", waiting {:.1} s for quota", self.quota_wait_ms as f64 / 1000.0);
        }
        text + ">"
    }
}
