//! Getting a new token: one token request until it has an answer, and what the answer means.
//!
//! A renewal belongs to the client, not to the call that began it. It takes the time as an
//! argument and says what is due; whichever call of the client looks next does it. So no call that
//! ends, blocks in a callback or panics can leave the others without a token.

use std::time::Duration;

use hwm_engine::backoff::{Backoff, BlindWait};

use crate::api::app_auth::AppUser;
use crate::api::fault::Fault;
use crate::api::token_answer::TokenAnswer;
use crate::api::{self, account_auth, app_auth, refresh_token};
use crate::batch::verdict::retry_after;
use crate::error::{Error, ErrorKind};
use crate::retry::{self, Next};
use crate::secret::Secret;
use crate::settings::{CallSettings, Credentials};
use crate::transport::{Answer, Cause, Failure, Reply, Request};

/// Seconds for which a signature is accepted after it was made.
const SIGNATURE_SECONDS: u64 = 3600;

/// How to get a token.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    Refresh(Secret),
    Authenticate,
    AskHost,
}

/// How often a renewal is tried, and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) timeout: Duration,
    pub(crate) endpoints: usize,
}

impl Policy {
    pub(crate) fn new(settings: &CallSettings, endpoints: usize) -> Policy {
        Policy {
            attempts: settings.attempts,
            backoff: Backoff { base: settings.retry_base, max: settings.retry_max },
            timeout: settings.request_timeout,
            endpoints,
        }
    }
}

/// A renewal under way.
#[derive(Debug)]
pub(crate) struct Renewal {
    /// Tells it from those before and after it.
    pub(crate) number: u64,
    /// It began because the token before was rejected, not because that was about to end.
    pub(crate) after_rejection: bool,
    way: Way,
    policy: Policy,
    random: fastrand::Rng,
    phase: Phase,
    endpoint: usize,
    /// Endpoints in a row that could not be reached.
    unreachable: usize,
    tries: u32,
    blind: BlindWait,
    /// Why it has to be tried again, and whether for a quota.
    pub(crate) held_up: Option<HeldUp>,
}

/// What keeps a renewal from its end.
#[derive(Debug, Clone)]
pub(crate) struct HeldUp {
    pub(crate) error: Error,
    pub(crate) by_quota: bool,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// To be sent from this time on.
    Due(Duration),
    /// A request is out, or the host was asked.
    Asked,
}

/// What is due.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send the request for `way` to `endpoint`.
    Send { way: Way, endpoint: usize, timeout: Duration },
    /// Ask the host.
    AskHost,
    /// Nothing before this time; `None`: before an answer comes.
    Wait(Option<Duration>),
}

/// What an answer meant.
#[derive(Debug)]
pub(crate) enum Judged {
    Token(TokenAnswer),
    /// The refresh token is of no use; the renewal goes on with full authentication.
    RefreshFailed,
    /// It is tried again.
    Again,
    Failed(Error),
}

impl Renewal {
    pub(crate) fn new(
        number: u64,
        way: Way,
        after_rejection: bool,
        policy: Policy,
        random: fastrand::Rng,
        now: Duration,
    ) -> Renewal {
        Renewal {
            number,
            after_rejection,
            way,
            policy,
            random,
            phase: Phase::Due(now),
            endpoint: 0,
            unreachable: 0,
            tries: 0,
            blind: BlindWait::default(),
            held_up: None,
        }
    }

    /// What is due. Whoever is told to send or to ask must see to it that an answer comes.
    pub(crate) fn poll(&mut self, now: Duration) -> Step {
        match self.phase {
            Phase::Asked => Step::Wait(None),
            Phase::Due(at) if at > now => Step::Wait(Some(at)),
            Phase::Due(_) => {
                self.phase = Phase::Asked;
                match &self.way {
                    Way::AskHost => Step::AskHost,
                    way => Step::Send {
                        way: way.clone(),
                        endpoint: self.endpoint,
                        timeout: self.policy.timeout,
                    },
                }
            }
        }
    }

    /// Whether a request is out, or the host is being asked.
    pub(crate) fn is_asking(&self) -> bool {
        matches!(self.phase, Phase::Asked)
    }

    /// Takes the reply to the request that was sent.
    pub(crate) fn answered(
        &mut self,
        reply: Reply,
        credentials: &Credentials,
        now: Duration,
    ) -> Judged {
        match reply {
            Ok(answer) => self.judge(&answer, credentials, now),
            Err(failure) => self.failed(&failure, now),
        }
    }

    fn judge(&mut self, answer: &Answer, credentials: &Credentials, now: Duration) -> Judged {
        self.unreachable = 0;
        if answer.status == 200
            && let Some(token) = TokenAnswer::read(answer)
        {
            return Judged::Token(token);
        }
        let fault = Fault::read(answer);
        let wait = retry_after(answer);
        let error = refusal(credentials, answer, &fault);
        let unreadable = answer.status == 200 && fault.code.is_empty();
        match retry::after_answer(answer.status, &fault.code, fault.is_html, wait.is_some()) {
            Next::WaitForQuota => {
                let wait = wait.unwrap_or_else(|| self.blind.longer());
                self.phase = Phase::Due(now.saturating_add(wait));
                self.held_up = Some(HeldUp { error, by_quota: true });
                Judged::Again
            }
            _ if matches!(self.way, Way::Refresh(_)) => self.without_refresh(now),
            Next::Again => self.again(error, now),
            _ if unreadable => self.again(error, now),
            _ => Judged::Failed(error),
        }
    }

    fn failed(&mut self, failure: &Failure, now: Duration) -> Judged {
        let error = Error::new(ErrorKind::Network, format!("authentication: {}", failure.message));
        if failure.cause == Cause::Certificate {
            return Judged::Failed(error);
        }
        if failure.sent {
            self.unreachable = 0;
            if matches!(self.way, Way::Refresh(_)) {
                return self.without_refresh(now);
            }
        } else {
            self.unreachable += 1;
            self.endpoint = (self.endpoint + 1) % self.policy.endpoints;
        }
        self.again(error, now)
    }

    fn without_refresh(&mut self, now: Duration) -> Judged {
        self.way = Way::Authenticate;
        self.tries = 0;
        self.phase = Phase::Due(now);
        Judged::RefreshFailed
    }

    /// Counts a try and waits, or gives it up.
    fn again(&mut self, error: Error, now: Duration) -> Judged {
        self.tries += 1;
        if self.tries >= self.policy.attempts {
            return Judged::Failed(error);
        }
        let next_endpoint = !self.unreachable.is_multiple_of(self.policy.endpoints);
        let wait = match next_endpoint {
            true => Duration::ZERO,
            false => self.policy.backoff.wait(self.tries, &mut self.random),
        };
        self.phase = Phase::Due(now.saturating_add(wait));
        self.held_up = Some(HeldUp { error, by_quota: false });
        Judged::Again
    }
}

/// The request that brings a token; `None` where the credentials are none of the service's.
pub(crate) fn request(credentials: &Credentials, way: &Way, unix_seconds: u64) -> Option<Request> {
    let request_id = api::new_request_id();
    match (way, credentials) {
        (Way::Refresh(token), _) => Some(refresh_token::request(token, &request_id)),
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
            Some(app_auth::request(user, app_key, unix_seconds + SIGNATURE_SECONDS, &request_id))
        }
        _ => None,
    }
}

/// Why there is no token, and what to check.
fn refusal(credentials: &Credentials, answer: &Answer, fault: &Fault) -> Error {
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
        429 => (ErrorKind::Quota, "the quota of the authentication is used up"),
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
