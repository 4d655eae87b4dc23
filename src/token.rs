//! The access token of a client: fetched once, shared by its calls, renewed when it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api::token_answer::TokenAnswer;
use crate::bell::Waker;
use crate::fault::{ErrorKind, Fault, Result};
use crate::message::Reply;
use crate::renewal::{HeldUp, Judged, Policy, Renewal, Step, Way};
use crate::secret::Secret;
use crate::settings::Credentials;

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
    renewal: Option<Renewal>,
    renewals: u64,
    /// The last renewal that failed, unless one has brought a token since.
    failed: Option<(u64, Fault)>,
    /// A reply to the renewal, and when it came.
    mail: Option<(Duration, Reply)>,
    /// Those that wait for the renewal.
    wakers: Vec<Waker>,
    /// What is to be logged once the lock is free: a host's log function may call the client.
    notes: Vec<(log::Level, String)>,
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
#[derive(Debug)]
pub(crate) enum Need {
    Use(Lease),
    /// Send the token request, and hand the reply to [`Tokens::arrived`] in any case.
    Send {
        way: Way,
        endpoint: usize,
        timeout: Duration,
    },
    /// Ask the host on this thread, and hand its answer to [`Tokens::host_answered`] in any case.
    AskHost,
    /// Look again at this time, or when woken.
    Wait {
        until: Option<Duration>,
        held_up: Option<HeldUp>,
    },
}

/// What a call brings when it looks for a token.
pub(crate) struct Seeker<'s> {
    pub(crate) credentials: &'s Credentials,
    pub(crate) policy: &'s Policy,
    pub(crate) now: Duration,
    pub(crate) unix_seconds: u64,
    pub(crate) waker: &'s Waker,
    /// The renewal that the call waits for.
    pub(crate) waits_for: &'s mut Option<u64>,
}

impl Tokens {
    pub(crate) fn new(credentials: &Credentials) -> Tokens {
        let mut state = State::default();
        if let Credentials::Token(token) = credentials {
            state.accept(Given::bare(token.clone(), None), Duration::ZERO);
        }
        Tokens { state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token, or what to do for one. Fails when the renewal that the call waited for failed.
    pub(crate) fn look_up(&self, seeker: Seeker<'_>) -> Result<Need> {
        self.with(|state| state.look_up(seeker))
    }

    /// Does something with the state, and logs what came of it.
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state);
        let notes = std::mem::take(&mut state.notes);
        drop(state);
        for (level, note) in notes {
            log::log!(target: "hwm", level, "{note}");
        }
        result
    }

    /// Whether the service is being asked for a token; then `waker` runs when it has answered.
    pub(crate) fn is_asking(&self, waker: &Waker) -> bool {
        let mut state = self.lock();
        let asking = state.mail.is_none() && state.renewal.as_ref().is_some_and(Renewal::is_asking);
        if asking {
            state.wakers.push(waker.clone());
        }
        asking
    }

    /// The reply to the token request came. Runs on the I/O thread: whichever call looks next
    /// deals with it.
    pub(crate) fn arrived(&self, reply: Reply, now: Duration) {
        let mut state = self.lock();
        state.mail = Some((now, reply));
        state.wake();
    }

    /// The host answered, or (`None`) could not be asked.
    pub(crate) fn host_answered(&self, answer: Option<Result<(Secret, u64)>>, now: Duration) {
        self.with(|state| {
            match answer {
                Some(Ok((token, valid_seconds))) => {
                    let valid = (valid_seconds > 0).then_some(valid_seconds);
                    state.accept(Given::bare(token, valid), now);
                }
                Some(Err(error)) => state.fail(error, now),
                None => state.renewal = None,
            }
            state.wake();
        });
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
    pub(crate) fn take_fetched(
        &self,
        credentials: &Credentials,
        unix_seconds: u64,
    ) -> Option<Secret> {
        self.with(|state| {
            state.take_mail(credentials, unix_seconds);
            let current = state.current.take_if(|current| current.fetched && !current.rejected)?;
            Some(current.token)
        })
    }
}

/// What a renewal brought.
struct Given {
    token: Secret,
    refresh_token: Option<Secret>,
    valid_seconds: Option<u64>,
    users: Vec<String>,
    fetched: bool,
}

impl Given {
    fn bare(token: Secret, valid_seconds: Option<u64>) -> Given {
        Given { token, refresh_token: None, valid_seconds, users: Vec::new(), fetched: false }
    }
}

impl State {
    fn look_up(&mut self, seeker: Seeker<'_>) -> Result<Need> {
        self.take_mail(seeker.credentials, seeker.unix_seconds);
        let now = seeker.now;
        let usable = self.usable(now);
        if usable.is_some() {
            *seeker.waits_for = None;
        }
        if let Some(lease) = usable.clone().filter(|_| !self.is_due(now)) {
            return Ok(Need::Use(lease));
        }
        if usable.is_none() {
            self.failure_of(*seeker.waits_for)?;
        }
        if self.renewal.is_none() {
            self.begin(seeker.credentials, *seeker.policy, now)?;
        }
        let Some(renewal) = &mut self.renewal else { return Err(no_renewal()) };
        let (number, held_up) = (renewal.number, renewal.held_up.clone());
        let step = renewal.poll(now);
        if usable.is_none() {
            *seeker.waits_for = Some(number);
        }
        match (step, usable) {
            (Step::Send { way, endpoint, timeout }, _) => Ok(Need::Send { way, endpoint, timeout }),
            (Step::AskHost, _) => Ok(Need::AskHost),
            (Step::Wait(_), Some(lease)) => Ok(Need::Use(lease)),
            (Step::Wait(until), None) => {
                if !self.wakers.iter().any(|waker| Arc::ptr_eq(waker, seeker.waker)) {
                    self.wakers.push(seeker.waker.clone());
                }
                Ok(Need::Wait { until, held_up })
            }
        }
    }

