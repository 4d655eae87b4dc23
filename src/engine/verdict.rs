//! The one table of what an answer means: its evidence, what it asks for, and what to check.
//!
//! No other place names an HTTP status or a code of the service. A new status is a row here.

use crate::answer::{Body, Cause, Failure, Reply, Said};
use crate::error_kind::ErrorKind;
use crate::evidence::Evidence;

/// The code of a token that is missing, wrong or expired; with a 403 also of one whose user may not.
const TOKEN_CODE: &str = "USG.000000004";
/// The codes that judge an account itself: it does not exist.
const ACCOUNT_CODES: [&str; 1] = ["USG.201040000"];

/// What an answer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing more: the request was carried out.
    Nothing,
    /// The request was refused: find out what in it is the reason.
    Search,
    /// Something else was at work on the same: send again, a few times; then it is a refusal.
    Conflict,
    /// Send again after a backoff.
    Again,
    /// A kept connection is to blame: send again at once, and once that does not count as a try.
    FreeTry,
    /// Send again on a new connection, once.
    NewConnection,
    /// The quota is used up: send again when it allows.
    Quota,
    /// The token was not accepted: send again with a new one.
    Token,
    /// It is too large: send it in halves.
    Halves,
    /// Success and refusal look otherwise: send again after a backoff, once.
    Once,
    /// It tells something about its accounts that cannot be read: leave them unknown.
    LeaveUnknown,
    /// No request will get a better answer: end the call.
    Stop,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What the answer shows about the accounts of its request.
    pub evidence: Evidence,
    /// What it asks for.
    pub asks: Asks,
    /// The kind of the error, if it ends a call.
    pub kind: ErrorKind,
    /// What to check then, as the end of a sentence; may be empty.
    pub advice: &'static str,
}

const fn row(evidence: Evidence, asks: Asks, kind: ErrorKind, advice: &'static str) -> Row {
    Row { evidence, asks, kind, advice }
}

/// The row of a complete answer with this status. Of a 200 its body decides: see [`of_body`].
pub fn of_status(status: u16, code: &str, has_retry_after: bool) -> Row {
    use Asks::{Again, Conflict, Halves, NewConnection, Quota, Search, Stop, Token};
    use ErrorKind::{Authentication, Permission, Protocol, Server};
    use Evidence::{Ambiguous, Declined, Refused};
    match status {
        300..=399 => {
            row(Declined, Stop, Protocol, "redirects are not followed: check endpoint and proxy")
        }
        400 | 422 => row(Refused, Search, Server, ""),
        401 => row(Declined, Token, Authentication, "the token is wrong or has expired"),
        403 if code == TOKEN_CODE => row(
            Declined,
            Token,
            Permission,
            "check that the token is valid and that its user is an administrator of this enterprise",
        ),
        403 => row(Declined, Stop, Permission, "check that the user is an administrator"),
        404 | 405 | 411 | 414 | 415 | 431 => row(Declined, Stop, Protocol, "check endpoint"),
        407 => row(Declined, Stop, Protocol, "the proxy asks for credentials: check proxy"),
        408 => row(Ambiguous, Again, Server, ""),
        409 => row(Refused, Conflict, Server, ""),
        412 => row(Declined, Stop, Authentication, "your administrator's account is disabled"),
        413 => row(Declined, Halves, Protocol, ""),
        421 => row(Declined, NewConnection, Protocol, ""),
        423 => row(Declined, Stop, Authentication, "your administrator's account is locked"),
        425 => row(Declined, Again, Server, ""),
        429 => row(Declined, Quota, ErrorKind::Quota, ""),
        // Any other answer leaves open what the service did before it.
        402..=499 => row(Ambiguous, Stop, Protocol, ""),
        501 | 505 => row(Ambiguous, Stop, Server, ""),
        503 if has_retry_after => row(Ambiguous, Quota, Server, ""),
        _ => row(Ambiguous, Again, Server, ""),
    }
}

/// The row of a 200 with this body.
pub fn of_body(body: Body) -> Row {
    use Evidence::{Ambiguous, Applied, Refused};
    let by_whom = "something between you and the service answered";
    match body {
        Body::Success => row(Applied, Asks::Nothing, ErrorKind::Protocol, ""),
        Body::Refusal => row(Refused, Asks::Search, ErrorKind::Server, ""),
        Body::Accounts => row(Ambiguous, Asks::LeaveUnknown, ErrorKind::Protocol, ""),
        Body::Page => row(Ambiguous, Asks::Again, ErrorKind::Protocol, by_whom),
        Body::Undocumented(_) => row(Ambiguous, Asks::Once, ErrorKind::Protocol, ""),
    }
}

