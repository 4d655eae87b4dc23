//! What one reply means for its batch and for the quota.

use std::time::Duration;

use hwm_engine::shared::pacer::QuotaSaid;

use crate::api::fault::Fault;
use crate::api::quota_headers;
use crate::api::said::{self, Said};
use crate::batch::ledger::Ledger;
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
    Answered(Vec<QuotaSaid>),
    Refused(Vec<QuotaSaid>, Option<Duration>),
}

impl Verdict {
    /// What an answer means; notes in `task` a free try that is used. `request_id`: the one that
    /// was sent.
    pub(crate) fn of_answer(
        answer: Answer,
        task: &mut Task,
        ledger: &Ledger,
        request_id: &str,
    ) -> Verdict {
        let fault = Fault::read(&answer);
        let retry_after = retry_after(&answer);
        let accounts = task.positions.iter().map(|&position| ledger.accounts.get(position));
        let said = (answer.status == 200).then(|| said::of_success(&answer, accounts));
        let mut evidence = Evidence::of_answer(answer.status, said);
        let mut next = match said {
            Some(said) => retry::after_success(said),
            None => retry::after_answer(
                answer.status,
                &fault.code,
                fault.is_html,
                retry_after.is_some(),
            ),
        };
        let message = message(&answer, &fault, said);
        if answer.may_be_late {
            // Nothing is decided by it; over a new connection it would come again.
            evidence = Evidence::Ambiguous;
            next = match next {
                Next::Again | Next::WaitForQuota => next,
                _ => task.free_try(),
            };
        }
        Verdict {
            evidence,
            next,
            http_status: answer.status,
            message,
            code: fault.code,
            request_id: match fault.request_id.is_empty() {
                true => request_id.into(),
                false => fault.request_id,
            },
            pace: match next {
                Next::WaitForQuota => {
                    Pace::Refused(quota_headers::read(&answer.headers), retry_after)
                }
                _ => Pace::Answered(quota_headers::read(&answer.headers)),
            },
            is_page: said == Some(Said::Page),
        }
    }

    /// What it means that there is no complete answer; notes in `task` a free try that is used.
    pub(crate) fn of_failure(failure: Failure, task: &mut Task, request_id: &str) -> Verdict {
        let reset_when_kept = failure.cause == Cause::Broken && failure.on_kept_connection;
        let next = match failure.cause {
            Cause::Certificate => Next::Stop,
            // The server closed a connection it had kept: that says nothing of the request.
            _ if reset_when_kept => task.free_try(),
            _ => Next::Again,
        };
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

/// What a report and an error say of an answer.
fn message(answer: &Answer, fault: &Fault, said: Option<Said>) -> String {
    let what = match said {
        Some(Said::Accounts) => "the answer names accounts of the request",
        Some(Said::Undocumented(why)) => why,
        _ if fault.message.is_empty() && fault.is_html => {
            return "an HTML page, not an answer of the service".into();
        }
        _ if answer.may_be_late => "an answer that may be the one to another request",
        _ => return fault.message.clone(),
    };
    match answer.body.is_empty() {
        true => what.to_owned(),
        false => format!("{what}: {}", answer.beginning()),
    }
}

/// A wait that no call sits out; keeps sums of times far from overflow.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(366 * 86_400);

/// `Retry-After`: seconds, or a date, which is taken against the answer's own so that this machine's
/// clock does not matter. What has passed already counts as absent, and so does 0: the same request
/// would be refused again at once and for ever.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    let header = |name| answer.headers.get(name)?.to_str().ok();
    let text = header("retry-after")?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs)
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let now = httpdate::parse_http_date(header("date")?).ok()?;
        until.duration_since(now).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_or_as_a_date_and_never_overflows() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        for (value, date, expected) in [
            ("7", None, seconds(7)),
            (" 7 ", date, seconds(7)),
            ("0", None, None),
            ("-1", None, None),
            ("99999999999", None, Some(LONGEST_RETRY_AFTER)),
            ("18446744073709551615", None, Some(LONGEST_RETRY_AFTER)),
            ("99999999999999999999999", None, Some(LONGEST_RETRY_AFTER)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", date, seconds(30)),
            ("Wednesday, 21-Oct-15 07:29:00 GMT", date, seconds(60)),
            ("Wed Oct 21 07:29:00 2015", date, seconds(60)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", date, None),
            ("Wed, 21 Oct 2015 07:27:00 GMT", date, None),
            ("Fri, 31 Dec 9999 23:59:59 GMT", date, Some(LONGEST_RETRY_AFTER)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", None, None),
            ("soon", date, None),
        ] {
            let mut answer = Answer { status: 429, ..Answer::default() };
            answer.headers.insert("retry-after", value.parse().unwrap());
            date.map(|date| answer.headers.insert("date", date.parse().unwrap()));
            assert_eq!(retry_after(&answer), expected, "{value}");
        }
    }
}
