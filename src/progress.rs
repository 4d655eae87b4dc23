//! How far a call has come.

use std::ops::ControlFlow;

/// A callback that is shown the progress of a call; a `Break` cancels the call.
pub type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// A snapshot of a running call, given to the progress callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Distinct accounts of the call.
    pub total: u64,
    /// Accounts with a final outcome: `applied`, `rejected` or given up as `unknown`.
    pub settled: u64,
    /// Accounts applied so far.
    pub applied: u64,
    /// Accounts rejected so far.
    pub rejected: u64,
    /// Accounts given up as unknown so far.
    pub unknown: u64,
    /// Status requests sent so far, retries among them.
    pub requests: u64,
    /// How many of those were tries after the first.
    pub retries: u64,
    /// Milliseconds until the request quota lets the next request go; 0 when it does not wait.
    pub quota_wait_ms: u64,
    /// Milliseconds since the call began.
    pub elapsed_ms: u64,
    /// Estimated milliseconds that are left; `u64::MAX` while there is nothing to judge by.
    pub remaining_ms: u64,
}