fn of_failure(failure: &Failure) -> Row {
    let evidence = if failure.sent { Evidence::Ambiguous } else { Evidence::NotSent };
    let untrusted = "the server's certificate is not trusted, nothing was sent";
    match failure.cause {
        Cause::Certificate => row(evidence, Asks::Stop, ErrorKind::Network, untrusted),
        // The server closed a connection it had kept: that says nothing of the request.
        Cause::Broken if failure.on_kept_connection => {
            row(evidence, Asks::FreeTry, ErrorKind::Network, "")
        }
        _ => row(evidence, Asks::Again, ErrorKind::Network, ""),
    }
}

/// Whether a refusal with `code` of an account alone holds whatever was answered before.
pub fn judges_account(code: &str) -> bool {
    ACCOUNT_CODES.contains(&code)
}

/// How somebody authenticates, as far as it decides what to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// By an App ID.
    App,
    /// By the App ID of a service provider, for an enterprise.
    Provider,
    /// By account and password.
    Password,
}

/// The row of an answer to a token request that brought no token.
pub fn of_token_request(status: u16, code: &str, has_retry_after: bool, login: Login) -> Row {
    use ErrorKind::{Authentication, Protocol, Server};
    let (kind, advice) = match (status, login) {
        (400 | 403, Login::Provider) => (
            Authentication,
            "check corp_id: it is for service providers, a single enterprise must not set it",
        ),
        (400 | 401 | 403, Login::App | Login::Provider) => (
            Authentication,
            "check app_id and app_key, user_id and corp_id if set, and that this machine's clock is right",
        ),
        (400 | 401 | 403, Login::Password) => (Authentication, "check login and password"),
        (412, _) => (
            Authentication,
            "your administrator account is disabled: have it enabled, or use another",
        ),
        (423, _) => (
            Authentication,
            "your administrator account is locked: wait or have it unlocked, or use another",
        ),
        (429, _) => (ErrorKind::Quota, "the quota of the authentication is used up"),
        (200, _) => (Protocol, "the answer holds no token: check endpoint and proxy"),
        (500.., _) => (Server, "the service failed"),
        _ => (Protocol, "check endpoint and proxy"),
    };
    let general = of_status(status, code, has_retry_after);
    let asks = match general.asks {
        Asks::Again | Asks::Quota | Asks::NewConnection | Asks::FreeTry => general.asks,
        // A 200 without a token is no refusal: the next one may hold one.
        _ if status == 200 => Asks::Again,
        _ => Asks::Stop,
    };
    Row { asks, kind, advice, ..general }
}

/// The row of an answer to a reading request that brought nothing to read.
pub fn of_reading(status: u16, code: &str, has_retry_after: bool) -> Row {
    let general = of_status(status, code, has_retry_after);
    match status {
        200 => Row { kind: ErrorKind::Protocol, ..of_body(Body::Page) },
        401 | 403 | 412 | 423 => general,
        _ => Row { kind: ErrorKind::Server, advice: "the service does not list users", ..general },
    }
}

/// Whether an answer with this status to a log-out says that the token is no longer valid.
pub fn is_logged_out(status: u16) -> bool {
    matches!(status, 200 | 401)
}

/// What a reply means for its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its row of the table.
    pub row: Row,
    /// HTTP status; 0 when no answer came.
    pub http_status: u16,
    /// The service's code; empty when there is none.
    pub code: String,
    /// What it says, or what went wrong; empty when all went well.
    pub message: String,
    /// Its request id, else the one that was sent.
    pub request_id: String,
    /// Whether it is a page with status 200.
    pub is_page: bool,
}

impl Verdict {
    /// What `reply` to the request with the id `sent` means.
    pub fn new(reply: &Reply, sent: &str) -> Verdict {
        match reply {
            Ok(said) => Verdict::of_answer(said, sent),
            Err(failure) => Verdict {
                row: of_failure(failure),
                http_status: 0,
                code: String::new(),
                message: failure.message.clone(),
                request_id: sent.to_owned(),
                is_page: false,
            },
        }
    }

