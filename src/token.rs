//! Where access tokens come from: fetched once, shared, renewed when they end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api::token_answer::TokenAnswer;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::settings::Credentials;

/// A host's own source of tokens: answers the request through its methods.
pub type TokenCallback = Arc<dyn Fn(&mut TokenRequest) + Send + Sync>;

/// A question for a token, to be answered with [`TokenRequest::set`], [`TokenRequest::fail`] or
/// [`TokenRequest::withdraw`].
#[derive(Debug, Default)]
pub struct TokenRequest {
    answer: Option<std::result::Result<(Secret, u64), String>>,
    withdrawn: bool,
}

impl TokenRequest {
    /// Answers with a token (copied) that is valid for `valid_seconds` from now; 0: unknown.
    pub fn set(&mut self, token: &str, valid_seconds: u64) {
        self.answer = Some(Ok((Secret::new(token), valid_seconds)));
    }

    /// Answers that there is no token, and why. The call ends with `Authentication`.
    pub fn fail(&mut self, message: &str) {
        self.answer = Some(Err(message.to_owned()));
    }

    /// Answers that the call which asks is about to end, by its cancel or deadline, and needs no
    /// token any more. That is no failure: other calls that wait for the token ask themselves.
    pub fn withdraw(&mut self) {
        self.withdrawn = true;
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        self.withdrawn
    }

    /// The token and the seconds for which it is valid (0: unknown), or why there is none.
    pub(crate) fn into_answer(self) -> Result<(Secret, u64)> {
        let nothing = "the token callback answered neither with a token nor with a failure";
        let unfit =
            "the token callback answered with a token that is empty or holds control characters";
        self.answer
            .unwrap_or_else(|| Err(nothing.to_owned()))
            .and_then(|(token, valid_seconds)| match token.expose() {
                text if text.is_empty() || text.contains(char::is_control) => Err(unfit.to_owned()),
                _ => Ok((token, valid_seconds)),
            })
            .map_err(|message| Error::new(ErrorKind::Authentication, message))
    }
}

/// A token ends this much earlier than the service says, at most.
const LONGEST_MARGIN: Duration = Duration::from_secs(300);
/// After a renewal ahead of time that failed, the next try is this much later.
const POSTPONED: Duration = Duration::from_secs(30);

/// The token of one client, shared by its calls.
pub(crate) struct Tokens {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    generations: u64,
    renewing: bool,
    failures: u64,
    last_failure: Option<Error>,
}

struct Current {
    generation: u64,
    token: Secret,
    refresh_token: Option<Secret>,
    /// When to renew it, and when it ends; `None`: unknown.
    renew_at: Option<Duration>,
    ends_at: Option<Duration>,
    users: Vec<String>,
    /// Fetched by this client, so that it may log it out.
    fetched: bool,
    rejected: bool,
    /// Fetched because its predecessor was rejected.
    after_rejection: bool,
    /// Something other than a rejection was answered to it.
    proved: bool,
}

/// A token to send, and which one it is.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) generation: u64,
    pub(crate) token: Secret,
}

/// What a call that needs a token is to do.
pub(crate) enum Lookup {
    Ready(Lease),
    /// Another call is renewing it; look again soon.
    Busy,
    /// The caller must renew it, and tell the result.
    Renew(Renewal),
}

/// How to renew.
#[derive(Debug, Clone)]
pub(crate) enum Renewal {
    Refresh(Secret),
    Authenticate,
    AskHost,
}

