//! What came back on a request, in plain words: whoever read it from the wire has blanked secrets and
//! made its texts fit to be shown.

use std::time::Duration;

use crate::shared::pacer::QuotaSaid;

/// A complete answer, or why there is none.
pub type Reply = Result<Said, Failure>;

/// What a complete answer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Its HTTP status.
    pub status: u16,
    /// The service's code, such as `USG.201040000`; empty when it has none.
    pub code: String,
    /// What it says, or what there is to say of it; empty when all went well.
    pub message: String,
    /// Its request id; empty when it tells none.
    pub request_id: String,
    /// What its body says, if its status is 200.
    pub body: Option<Body>,
    /// How long to wait before the next request, if it tells.
    pub retry_after: Option<Duration>,
    /// The quotas that it tells of.
    pub quotas: Vec<QuotaSaid>,
    /// It may be the answer to another request: it decides nothing.
    pub may_be_late: bool,
}

/// What the body of a 200 says about its request. A success is recognised, never assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// That it was carried out.
    Success,
    /// That it was refused, by a code.
    Refusal,
    /// Something about accounts of the request: perhaps which of them failed.
    Accounts,
    /// Nothing: it is a page, not an answer of the service.
    Page,
    /// Something that is documented nowhere, and why it cannot be taken for a success.
    Undocumented(&'static str),
}

/// Why there is no complete answer.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Whether a byte of the request may have been written.
    pub sent: bool,
    /// What went wrong.
    pub cause: Cause,
    /// The same in words.
    pub message: String,
    /// Whether the exchange surely went over a connection that had been kept alive.
    pub on_kept_connection: bool,
}

impl Failure {
    /// An exchange that ended without a word.
    pub fn abandoned() -> Failure {
        Failure {
            sent: true,
            cause: Cause::Broken,
            message: "the exchange was abandoned".into(),
            on_kept_connection: false,
        }
    }
}

/// What went wrong on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No connection came about.
    Connect,
    /// The server's certificate is not trusted.
    Certificate,
    /// It took too long.
    Timeout,
    /// The connection broke.
    Broken,
    /// The answer is larger than any that is documented.
    TooLarge,
}
