//! What can go wrong, as one type with a kind to branch on and a sentence to read.

use std::fmt;
use std::sync::Arc;

pub use hwm_engine::error_kind::ErrorKind;

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
    kind: ErrorKind,
    message: String,
    http_status: u16,
    service_code: String,
    request_id: String,
    report: Option<Arc<Report>>,
}

impl Error {
    /// An error of `kind` that reads `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                http_status: 0,
                service_code: String::new(),
                request_id: String::new(),
                report: None,
            }),
        }
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn option(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidOption, message)
    }

    /// The answer behind this error. This is where its request id gets into the sentence, so that
    /// every face tells it once: ` [request 208b…]`.
    pub(crate) fn with_answer(
        mut self,
        http_status: u16,
        service_code: &str,
        request_id: &str,
    ) -> Self {
        self.inner.http_status = http_status;
        self.inner.service_code = service_code.to_owned();
        self.inner.request_id = request_id.to_owned();
        if !request_id.is_empty() {
            self.inner.message += &format!(" [request {request_id}]");
        }
        self
    }

    /// The same answer of the service, seen from further away.
    pub(crate) fn rephrased(mut self, kind: ErrorKind, message: String) -> Self {
        self.inner.kind = kind;
        self.inner.message = message;
        self
    }

    pub(crate) fn with_report(mut self, report: Arc<Report>) -> Self {
        self.inner.report = Some(report);
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The sentence for a person: what was tried, what came back, what to do. It ends with the
    /// request id, in brackets, when an answer is behind it.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// HTTP status of the answer behind this error; `None` when no answer is behind it.
    pub fn http_status(&self) -> Option<u16> {
        (self.inner.http_status != 0).then_some(self.inner.http_status)
    }

    /// The service's `error_code` behind this error, such as `USG.000000004`.
    pub fn service_code(&self) -> Option<&str> {
        some(&self.inner.service_code)
    }

    /// The request id to quote to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        some(&self.inner.request_id)
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
        f.write_str(&self.inner.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_id_stands_in_the_sentence_once() {
        let error = Error::new(ErrorKind::Server, "it failed").with_answer(500, "USG.1", "208b");
        assert_eq!(error.to_string(), "it failed [request 208b]");
        assert_eq!((error.message(), error.request_id()), (&*error.to_string(), Some("208b")));
        assert_eq!(Error::argument("no").with_answer(0, "", "").message(), "no");
    }
}