impl Tokens {
    pub(crate) fn new(credentials: &Credentials) -> Tokens {
        let mut state = State::default();
        if let Credentials::Token(token) = credentials {
            state.accept(token.clone(), None, None, Vec::new(), false, Duration::ZERO);
        }
        Tokens { state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many renewals have failed so far. A call that waits compares it with what it saw first.
    pub(crate) fn failures(&self) -> u64 {
        self.lock().failures
    }

    /// The token, or what to do for one. `seen_failures`: [`Tokens::failures`] when the caller
    /// began to wait; a renewal that failed since is the caller's failure too.
    pub(crate) fn look_up(
        &self,
        credentials: &Credentials,
        now: Duration,
        seen_failures: u64,
    ) -> Result<Lookup> {
        let mut state = self.lock();
        if let Some(current) = state.current.as_ref().filter(|current| !current.rejected) {
            let due = current.renew_at.is_some_and(|at| at <= now);
            let ended = current.ends_at.is_some_and(|at| at <= now);
            if !due || (state.renewing && !ended) {
                return Ok(Lookup::Ready(Lease {
                    generation: current.generation,
                    token: current.token.clone(),
                }));
            }
        }
        if state.renewing {
            return Ok(Lookup::Busy);
        }
        if state.failures > seen_failures
            && let Some(error) = &state.last_failure
        {
            return Err(error.clone());
        }
        let refresh = state.current.as_ref().and_then(|current| current.refresh_token.clone());
        let renewal = match credentials {
            Credentials::Token(_) => {
                return Err(Error::new(
                    ErrorKind::Authentication,
                    "the service does not accept the access token: it may have expired; set \
                     access_token to a new one, or app_id and app_key so that it is renewed",
                ));
            }
            Credentials::Callback(_) => Renewal::AskHost,
            _ => refresh.map_or(Renewal::Authenticate, Renewal::Refresh),
        };
        state.renewing = true;
        Ok(Lookup::Renew(renewal))
    }

    /// The renewal brought a token from the service.
    pub(crate) fn renewed(&self, answer: TokenAnswer, now: Duration, unix_seconds: u64) {
        let valid = answer.valid_seconds.or_else(|| {
            // Only where validPeriod is missing: this depends on the wall clock.
            answer.expire_time.map(|at| at.saturating_sub(unix_seconds))
        });
        // A token that has ended already would be renewed again and again, as fast as it comes: what
        // it says of itself cannot be right (a clock may be wrong), so its end counts as unknown.
        let valid = valid.filter(|seconds| *seconds > 0);
        let mut state = self.lock();
        let users = match state.current.as_ref() {
            Some(current) if answer.users.is_empty() => current.users.clone(),
            _ => answer.users,
        };
        state.accept(answer.access_token, answer.refresh_token, valid, users, true, now);
    }

    /// The host gave a token.
    pub(crate) fn given(&self, token: Secret, valid_seconds: u64, now: Duration) {
        let valid = (valid_seconds > 0).then_some(valid_seconds);
        self.lock().accept(token, None, valid, Vec::new(), false, now);
    }

    /// The refresh token is of no use; the renewal goes on with full authentication.
    pub(crate) fn refresh_failed(&self) {
        if let Some(current) = &mut self.lock().current {
            current.refresh_token = None;
        }
    }

    /// The renewal failed for good. Returns whether the present token can be used for a while yet.
    pub(crate) fn failed(&self, error: &Error, now: Duration) -> bool {
        let mut state = self.lock();
        state.renewing = false;
        let usable = match &mut state.current {
            Some(current) if !current.rejected && current.ends_at.is_some_and(|at| at > now) => {
                current.renew_at = Some(now + POSTPONED);
                true
            }
            _ => false,
        };
        if !usable {
            state.failures += 1;
            state.last_failure = Some(error.clone());
        }
        usable
    }

    /// The caller gives up its renewal without a result.
    pub(crate) fn abandoned(&self) {
        self.lock().renewing = false;
    }

    /// A request with this generation was answered, and not for its token.
    pub(crate) fn proved(&self, generation: u64) {
        if let Some(current) = &mut self.lock().current
            && current.generation == generation
        {
            current.proved = true;
        }
    }

    /// The service rejected this generation. Returns whether renewing it again has no point: it
    /// was fetched because of a rejection and nothing else was ever answered to it.
    pub(crate) fn rejected(&self, generation: u64) -> bool {
        match &mut self.lock().current {
            Some(current) if current.generation == generation => {
                current.rejected = true;
                current.refresh_token = None;
                current.after_rejection && !current.proved
            }
            _ => false,
        }
    }

    /// Names under which the user that is logged in may stand in a list.
    pub(crate) fn users(&self) -> Vec<String> {
        self.lock().current.as_ref().map_or(Vec::new(), |current| current.users.clone())
    }

    /// Takes the token out for a log-out, if this client fetched it.
    pub(crate) fn take_fetched(&self) -> Option<Secret> {
        let current =
            self.lock().current.take_if(|current| current.fetched && !current.rejected)?;
        Some(current.token)
    }
}

impl State {
    fn accept(
        &mut self,
        token: Secret,
        refresh_token: Option<Secret>,
        valid_seconds: Option<u64>,
        users: Vec<String>,
        fetched: bool,
        now: Duration,
    ) {
        self.generations += 1;
        self.renewing = false;
        let valid = valid_seconds.map(Duration::from_secs);
        let margin = valid.map_or(Duration::ZERO, |valid| (valid / 10).min(LONGEST_MARGIN));
        self.current = Some(Current {
            generation: self.generations,
            token,
            refresh_token,
            renew_at: valid.map(|valid| now.saturating_add(valid - margin)),
            ends_at: valid.map(|valid| now.saturating_add(valid)),
            users,
            fetched,
            rejected: false,
            after_rejection: self.current.as_ref().is_some_and(|current| current.rejected),
            proved: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1_000_000);

    fn password() -> Credentials {
        Credentials::Password { login: "admin".into(), password: Secret::new("p") }
    }

    fn answer(valid_seconds: Option<u64>, expire_time: Option<u64>) -> TokenAnswer {
        TokenAnswer {
            access_token: Secret::new("t"),
            refresh_token: Some(Secret::new("r")),
            valid_seconds,
            expire_time,
            users: vec![],
        }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn one_caller_renews_and_the_others_wait() {
        let tokens = Tokens::new(&password());
        let look = |now| tokens.look_up(&password(), now, 0).unwrap();
        assert!(matches!(look(at(0)), Lookup::Renew(Renewal::Authenticate)));
        assert!(matches!(look(at(0)), Lookup::Busy));
        tokens.renewed(answer(Some(1000), None), at(0), 0);
        assert!(matches!(look(at(1)), Lookup::Ready(lease) if lease.generation == 1));
    }

    #[test]
    fn it_is_renewed_ahead_of_its_end_by_its_refresh_token_and_used_meanwhile() {
        let tokens = Tokens::new(&password());
        let look = |now| tokens.look_up(&password(), now, 0).unwrap();
        look(at(0));
        tokens.renewed(answer(Some(1000), None), at(0), 0);
        assert!(matches!(look(at(899)), Lookup::Ready(_)));
        assert!(matches!(look(at(900)), Lookup::Renew(Renewal::Refresh(_))));
        assert!(matches!(look(at(950)), Lookup::Ready(_)), "others go on with the old one");
        assert!(matches!(look(at(1000)), Lookup::Busy), "but not past its end");
    }

    #[test]
    fn the_wall_clock_counts_only_where_the_period_is_missing() {
        for (valid, expire, ends) in [(Some(100), Some(1_000_000), 100), (None, Some(1_050), 50)] {
            let tokens = Tokens::new(&password());
            tokens.renewed(answer(valid, expire), at(0), 1_000);
            let look = |now| tokens.look_up(&password(), now, 0).unwrap();
            assert!(matches!(look(at(ends * 8 / 10)), Lookup::Ready(_)));
            assert!(matches!(look(at(ends)), Lookup::Renew(_)));
        }
    }

    #[test]
    fn a_token_that_comes_ended_is_used_all_the_same() {
        for (valid, expire) in [(Some(0), None), (None, Some(10))] {
            let tokens = Tokens::new(&password());
            tokens.renewed(answer(valid, expire), at(0), 1_000);
            let looked = tokens.look_up(&password(), at(1), 0).unwrap();
            assert!(matches!(looked, Lookup::Ready(_)), "or it would be fetched without end");
        }
    }

    #[test]
    fn a_host_cannot_give_a_token_that_no_header_can_hold() {
        for text in ["", "a\r\nX-Evil: 1"] {
            let mut request = TokenRequest::default();
            request.set(text, 0);
            let error = request.into_answer().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication);
            assert!(error.message().contains("empty or holds control"), "{error}");
        }
    }

    #[test]
    fn a_token_fetched_for_a_rejection_and_rejected_at_once_ends_it() {
        let tokens = Tokens::new(&password());
        tokens.renewed(answer(None, None), at(0), 0);
        assert!(!tokens.rejected(1), "the first rejection asks for a renewal");
        assert!(matches!(
            tokens.look_up(&password(), LONG, 0),
            Ok(Lookup::Renew(Renewal::Authenticate))
        ));
        tokens.renewed(answer(None, None), at(0), 0);
        assert!(!tokens.rejected(1), "late answers to an old generation mean nothing");
        assert!(tokens.rejected(2));
        tokens.renewed(answer(None, None), at(0), 0);
        tokens.proved(3);
        assert!(!tokens.rejected(3), "an answer in between gives it a new chance");
    }

    #[test]
    fn a_failure_is_shared_by_those_who_waited_and_retried_by_those_who_come_later() {
        let tokens = Tokens::new(&password());
        let seen = tokens.failures();
        assert!(matches!(tokens.look_up(&password(), at(0), seen), Ok(Lookup::Renew(_))));
        assert!(!tokens.failed(&Error::new(ErrorKind::Authentication, "no"), at(0)));
        assert!(tokens.look_up(&password(), at(0), seen).is_err());
        let later = tokens.failures();
        assert!(matches!(tokens.look_up(&password(), at(0), later), Ok(Lookup::Renew(_))));
    }
}
