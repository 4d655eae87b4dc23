//! The request log: what arrived, in order, and what became of it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

/// One request as it arrived and as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LoggedRequest {
    /// The order of arrival, from 1; goes on counting when the log is cleared.
    pub n: u64,
    /// The method, in capitals.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// What stood behind the question mark, or nothing.
    pub query: String,
    /// The headers in the order they were sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 in it is replaced.
    pub body: String,
    /// The accounts of a status request whose body could be read.
    pub accounts: Vec<String>,
    /// The HTTP status that was decided on, 0 when the request gets none.
    pub status: u16,
    /// The error code of the answer, or nothing.
    pub error_code: String,
    /// The accounts whose status is another because of this request.
    pub changed: Vec<String>,
    /// Whether the request got past quota, token and permission, and so reached the service.
    pub accepted: bool,
    /// When it changed something by the sandbox's clock, in Unix milliseconds; 0 when it did not.
    pub effective_at_ms: u64,
    /// Whether a whole answer was handed to the connection.
    pub answered: bool,
}

impl LoggedRequest {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(has, _)| has.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// Requests as they are told to who looks for why a test failed: a line each, without tokens and
/// passwords. Of many the last ones, for these were there when it failed.
pub(crate) struct Told<'r>(pub(crate) &'r [LoggedRequest]);

impl Told<'_> {
    const MOST_REQUESTS: usize = 200;
    const MOST_ACCOUNTS: usize = 5;
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = self.0.len().saturating_sub(Told::MOST_REQUESTS);
        write!(f, "requests: {}", self.0.len())?;
        if left_out > 0 {
            write!(f, ", of which the last are")?;
        }
        for request in &self.0[left_out..] {
            let LoggedRequest { n, method, path, status, error_code, .. } = request;
            write!(f, "\n{n:>5} {method} {path} -> {status}")?;
            if !error_code.is_empty() {
                write!(f, " {error_code}")?;
            }
            let id = request.header("x-request-id").unwrap_or("none");
            write!(f, " (id {id}, {} changed", request.changed.len())?;
            if !request.answered {
                write!(f, ", not answered whole")?;
            }
            write!(f, ")")?;
            let shown = request.accounts.iter().take(Told::MOST_ACCOUNTS);
            shown.into_iter().try_for_each(|account| write!(f, " {account:?}"))?;
            match request.accounts.len().saturating_sub(Told::MOST_ACCOUNTS) {
                0 => {}
                more => write!(f, " and {more} more")?,
            }
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Entries {
    arrived: u64,
    kept: VecDeque<LoggedRequest>,
    decided: usize,
}

/// The log, shared by all connections. A request counts as logged once it is decided what becomes of
/// it, which is before the client can see anything of an answer.
#[derive(Debug)]
pub(crate) struct RequestLog {
    entries: Mutex<Entries>,
    changed: Condvar,
    decided: watch::Sender<usize>,
}

impl RequestLog {
    pub(crate) fn new() -> RequestLog {
        RequestLog {
            entries: Mutex::default(),
            changed: Condvar::new(),
            decided: watch::Sender::new(0),
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a request that has arrived and gives it its number.
    pub(crate) fn arrive(&self, mut request: LoggedRequest) -> u64 {
        let mut entries = self.entries();
        entries.arrived += 1;
        let n = entries.arrived;
        request.n = n;
        entries.kept.push_back(request);
        n
    }

    /// Notes what becomes of request `n`; from now on it counts.
    pub(crate) fn decide(&self, n: u64, note: impl FnOnce(&mut LoggedRequest)) {
        let mut entries = self.entries();
        if let Some(request) = find(&mut entries.kept, n) {
            note(request);
            entries.decided += 1;
            self.decided.send_replace(entries.decided);
            self.changed.notify_all();
        }
    }

    /// Notes something more about request `n`, if the log still has it.
    pub(crate) fn amend(&self, n: u64, note: impl FnOnce(&mut LoggedRequest)) {
        if let Some(request) = find(&mut self.entries().kept, n) {
            note(request);
            self.changed.notify_all();
        }
    }

    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.entries().kept.iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.entries().decided
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.kept.clear();
        entries.decided = 0;
        self.decided.send_replace(0);
    }

    /// Blocks until `at_least` requests are in the log; false when `timeout` came first.
    pub(crate) fn wait(&self, at_least: usize, timeout: Duration) -> bool {
        let (entries, _) = self
            .changed
            .wait_timeout_while(self.entries(), timeout, |entries| entries.decided < at_least)
            .unwrap_or_else(PoisonError::into_inner);
        entries.decided >= at_least
    }

    /// Blocks until `condition` holds for the log; false when `timeout` came first.
    pub(crate) fn wait_until(
        &self,
        timeout: Duration,
        mut condition: impl FnMut(&[LoggedRequest]) -> bool,
    ) -> bool {
        let (_entries, waited) = self
            .changed
            .wait_timeout_while(self.entries(), timeout, |entries| {
                !condition(entries.kept.make_contiguous())
            })
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// [`RequestLog::wait`] for a task.
    pub(crate) async fn wait_async(&self, at_least: usize) {
        let mut decided = self.decided.subscribe();
        // The sender lives as long as self, so that waiting cannot fail.
        let _ = decided.wait_for(|decided| *decided >= at_least).await;
    }
}

fn find(kept: &mut VecDeque<LoggedRequest>, n: u64) -> Option<&mut LoggedRequest> {
    let first = kept.front()?.n;
    let index = usize::try_from(n.checked_sub(first)?).ok()?;
    kept.get_mut(index)
}

#[cfg(test)]
mod tests {
    use super::{LoggedRequest, RequestLog};
    use std::time::Duration;

    #[test]
    fn a_request_counts_once_it_is_decided() {
        let log = RequestLog::new();
        let n = log.arrive(LoggedRequest::default());
        assert_eq!((n, log.count(), log.all().len()), (1, 0, 1));
        assert!(!log.wait(1, Duration::ZERO));
        log.decide(n, |request| request.status = 200);
        assert!(log.wait(1, Duration::ZERO));
        assert_eq!(log.all()[0].status, 200);
    }

    #[test]
    fn a_cleared_log_forgets_requests_that_are_still_under_way() {
        let log = RequestLog::new();
        let n = log.arrive(LoggedRequest::default());
        log.clear();
        let later = log.arrive(LoggedRequest::default());
        log.decide(n, |request| request.status = 200);
        assert_eq!((later, log.count(), log.all()[0].status), (2, 0, 0));
    }
}
