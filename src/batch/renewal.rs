//! Fetching a token for a call that needs one.

use std::time::Duration;

use crate::api::app_auth::AppUser;
use crate::api::fault::Fault;
use crate::api::token_answer::TokenAnswer;
use crate::api::{self, account_auth, app_auth, refresh_token};
use crate::batch::run::{Reporter, Run};
use crate::batch::verdict::retry_after;
use crate::error::{Error, ErrorKind};
use crate::retry::{self, Next};
use crate::session::Session;
use crate::settings::Credentials;
use crate::token::{Renewal, TokenRequest};
use crate::transport::{Answer, Cause, Exchange, Reply, Request};

/// The number of the token exchange among a run's events.
pub(crate) const FETCH: u64 = 0;

/// Seconds for which a signature is accepted after it was made.
const SIGNATURE_SECONDS: u64 = 3600;
const FIRST_BLIND_WAIT: Duration = Duration::from_secs(2);
const LONGEST_BLIND_WAIT: Duration = Duration::from_secs(60);

/// A renewal that this call does for all calls of its client. Dropping it gives the duty back.
pub(crate) struct TokenFetch<'s> {
    session: &'s Session,
    renewal: Renewal,
    endpoint: usize,
    unreachable: usize,
    tries: u32,
    throttled: u32,
    /// When to send again; `None` while an exchange is out.
    ready_at: Option<Duration>,
    exchange: Option<Exchange>,
    done: bool,
}

impl TokenFetch<'_> {
    pub(crate) fn wakes_at(&self) -> Option<Duration> {
        self.ready_at
    }
}

impl Drop for TokenFetch<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.session.tokens.abandoned();
        }
    }
}

impl Run<'_, '_> {
    /// Renews the token: asks the host at once, or the service in the background.
    pub(crate) fn begin_fetch(&mut self, renewal: Renewal) {
        log::info!(target: "hwm", "token: {}", match renewal {
            Renewal::Refresh(_) => "refreshing",
            Renewal::Authenticate => "authenticating",
            Renewal::AskHost => "asking the host",
        });
        let ask_host = matches!(renewal, Renewal::AskHost);
        self.fetch = Some(TokenFetch {
            session: self.session,
            renewal,
            endpoint: 0,
            unreachable: 0,
            tries: 0,
            throttled: 0,
            ready_at: None,
            exchange: None,
            done: false,
        });
        if ask_host {
            self.ask_host();
        } else {
            self.send_fetch();
        }
    }

    fn ask_host(&mut self) {
        let Credentials::Callback(callback) = &self.session.settings.credentials else { return };
        let mut request = TokenRequest::default();
        self.session.callback(|| callback(&mut request));
        if request.is_withdrawn() {
            // Dropped, it gives the duty back; cancel and deadline are looked at next.
            self.fetch = None;
            return;
        }
        match request.into_answer() {
            Ok((token, valid_seconds)) => {
                self.session.tokens.given(token, valid_seconds, self.now());
                self.end_fetch();
            }
            Err(error) => self.fail_fetch(error),
        }
    }

    /// Sends the token request again when its wait is over.
    pub(crate) fn resume_fetch(&mut self) {
        let now = self.now();
        if self.fetch.as_ref().and_then(|fetch| fetch.ready_at).is_some_and(|at| at <= now) {
            self.send_fetch();
        }
    }

    fn send_fetch(&mut self) {
        let timeout = self.host.time_for(self.settings.request_timeout, self.now());
        let timeout = self.session.clock.real(timeout);
        let reporter = Reporter::new(FETCH, &self.events.0);
        let Some(fetch) = &mut self.fetch else { return };
        let Some(request) = token_request(fetch.session, &fetch.renewal) else { return };
        fetch.ready_at = None;
        fetch.exchange = Some(fetch.session.transport.start(
            fetch.endpoint,
            &request,
            timeout,
            |reply| reporter.report(reply),
        ));
    }

    /// Takes the answer to the token request.
    pub(crate) fn fetched(&mut self, reply: Reply) {
        let now = self.now();
        let unix_seconds = self.session.clock.unix_ms() / 1000;
        let Some(fetch) = &mut self.fetch else { return };
        fetch.exchange = None;
        if let Ok(answer) = &reply
            && answer.status == 200
            && let Some(token) = TokenAnswer::read(answer)
        {
            log::info!(target: "hwm", "token: renewed");
            self.session.tokens.renewed(token, now, unix_seconds);
            self.end_fetch();
            return;
        }
        if matches!(fetch.renewal, Renewal::Refresh(_)) {
            log::info!(target: "hwm", "token: the refresh failed, authenticating");
            self.session.tokens.refresh_failed();
            fetch.renewal = Renewal::Authenticate;
            fetch.tries = 0;
            self.send_fetch();
            return;
        }
        match reply {
            Ok(answer) => self.fetch_answered(&answer, now),
            Err(failure) => {
                let certificate = failure.cause == Cause::Certificate;
                let message = format!("authentication: {}", failure.message);
                if !failure.sent && !certificate {
                    fetch.unreachable += 1;
                    fetch.endpoint = (fetch.endpoint + 1) % self.session.transport.endpoints();
                }
                let error = Error::new(ErrorKind::Network, message);
                if certificate { self.fail_fetch(error) } else { self.fetch_again(error) }
            }
        }
    }

