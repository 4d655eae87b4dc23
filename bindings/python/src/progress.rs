//! `hwm.Progress`: how far a call has come.

use pyo3::prelude::*;

/// How far a running call has come: what a progress callback is given.
#[pyclass(module = "hwm", frozen, get_all, eq)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Distinct accounts of the call.
    total: u64,
    /// Accounts with a final outcome: applied, rejected, or given up as unknown.
    settled: u64,
    /// Accounts applied so far.
    applied: u64,
    /// Accounts rejected so far.
    rejected: u64,
    /// Accounts given up as unknown so far.
    unknown: u64,
    /// Status requests sent so far, those still out and retries among them.
    ///
    /// A try that found no connection is none.
    requests: u64,
    /// How many of those that have ended were tries after the first.
    retries: u64,
    /// Milliseconds until the quota lets the next request go; 0: no waiting.
    quota_wait_ms: u64,
    /// Milliseconds since the call began.
    elapsed_ms: u64,
    /// Estimated milliseconds that are left; None while there is nothing to judge by.
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
