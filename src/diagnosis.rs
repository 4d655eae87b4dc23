//! What works and what does not on the way to the service, found out without changing anything.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api::{self, fault::Fault, list_users, token_answer::TokenAnswer};
use crate::batch::renewal;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;
use crate::settings::Credentials;
use crate::token::{Lookup, Renewal, TokenRequest};
use crate::transport::{Answer, Failure};

/// Longest time for each question.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Whether the credentials brought a token (`Ok` for a fixed one, which costs no request), or
    /// why not.
    pub token: Result<()>,
    /// One for each endpoint, in the order in which they are tried.
    pub endpoints: Vec<EndpointDiagnosis>,
}

/// What was found out about one endpoint.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EndpointDiagnosis {
    /// Its URL.
    pub url: String,
    /// Milliseconds that a question took (name, connection and TLS included), or why it failed.
    pub reached: std::result::Result<u64, String>,
    /// Seconds by which the service's clock is ahead of this machine's; `None` when not told.
    pub clock_skew_seconds: Option<i64>,
    /// The gateway's quota headers, as `name: value`.
    pub quotas: Vec<String>,
    /// How many users the token may see, or why it is not accepted; `None` without a token.
    pub users: Option<Result<u64>>,
}

/// Asks for a token if there is none yet, and every endpoint for its first user.
pub(crate) fn diagnose(session: &Session) -> Diagnosis {
    let token = obtain_token(session);
    let endpoints = (0..session.transport.endpoints()).map(|endpoint| {
        let lease = token.as_ref().ok().and_then(|()| look_up(session).ok());
        let token = match &lease {
            Some(Lookup::Ready(lease)) => Some(&lease.token),
            _ => None,
        };
        ask(session, endpoint, token)
    });
    let endpoints = endpoints.collect();
    Diagnosis { token, endpoints }
}

fn look_up(session: &Session) -> Result<Lookup> {
    let tokens = &session.tokens;
    tokens.look_up(&session.settings.credentials, session.clock.now(), tokens.failures())
}

fn obtain_token(session: &Session) -> Result<()> {
    let renewal = match look_up(session)? {
        Lookup::Ready(_) => return Ok(()),
        Lookup::Busy => return Err(Error::argument("another call is fetching a token")),
        Lookup::Renew(renewal) => renewal,
    };
    let mut duty = Duty { session, done: false };
    let mut result = renew(session, &renewal);
    if result.is_err() && matches!(renewal, Renewal::Refresh(_)) {
        session.tokens.refresh_failed();
        result = renew(session, &Renewal::Authenticate);
    }
    duty.done = true;
    if let Err(error) = &result {
        session.tokens.failed(error, session.clock.now());
    }
    result
}

/// The duty to renew, given back when the host's callback panics: or all calls would wait for ever.
struct Duty<'s> {
    session: &'s Session,
    done: bool,
}

impl Drop for Duty<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.session.tokens.abandoned();
        }
    }
}

fn renew(session: &Session, renewal: &Renewal) -> Result<()> {
    let now = session.clock.now();
    if let Credentials::Callback(callback) = &session.settings.credentials {
        let mut request = TokenRequest::default();
        session.callback(|| callback(&mut request));
        let (token, valid_seconds) = request.into_answer()?;
        session.tokens.given(token, valid_seconds, now);
        return Ok(());
    }
    let request = renewal::token_request(session, renewal)
        .ok_or_else(|| Error::option("no credential to authenticate with"))?;
    let answer = session.transport.run(0, &request, PATIENCE).map_err(unreached)?;
    match TokenAnswer::read(&answer).filter(|_| answer.status == 200) {
        Some(token) => {
            session.tokens.renewed(token, now, session.clock.unix_ms() / 1000);
            Ok(())
        }
        None => {
            let fault = Fault::read(&answer);
            Err(renewal::refusal(&session.settings.credentials, &answer, &fault))
        }
    }
}

fn unreached(failure: Failure) -> Error {
    Error::new(ErrorKind::Network, format!("authentication: {}", failure.message))
}

fn ask(
    session: &Session,
    endpoint: usize,
    token: Option<&crate::secret::Secret>,
) -> EndpointDiagnosis {
    let nobody = crate::secret::Secret::new("");
    let request = list_users::first(token.unwrap_or(&nobody), &api::new_request_id());
    let began = std::time::Instant::now();
    let reply = session.transport.run(endpoint, &request, PATIENCE);
    let took = began.elapsed().as_millis() as u64;
    let url = session.settings.endpoints[endpoint].as_str().trim_end_matches('/').to_owned();
    match reply {
        Err(failure) => EndpointDiagnosis {
            url,
            reached: Err(failure.message),
            clock_skew_seconds: None,
            quotas: Vec::new(),
            users: None,
        },
        Ok(answer) => EndpointDiagnosis {
            url,
            reached: Ok(took),
            clock_skew_seconds: clock_skew(&answer),
            quotas: answer
                .headers
                .iter()
                .filter(|(name, _)| name.as_str().starts_with("x-apig-ratelimit-"))
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    answer.words(&format!("{name}: {value}"))
                })
                .collect(),
            users: token.map(|_| users(&answer)),
        },
    }
}

fn users(answer: &Answer) -> Result<u64> {
    if let Some(count) = list_users::count(answer).filter(|_| answer.status == 200) {
        return Ok(count);
    }
    let fault = Fault::read(answer);
    let (kind, advice) = match answer.status {
        401 => (ErrorKind::Authentication, "the token is wrong or has expired"),
        403 => (ErrorKind::Permission, "check that the user is an administrator"),
        200 => (ErrorKind::Protocol, "something between you and the service answered"),
        _ => (ErrorKind::Server, "the service does not list users"),
    };
    let message = format!("HTTP {} {} {}; {advice}", answer.status, fault.code, fault.message);
    Err(Error::new(kind, message).with_answer(answer.status, &fault.code, &fault.request_id))
}

fn clock_skew(answer: &Answer) -> Option<i64> {
    let date = answer.headers.get("date")?.to_str().ok()?;
    let there = httpdate::parse_http_date(date).ok()?;
    let seconds =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs() as i64);
    Some(seconds(there) - seconds(SystemTime::now()))
}
