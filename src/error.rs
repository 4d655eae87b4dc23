//! What can go wrong, as one type with a kind to branch on and a sentence to read.

use std::fmt;
use std::sync::Arc;

use crate::report::Report;

/// A `Result` whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure ended a call. The numbers are those of the C ABI (`hwm_code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorKind {
    /// An argument is wrong: an empty list, a bad account, a status other than 0 or 1. Nothing was sent.
    InvalidArgument = -1,
    /// An option is unknown, badly valued, missing or in conflict with another. Nothing was sent.
    InvalidOption = -2,
    /// The service does not accept the credentials or the token.
    Authentication = -3,
    /// The credentials are accepted, but may not do this.
    Permission = -4,
    /// The enterprise has too few resources for what was asked.
    Capacity = -5,
    /// The request quota is used up for longer than `max_wait_ms` or the deadline allow.
    Quota = -6,
    /// The service could not be reached, or the connection broke, more often than `attempts` allows.
    Network = -7,
    /// `deadline_ms` ran out before every account was settled.
    Timeout = -8,
    /// The call was cancelled before every account was settled.
    Cancelled = -9,
    /// The service failed, or refused everything alike.
    Server = -10,
    /// What answered does not speak the documented protocol (a proxy's page, a redirect).
    Protocol = -11,
    /// A local file or system resource failed: the journal, the CA file, a thread.
    Io = -12,
    /// Memory for the given input could not be had.
    NoMemory = -13,
    /// A defect of this library; please report it.
    Panic = -14,
}

impl ErrorKind {
    /// Every kind, in the order in which one wins over another when several apply to a call.
    pub const BY_PRECEDENCE: [ErrorKind; 14] = [
        ErrorKind::Panic,
        ErrorKind::NoMemory,
        ErrorKind::Io,
        ErrorKind::InvalidArgument,
        ErrorKind::InvalidOption,
        ErrorKind::Authentication,
        ErrorKind::Permission,
        ErrorKind::Capacity,
        ErrorKind::Quota,
        ErrorKind::Cancelled,
        ErrorKind::Timeout,
        ErrorKind::Network,
        ErrorKind::Protocol,
        ErrorKind::Server,
    ];

    /// The number of this kind in the C ABI, always negative.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// A short stable name: `invalid_argument`, `network`, …
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::InvalidArgument => "invalid_argument",
            ErrorKind::InvalidOption => "invalid_option",
            ErrorKind::Authentication => "authentication",
            ErrorKind::Permission => "permission",
            ErrorKind::Capacity => "capacity",
            ErrorKind::Quota => "quota",
            ErrorKind::Network => "network",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Server => "server",
            ErrorKind::Protocol => "protocol",
            ErrorKind::Io => "io",
            ErrorKind::NoMemory => "no_memory",
            ErrorKind::Panic => "panic",
        }
    }

    /// Whether the call itself was wrong, so that nothing was sent.
    pub(crate) fn is_misuse(self) -> bool {
        matches!(self, ErrorKind::InvalidArgument | ErrorKind::InvalidOption)
    }

    pub(crate) fn precedence(self) -> usize {
        Self::BY_PRECEDENCE.iter().position(|kind| *kind == self).unwrap_or(usize::MAX)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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