    fn fetch_answered(&mut self, answer: &Answer, now: Duration) {
        let fault = Fault::read(answer);
        let wait = retry_after(answer);
        let error = refusal(&self.session.settings.credentials, answer, &fault);
        let next = retry::after_answer(answer.status, &fault.code, fault.is_html, wait.is_some());
        let unreadable = answer.status == 200 && fault.code.is_empty();
        match next {
            Next::Again => self.fetch_again(error),
            _ if unreadable => self.fetch_again(error),
            Next::WaitForQuota => {
                let Some(fetch) = &mut self.fetch else { return };
                let blind = FIRST_BLIND_WAIT * 2u32.pow(fetch.throttled.min(5));
                let wait = wait.unwrap_or(blind.min(LONGEST_BLIND_WAIT));
                fetch.throttled += 1;
                fetch.ready_at = Some(now + wait);
                let past_deadline =
                    self.host.deadline.is_some_and(|deadline| now + wait > deadline);
                if wait > self.settings.max_wait || past_deadline {
                    let message =
                        format!("quota of the authentication exhausted, next in {wait:?}");
                    self.fail_fetch(Error::new(ErrorKind::Quota, message));
                }
            }
            _ => self.fail_fetch(error),
        }
    }

    /// Counts a try of the token request and waits, or gives it up.
    fn fetch_again(&mut self, error: Error) {
        let now = self.now();
        let endpoints = self.session.transport.endpoints();
        let Some(fetch) = &mut self.fetch else { return };
        fetch.tries += 1;
        if fetch.tries >= self.settings.attempts {
            self.fail_fetch(error);
            return;
        }
        let wait = if !fetch.unreachable.is_multiple_of(endpoints) {
            Duration::ZERO
        } else {
            self.backoff.wait(fetch.tries, &mut self.random)
        };
        fetch.ready_at = Some(now + wait);
    }

    fn end_fetch(&mut self) {
        if let Some(mut fetch) = self.fetch.take() {
            fetch.done = true;
        }
    }

    fn fail_fetch(&mut self, error: Error) {
        let usable = self.session.tokens.failed(&error, self.now());
        self.end_fetch();
        if usable {
            log::warn!(target: "hwm", "token: not renewed, going on with the present one: {error}");
        } else {
            self.ending.stop(error);
        }
    }
}

/// The request that renews a token; `None` where the credentials are none of the service's.
pub(crate) fn token_request(session: &Session, renewal: &Renewal) -> Option<Request> {
    let request_id = api::new_request_id();
    match (renewal, &session.settings.credentials) {
        (Renewal::Refresh(token), _) => Some(refresh_token::request(token, &request_id)),
        (_, Credentials::Password { login, password }) => {
            Some(account_auth::request(login, password, &request_id))
        }
        (_, Credentials::AppId { app_id, app_key, user_id, corp_id, dept_code }) => {
            let user = AppUser {
                app_id,
                corp_id: corp_id.as_deref(),
                user_id: user_id.as_deref(),
                dept_code: dept_code.as_deref(),
            };
            let expires = session.clock.unix_ms() / 1000 + SIGNATURE_SECONDS;
            Some(app_auth::request(user, app_key, expires, &request_id))
        }
        _ => None,
    }
}

/// Why there is no token, and what to check.
pub(crate) fn refusal(credentials: &Credentials, answer: &Answer, fault: &Fault) -> Error {
    let app = matches!(credentials, Credentials::AppId { .. });
    let provider = matches!(credentials, Credentials::AppId { corp_id: Some(_), .. });
    let (kind, advice) = match answer.status {
        400 | 403 if provider => (
            ErrorKind::Authentication,
            "check corp_id: it is for service providers, a single enterprise must not set it",
        ),
        400 | 401 | 403 if app => (
            ErrorKind::Authentication,
            "check app_id and app_key, user_id and corp_id if set, and that this machine's clock is right",
        ),
        400 | 401 | 403 => (ErrorKind::Authentication, "check login and password"),
        412 => (
            ErrorKind::Authentication,
            "your administrator account is disabled: have it enabled, or use another",
        ),
        423 => (
            ErrorKind::Authentication,
            "your administrator account is locked: wait or have it unlocked, or use another",
        ),
        200 => (ErrorKind::Protocol, "the answer holds no token: check endpoint and proxy"),
        500.. => (ErrorKind::Server, "the service failed"),
        _ => (ErrorKind::Protocol, "check endpoint and proxy"),
    };
    let said = [fault.code.as_str(), fault.message.as_str()].join(" ");
    Error::new(
        kind,
        format!("authentication failed: HTTP {} {}; {advice}", answer.status, said.trim()),
    )
    .with_answer(answer.status, &fault.code, &fault.request_id)
}
