//! What works and what does not on the way to the service, found out without changing anything.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hwm_engine::verdict::{self, Verdict};

use crate::api::{self, list_users, quota_headers, said};
use crate::bell::Bell;
use crate::error::{Error, Result};
use crate::fault::{self, ErrorKind, Fault};
use crate::message::Answer;
use crate::renewal::Policy;
use crate::secret::Secret;
use crate::session::Session;
use crate::settings::CallSettings;
use crate::token::{Lease, Need};
use crate::words;

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
    /// Whether the client connects to it itself; else through a proxy, which looks its name up.
    pub direct: bool,
    /// Milliseconds that a question took (name, connection and TLS included), or why it failed.
    pub reached: std::result::Result<u64, String>,
    /// Seconds by which the service's clock is ahead of this machine's; `None` when not told.
    pub clock_skew_seconds: Option<i64>,
    /// The gateway's quota headers, as `name: value`.
    pub quotas: Vec<String>,
    /// How many users the token may see, or why it is not accepted; `None` without a token.
    pub users: Option<Result<u64>>,
}

/// Asks for a token if there is none yet, and every endpoint for its first user. `settings`: those
/// of a call that overrides nothing.
pub(crate) fn diagnose(session: &Session, settings: &CallSettings) -> Result<Diagnosis> {
    let _visit = session.turns.visit();
    // It may have been closed a moment ago; from now on it cannot be.
    session.check_usable("diagnose")?;
    let policy = Policy::new(settings, session.transport.endpoints());
    let token = obtain_token(session, &policy);
    let language = settings.language;
    let endpoints = (0..session.transport.endpoints())
        .map(|endpoint| {
            let token = token.as_ref().ok().map(|lease| &lease.token);
            ask(session, endpoint, token, language)
        })
        .collect();
    let token = token.map(|_| ()).map_err(Error::from);
    Ok(Diagnosis { token, endpoints })
}

/// The token, fetched like for any call. A renewal that takes longer than this diagnosis waits goes
/// on for others.
fn obtain_token(session: &Session, policy: &Policy) -> fault::Result<Lease> {
    let bell = Bell::new();
    let mut waits_for = None;
    let patient_until = Instant::now() + PATIENCE;
    loop {
        let (until, held_up) = match session.token(policy, bell.waker(), &mut waits_for)? {
            Need::Use(lease) => return Ok(lease),
            Need::Wait { until, held_up } => (until, held_up),
            // Nobody else is asked, so there is nothing to wait for.
            Need::AskHost | Need::Send { .. } => {
                let why = "authentication: the token callback withdrew its answer";
                return Err(Fault::new(ErrorKind::Authentication, why));
            }
        };
        let left = patient_until.saturating_duration_since(Instant::now());
        let until_due = until.map(|at| at.saturating_sub(session.clock.now()));
        let wait = until_due.map_or(left, |wait| session.clock.real(wait));
        if left.is_zero() || wait > left {
            return Err(held_up.map(|held_up| held_up.error).unwrap_or_else(|| {
                let waited = words::time(PATIENCE);
                Fault::new(ErrorKind::Network, format!("authentication: no answer within {waited}"))
            }));
        }
        bell.wait(wait);
    }
}

fn ask(
    session: &Session,
    endpoint: usize,
    token: Option<&Secret>,
    language: Option<&str>,
) -> EndpointDiagnosis {
    let nobody = Secret::new("");
    let request = list_users::first(token.unwrap_or(&nobody), language, &api::new_request_id());
    let began = Instant::now();
    let reply = session.transport.run(endpoint, &request, PATIENCE);
    let took = began.elapsed().as_millis() as u64;
    let url = session.settings.endpoints[endpoint].as_str().trim_end_matches('/').to_owned();
    let direct = session.transport.goes_direct(endpoint);
    match reply {
        Err(failure) => EndpointDiagnosis {
            url,
            direct,
            reached: Err(failure.message),
            clock_skew_seconds: None,
            quotas: Vec::new(),
            users: None,
        },
        Ok(answer) => EndpointDiagnosis {
            url,
            direct,
            reached: Ok(took),
            clock_skew_seconds: clock_skew(&answer),
            quotas: answer
                .headers
                .iter()
                .filter(|(name, _)| name.as_str().starts_with(quota_headers::PREFIX))
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
    let said = said::read(answer, std::iter::empty());
    let row = verdict::of_reading(said.status, &said.code, said.retry_after.is_some());
    let verdict = Verdict::new(&Ok(said), "");
    let message = format!("{}; {}", verdict.tells(), row.advice);
    Err(Fault::of(&verdict, row.kind, message).into())
}

fn clock_skew(answer: &Answer) -> Option<i64> {
    let date = answer.headers.get("date")?.to_str().ok()?;
    let there = httpdate::parse_http_date(date).ok()?;
    let seconds =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs() as i64);
    Some(seconds(there) - seconds(SystemTime::now()))
}