    fn of_answer(said: &Said, sent: &str) -> Verdict {
        let mut row = match said.body {
            Some(body) if said.status == 200 => of_body(body),
            _ => of_status(said.status, &said.code, said.retry_after.is_some()),
        };
        if said.may_be_late && row.evidence != Evidence::Ambiguous {
            row = Row { evidence: Evidence::Ambiguous, asks: Asks::FreeTry, ..row };
        }
        let told = [said.request_id.as_str(), sent].into_iter().find(|id| !id.is_empty());
        Verdict {
            row,
            http_status: said.status,
            code: said.code.clone(),
            message: said.message.clone(),
            request_id: told.unwrap_or_default().to_owned(),
            is_page: said.body == Some(Body::Page),
        }
    }

    /// `HTTP 400 USG.201040000 user account does not exist`
    pub fn tells(&self) -> String {
        let status = format!("HTTP {}", self.http_status);
        let parts = [status.as_str(), self.code.as_str(), self.message.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// `USG.201040000 user account does not exist`
    pub fn says(&self) -> String {
        let what = match (self.http_status, self.code.as_str()) {
            (0, _) => String::new(),
            (status, "") => format!("HTTP {status}"),
            (_, code) => code.to_owned(),
        };
        let parts = [what.as_str(), self.message.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_means_what_the_rules_say() {
        for status in 100..600u16 {
            let row = of_status(status, "", false);
            let evidence = match status {
                400 | 409 | 422 => Evidence::Refused,
                408 => Evidence::Ambiguous,
                300..=399 => Evidence::Declined,
                401 | 403 | 404 | 405 | 407 | 411 | 412 | 413 | 414 | 415 => Evidence::Declined,
                421 | 423 | 425 | 429 | 431 => Evidence::Declined,
                _ => Evidence::Ambiguous,
            };
            assert_eq!(row.evidence, evidence, "{status}");
            let asks = match status {
                400 | 422 => Asks::Search,
                401 => Asks::Token,
                408 | 425 => Asks::Again,
                409 => Asks::Conflict,
                413 => Asks::Halves,
                421 => Asks::NewConnection,
                429 => Asks::Quota,
                300..=499 | 501 | 505 => Asks::Stop,
                _ => Asks::Again,
            };
            assert_eq!(row.asks, asks, "{status}");
        }
        assert_eq!(of_status(403, TOKEN_CODE, false).asks, Asks::Token);
        assert_eq!(of_status(503, "", true).asks, Asks::Quota);
        assert_eq!(of_status(502, "", true).asks, Asks::Again);
    }

    #[test]
    fn nothing_but_a_recognised_success_is_applied() {
        for (body, evidence, asks) in [
            (Body::Success, Evidence::Applied, Asks::Nothing),
            (Body::Refusal, Evidence::Refused, Asks::Search),
            (Body::Accounts, Evidence::Ambiguous, Asks::LeaveUnknown),
            (Body::Page, Evidence::Ambiguous, Asks::Again),
            (Body::Undocumented("it is new"), Evidence::Ambiguous, Asks::Once),
        ] {
            let row = of_body(body);
            assert_eq!((row.evidence, row.asks), (evidence, asks), "{body:?}");
        }
        for status in (100..600).filter(|status| *status != 200) {
            let said = Said { status, body: Some(Body::Success), ..Said::default() };
            assert_ne!(Verdict::new(&Ok(said), "").row.evidence, Evidence::Applied, "{status}");
        }
        let late =
            Said { status: 200, body: Some(Body::Success), may_be_late: true, ..Said::default() };
        let row = Verdict::new(&Ok(late), "").row;
        assert_eq!((row.evidence, row.asks), (Evidence::Ambiguous, Asks::FreeTry));
    }

    #[test]
    fn a_token_request_is_tried_again_or_says_what_to_check() {
        for (status, login, asks, words) in [
            (401, Login::Password, Asks::Stop, "check login and password"),
            (401, Login::App, Asks::Stop, "check app_id and app_key"),
            (403, Login::Provider, Asks::Stop, "check corp_id"),
            (412, Login::App, Asks::Stop, "is disabled"),
            (423, Login::App, Asks::Stop, "is locked"),
            (409, Login::App, Asks::Stop, "check endpoint"),
            (413, Login::App, Asks::Stop, "check endpoint"),
            (200, Login::App, Asks::Again, "holds no token"),
            (429, Login::App, Asks::Quota, "quota"),
            (503, Login::App, Asks::Again, "the service failed"),
            (501, Login::App, Asks::Stop, "the service failed"),
        ] {
            let row = of_token_request(status, "", false, login);
            assert_eq!(row.asks, asks, "{status}");
            assert!(row.advice.contains(words), "{status}: {}", row.advice);
        }
    }
}
