//! What can go wrong, as one type with a kind to branch on and a sentence to read.

use std::fmt;
use std::sync::Arc;

pub use hwm_engine::error_kind::ErrorKind;

use crate::fault::Fault;
use crate::report::Report;

/// A `Result` whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed: a kind, a sentence, and whatever the service said about it.
///
/// When the failure came after planning had succeeded, [`Error::report`] tells what became of
/// every account all the same. No secret is ever part of an error.
#[derive(Debug, Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    fault: Fault,
    report: Option<Arc<Report>>,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        Error { inner: Box::new(Inner { fault, report: None }) }
    }
}

impl Error {
    /// An error of `kind` that reads `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Fault::new(kind, message).into()
    }

    pub(crate) fn with_report(mut self, report: Arc<Report>) -> Self {
        self.inner.report = Some(report);
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.fault.kind
    }

    /// The sentence for a person: what was tried, what came back, what to do. It ends with the
    /// request id, in brackets, when an answer is behind it.
    pub fn message(&self) -> &str {
        &self.inner.fault.message
    }

    /// HTTP status of the answer behind this error; `None` when no answer is behind it.
    pub fn http_status(&self) -> Option<u16> {
        (self.inner.fault.http_status != 0).then_some(self.inner.fault.http_status)
    }

    /// The service's `error_code` behind this error, such as `USG.000000004`.
    pub fn service_code(&self) -> Option<&str> {
        some(&self.inner.fault.service_code)
    }

    /// The request id to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        some(&self.inner.fault.request_id)
    }

    /// What became of every account, when the call got as far as planning.
    pub fn report(&self) -> Option<&Arc<Report>> {
        self.inner.report.as_ref()
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.fault.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_id_stands_in_the_sentence_once() {
        let error = Error::from(
            Fault::new(ErrorKind::Server, "it failed").with_answer(500, "USG.1", "208b"),
        );
        assert_eq!(error.to_string(), "it failed [request 208b]");
        assert_eq!((error.message(), error.request_id()), (&*error.to_string(), Some("208b")));
        assert_eq!(Error::from(Fault::argument("no").with_answer(0, "", "")).message(), "no");
    }
}
