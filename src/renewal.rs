//! Getting a new token: one token request until it has an answer, and what the answer means.
//!
//! A renewal belongs to the client, not to the call that began it. It takes the time as an
//! argument and says what is due; whichever call of the client looks next does it. So no call that
//! ends, blocks in a callback or panics can leave the others without a token.

use std::time::Duration;

use hwm_engine::backoff::{Backoff, BlindWait};
use hwm_engine::errand::{Errand, Next, Tries};
use hwm_engine::evidence::Evidence;
use hwm_engine::verdict::{self, Asks, Login, Verdict};

use crate::api::app_auth::AppUser;
use crate::api::token_answer::TokenAnswer;
use crate::api::{self, account_auth, app_auth, refresh_token, said};
use crate::fault::Fault;
use crate::message::{Reply, Request};
use crate::secret::Secret;
use crate::settings::{CallSettings, Credentials};

/// Seconds for which a signature is accepted after it was made.
const SIGNATURE_SECONDS: u64 = 3600;

/// How to get a token.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    Refresh(Secret),
    Authenticate,
    AskHost,
}

/// How a call sends: how often, and for how long each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) tries: Tries,
    pub(crate) timeout: Duration,
    /// Of the service's messages.
    pub(crate) language: Option<&'static str>,
}

impl Policy {
    pub(crate) fn new(settings: &CallSettings, endpoints: usize) -> Policy {
        let backoff = Backoff { base: settings.retry_base, max: settings.retry_max };
        let tries = Tries { attempts: settings.attempts, backoff, endpoints };
        Policy { tries, timeout: settings.request_timeout, language: settings.language }
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
    errand: Errand,
    blind: BlindWait,
    /// Why it has to be tried again, and whether for a quota.
    pub(crate) held_up: Option<HeldUp>,
}

/// What keeps a renewal from its end.
#[derive(Debug, Clone)]
pub(crate) struct HeldUp {
    pub(crate) error: Fault,
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
    Failed(Fault),
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
            errand: Errand::default(),
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
                        endpoint: self.errand.endpoint,
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
        if let Ok(answer) = &reply
            && answer.status == 200
            && !answer.may_be_late
            && let Some(token) = TokenAnswer::read(answer)
        {
            return Judged::Token(token);
        }
        let reply = reply.map(|answer| said::read(&answer, std::iter::empty()));
        let mut verdict = Verdict::new(&reply, "");
        let wait = reply.as_ref().ok().and_then(|said| said.retry_after);
        // What may be the answer to another request says nothing of this one.
        if reply.as_ref().is_ok_and(|said| !said.may_be_late) {
            let (status, code) = (verdict.http_status, &verdict.code);
            verdict.row =
                verdict::of_token_request(status, code, wait.is_some(), login(credentials));
        }
        self.judge(&verdict, wait, now)
    }

    fn judge(&mut self, verdict: &Verdict, wait: Option<Duration>, now: Duration) -> Judged {
        let error = refusal(verdict);
        let reached = verdict.row.evidence != Evidence::NotSent;
        if matches!(self.way, Way::Refresh(_)) && reached && verdict.row.asks != Asks::Quota {
            self.way = Way::Authenticate;
            self.errand.start_over();
            self.phase = Phase::Due(now);
            return Judged::RefreshFailed;
        }
        let next = self.errand.after(&verdict.row, now, &self.policy.tries, &mut self.random);
        let by_quota = next == Next::WhenPaced;
        let due = match next {
            Next::WhenPaced => now.saturating_add(wait.unwrap_or_else(|| self.blind.longer())),
            Next::Now | Next::NextEndpoint => now,
            Next::At { at, .. } => at,
            _ => return Judged::Failed(error),
        };
        self.phase = Phase::Due(due);
        self.held_up = Some(HeldUp { error, by_quota });
        Judged::Again
    }
}

/// The request that brings a token; `None` where the credentials are none of the service's.
pub(crate) fn request(
    credentials: &Credentials,
    way: &Way,
    language: Option<&str>,
    unix_seconds: u64,
) -> Option<Request> {
    let request_id = api::new_request_id();
    let mut request = match (way, credentials) {
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
    }?;
    request.headers.extend(api::language(language));
    Some(request)
}

fn login(credentials: &Credentials) -> Login {
    match credentials {
        Credentials::AppId { corp_id: Some(_), .. } => Login::Provider,
        Credentials::AppId { .. } => Login::App,
        _ => Login::Password,
    }
}

/// Why there is no token, and what to check.
fn refusal(verdict: &Verdict) -> Fault {
    let Verdict { row, http_status, message, .. } = verdict;
    if *http_status == 0 {
        return Fault::new(row.kind, format!("authentication: {message}"));
    }
    let message = format!("authentication failed: {}; {}", verdict.tells(), row.advice);
    Fault::of(verdict, row.kind, message)
}
