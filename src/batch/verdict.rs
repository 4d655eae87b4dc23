//! What one reply means for its batch and for the quota.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::api::fault::{self, Fault};
use crate::api::set_status;
use crate::batch::task::Task;
use crate::error::{Error, ErrorKind};
use crate::evidence::Evidence;
use crate::retry::{self, Next};
use crate::transport::{Answer, Cause, Failure};

/// A reply as far as its batch is concerned.
pub(crate) struct Verdict {
    pub(crate) evidence: Evidence,
    pub(crate) next: Next,
    pub(crate) http_status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) request_id: String,
    pub(crate) pace: Pace,
    /// A page with status 200: something between here and the service answered.
    pub(crate) is_page: bool,
}

/// A reply as far as the quota is concerned.
pub(crate) enum Pace {
    NotSent,
    Unanswered,
    Answered(HeaderMap),
    Refused(HeaderMap, Option<Duration>),
}

impl Verdict {
    /// What a complete answer means. `request_id`: the one that was sent.
    pub(crate) fn of_answer(answer: Answer, request_id: &str) -> Verdict {
        let fault = Fault::read(&answer);
        let retry_after = retry_after(&answer);
        let next =
            retry::after_answer(answer.status, &fault.code, fault.is_html, retry_after.is_some());
        let evidence = set_status::evidence(&answer, &fault);
        let pace = match next {
            Next::WaitForQuota => Pace::Refused(answer.headers, retry_after),
            _ => Pace::Answered(answer.headers),
        };
        Verdict {
            evidence,
            next,
            pace,
            is_page: answer.status == 200 && fault.is_html,
            http_status: answer.status,
            message: match (fault.message.is_empty(), fault.is_html) {
                (true, true) => "an HTML page, not an answer of the service".into(),
                _ => fault.message,
            },
            code: fault.code,
            request_id: if fault.request_id.is_empty() {
                request_id.into()
            } else {
                fault.request_id
            },
        }
    }

    /// What it means that there is no complete answer; notes in `task` a free try that is used.
    pub(crate) fn of_failure(failure: Failure, task: &mut Task, request_id: &str) -> Verdict {
        let reset_when_kept = failure.cause == Cause::Broken && failure.on_kept_connection;
        let next = match failure.cause {
            Cause::Certificate => Next::Stop,
            // The server closed a connection it had kept: that says nothing of the request.
            _ if reset_when_kept && !task.free_try_used => Next::AgainAtOnce,
            _ => Next::Again,
        };
        task.free_try_used |= next == Next::AgainAtOnce;
        Verdict {
            evidence: if failure.sent { Evidence::Ambiguous } else { Evidence::NotSent },
            next,
            http_status: 0,
            code: String::new(),
            message: failure.message,
            request_id: request_id.into(),
            pace: if failure.sent { Pace::Unanswered } else { Pace::NotSent },
            is_page: false,
        }
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: String) -> Error {
        Error::new(kind, message).with_answer(self.http_status, &self.code, &self.request_id)
    }

    pub(crate) fn kind_of_failure(&self) -> ErrorKind {
        match self.http_status {
            0 => ErrorKind::Network,
            200 => ErrorKind::Protocol,
            _ => ErrorKind::Server,
        }
    }

    /// `USG.201040000 user account does not exist`; errors and log lines add the request id.
    pub(crate) fn says(&self) -> String {
        let mut text = match (self.http_status, self.code.as_str()) {
            (0, _) => String::new(),
            (status, "") => format!("HTTP {status}"),
            (_, code) => code.to_owned(),
        };
        if !self.message.is_empty() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.message);
        }
        text
    }
}

/// A wait that no call sits out; keeps sums of times far from overflow.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(366 * 86_400);

/// `Retry-After` in seconds. The form with a date is not used by the gateway; it counts as absent,
/// and so does 0, which would have the same request refused again at once and for ever.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = fault::header(&answer.headers, "retry-after");
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let wait = digits.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs);
    (!wait.is_zero()).then_some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_and_never_overflows() {
        for (value, expected) in [
            ("7", Some(Duration::from_secs(7))),
            ("0", None),
            ("-1", None),
            ("Wed, 21 Oct 2015 07:28:00 GMT", None),
            ("99999999999", Some(LONGEST_RETRY_AFTER)),
            ("18446744073709551615", Some(LONGEST_RETRY_AFTER)),
            ("99999999999999999999999", Some(LONGEST_RETRY_AFTER)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            let answer = Answer { status: 429, headers, body: Default::default() };
            assert_eq!(retry_after(&answer), expected, "{value}");
        }
    }
}