    /// The token, if it was neither rejected nor has ended.
    fn usable(&self, now: Duration) -> Option<Lease> {
        let current = self.current.as_ref()?;
        let ended = current.ends_at.is_some_and(|at| at <= now);
        (!current.rejected && !ended)
            .then(|| Lease { generation: current.generation, token: current.token.clone() })
    }

    fn is_due(&self, now: Duration) -> bool {
        self.current.as_ref().is_none_or(|current| current.renew_at.is_some_and(|at| at <= now))
    }

    /// Fails when a renewal that a call waited for has failed, and none has succeeded since.
    fn failure_of(&self, waited_for: Option<u64>) -> Result<()> {
        match (waited_for, &self.failed) {
            (Some(waited), Some((number, error))) if *number >= waited => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, credentials: &Credentials, policy: Policy, now: Duration) -> Result<()> {
        let refresh = self.current.as_ref().and_then(|current| current.refresh_token.clone());
        let way = match credentials {
            // A given token has no end that is known and is never marked as rejected.
            Credentials::Token(_) => return Err(no_renewal()),
            Credentials::Callback(_) => Way::AskHost,
            _ => refresh.map_or(Way::Authenticate, Way::Refresh),
        };
        self.note(match way {
            Way::Refresh(_) => "token: refreshing",
            Way::Authenticate => "token: authenticating",
            Way::AskHost => "token: asking the host",
        });
        self.renewals += 1;
        let after_rejection = self.current.as_ref().is_some_and(|current| current.rejected);
        let random = fastrand::Rng::new();
        let number = self.renewals;
        self.renewal = Some(Renewal::new(number, way, after_rejection, policy, random, now));
        Ok(())
    }

    fn take_mail(&mut self, credentials: &Credentials, unix_seconds: u64) {
        let Some((now, reply)) = self.mail.take() else { return };
        let Some(renewal) = &mut self.renewal else { return };
        match renewal.answered(reply, credentials, now) {
            Judged::Token(answer) => self.renewed(answer, now, unix_seconds),
            Judged::Again => {}
            Judged::RefreshFailed => {
                self.note("token: the refresh failed, authenticating");
                if let Some(current) = &mut self.current {
                    current.refresh_token = None;
                }
            }
            Judged::Failed(error) => self.fail(error, now),
        }
    }

    /// The service gave a token.
    fn renewed(&mut self, answer: TokenAnswer, now: Duration, unix_seconds: u64) {
        self.note("token: renewed");
        let valid = answer.valid_seconds.or_else(|| {
            // Only where validPeriod is missing: this depends on the wall clock.
            answer.expire_time.map(|at| at.saturating_sub(unix_seconds))
        });
        // A token that has ended already would be renewed again and again, as fast as it comes: what
        // it says of itself cannot be right (a clock may be wrong), so its end counts as unknown.
        let valid_seconds = valid.filter(|seconds| *seconds > 0);
        let users = match &self.current {
            Some(current) if answer.users.is_empty() => current.users.clone(),
            _ => answer.users,
        };
        let TokenAnswer { access_token: token, refresh_token, .. } = answer;
        self.accept(Given { token, refresh_token, valid_seconds, users, fetched: true }, now);
    }

    fn accept(&mut self, given: Given, now: Duration) {
        let renewal = self.renewal.take();
        self.failed = None;
        self.generations += 1;
        let valid = given.valid_seconds.map(Duration::from_secs);
        let margin = valid.map_or(Duration::ZERO, |valid| (valid / 10).min(LONGEST_MARGIN));
        self.current = Some(Current {
            generation: self.generations,
            token: given.token,
            refresh_token: given.refresh_token,
            renew_at: valid.map(|valid| now.saturating_add(valid - margin)),
            ends_at: valid.map(|valid| now.saturating_add(valid)),
            users: given.users,
            fetched: given.fetched,
            rejected: false,
            after_rejection: renewal.is_some_and(|renewal| renewal.after_rejection),
            proved: false,
        });
    }

    /// The renewal failed for good. The present token is used as long as it can be.
    fn fail(&mut self, error: Fault, now: Duration) {
        let number = self.renewal.take().map_or(self.renewals, |renewal| renewal.number);
        if self.usable(now).is_some()
            && let Some(current) = &mut self.current
        {
            current.renew_at = Some(now + POSTPONED);
            let note = format!("token: not renewed, going on with the present one: {error}");
            self.notes.push((log::Level::Warn, note));
        } else {
            self.failed = Some((number, error));
        }
    }

    fn note(&mut self, note: &str) {
        self.notes.push((log::Level::Info, note.to_owned()));
    }

    fn wake(&mut self) {
        for waker in self.wakers.drain(..) {
            waker();
        }
    }
}

fn no_renewal() -> Fault {
    Fault::new(
        ErrorKind::Authentication,
        "the access token cannot be renewed; set access_token to a new one, or app_id and \
         app_key so that it is renewed",
    )
}

#[cfg(test)]
mod tests;
