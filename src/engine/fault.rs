//! Why something failed: a kind, a sentence, and whatever the service said about it.

use std::fmt;

use crate::error_kind::ErrorKind;
use crate::verdict::Verdict;

/// Why something failed. No secret is ever part of it.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What kind of failure this is.
    pub kind: ErrorKind,
    /// The sentence for a person at work: what was tried, what came back, what to do.
    pub message: String,
    /// HTTP status of the answer behind it; 0 when none is.
    pub http_status: u16,
    /// The service's code; empty when there is none.
    pub service_code: String,
    /// The request id to quote to the vendor's support; empty when there is none.
    pub request_id: String,
}

impl Fault {
    /// A fault of `kind` that reads `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Fault {
        Fault {
            kind,
            message: message.into(),
            http_status: 0,
            service_code: String::new(),
            request_id: String::new(),
        }
    }

    /// An argument is wrong.
    pub fn argument(message: impl Into<String>) -> Fault {
        Fault::new(ErrorKind::InvalidArgument, message)
    }

    /// An option is wrong.
    pub fn option(message: impl Into<String>) -> Fault {
        Fault::new(ErrorKind::InvalidOption, message)
    }

    /// A fault that an answer is behind.
    pub fn of(verdict: &Verdict, kind: ErrorKind, message: impl Into<String>) -> Fault {
        let Verdict { http_status, code, request_id, .. } = verdict;
        Fault::new(kind, message).with_answer(*http_status, code, request_id)
    }

    /// The answer behind it. This is where its request id gets into the sentence, so that every face
    /// tells it once: ` [request 208b…]`.
    pub fn with_answer(mut self, http_status: u16, service_code: &str, request_id: &str) -> Fault {
        self.http_status = http_status;
        self.service_code = service_code.to_owned();
        self.request_id = request_id.to_owned();
        if !request_id.is_empty() {
            self.message += &format!(" [request {request_id}]");
        }
        self
    }

    /// The same answer of the service, seen from further away.
    pub fn rephrased(mut self, kind: ErrorKind, message: String) -> Fault {
        self.kind = kind;
        self.message = message;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
