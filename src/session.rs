//! What the calls of one client share, in one process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hwm_engine::answer::Failure;
use hwm_engine::shared::pacer::{Pace, Pause, Permit};

use crate::bell::{Bell, Waker};
use crate::clock::Clock;
use crate::fault::{Fault, Result};
use crate::message::Reply;
use crate::options::Options;
use crate::renewal::{self, Policy, Way};
use crate::secret::Secret;
use crate::settings::{ClientSettings, Credentials};
use crate::sys;
use crate::token::{Need, Seeker, Tokens};
use crate::token_source::TokenRequest;
use crate::transport::Transport;
use crate::turns::Turns;

/// Connections, token and pace of one client in one process.
pub(crate) struct Session {
    pub(crate) settings: ClientSettings,
    pub(crate) transport: Transport,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) turns: Turns,
    pub(crate) clock: Clock,
    pace: Mutex<Pace>,
    /// Threads that are inside a callback of one of this client's calls.
    in_callback: Mutex<Vec<usize>>,
}

/// The right to send one request. Dropped without a word, the request counts as unanswered.
pub(crate) struct Pass<'s> {
    session: &'s Session,
    permit: Option<Permit>,
}

impl Pass<'_> {
    /// Gives it back with what became of the request.
    pub(crate) fn give_back(mut self, with: impl FnOnce(&mut Pace, Permit, Duration)) {
        let now = self.session.clock.now();
        if let Some(permit) = self.permit.take() {
            with(&mut self.session.pace(), permit, now);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            let now = self.session.clock.now();
            self.session.pace().unanswered(permit, now);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub(crate) fn new(options: &Options, clock_scale: f64) -> Result<Session> {
        let settings = ClientSettings::new(options)?;
        Ok(Session {
            transport: Transport::new(&settings)?,
            tokens: Arc::new(Tokens::new(&settings.credentials)),
            turns: Turns::default(),
            clock: Clock::new(clock_scale),
            pace: Mutex::new(Pace::new(settings.endpoints.len(), settings.max_requests_per_minute)),
            in_callback: Mutex::default(),
            settings,
        })
    }

    pub(crate) fn pace(&self) -> MutexGuard<'_, Pace> {
        lock(&self.pace)
    }

    /// The right to send one request to `endpoint` now, or when and why not yet.
    pub(crate) fn try_pass(&self, endpoint: usize) -> std::result::Result<Pass<'_>, Pause> {
        let permit = self.pace().try_send(endpoint, self.clock.now())?;
        Ok(Pass { session: self, permit: Some(permit) })
    }

    /// A token to send, or when to look again. What is due of a renewal is done on the way;
    /// [`Need::AskHost`] says that the host was asked and withdrew its answer.
    ///
    /// `waits_for` is the caller's memory between two looks; `waker` runs when something changed.
    pub(crate) fn token(
        &self,
        policy: &Policy,
        waker: &Waker,
        waits_for: &mut Option<u64>,
    ) -> Result<Need> {
        loop {
            let need = self.tokens.look_up(Seeker {
                credentials: &self.settings.credentials,
                policy,
                now: self.clock.now(),
                unix_seconds: self.unix_seconds(),
                waker,
                waits_for: &mut *waits_for,
            })?;
            match need {
                Need::Send { way, endpoint, timeout } => {
                    self.ask_service(&way, endpoint, timeout, policy.language);
                }
                Need::AskHost => {
                    if !self.ask_host() {
                        return Ok(Need::AskHost);
                    }
                }
                need => return Ok(need),
            }
        }
    }

    /// Takes the token out that is to be logged out, if this client fetched one. A token that is
    /// being fetched is waited for, `patience` at most, so that none is left behind.
    pub(crate) fn last_token(&self, patience: Duration) -> Option<Secret> {
        let bell = Bell::new();
        if self.tokens.is_asking(bell.waker()) {
            bell.wait(patience);
        }
        self.tokens.take_fetched(&self.settings.credentials, self.unix_seconds())
    }

    fn unix_seconds(&self) -> u64 {
        self.clock.unix_ms() / 1000
    }

    /// Sends a token request. It goes on when the call ends that began it.
    fn ask_service(&self, way: &Way, endpoint: usize, timeout: Duration, language: Option<&str>) {
        let mail = Mail { tokens: self.tokens.clone(), clock: self.clock, posted: false };
        let credentials = &self.settings.credentials;
        let now = self.unix_seconds();
        let Some(request) = renewal::request(credentials, way, language, now) else { return };
        let timeout = self.clock.real(timeout);
        self.transport.start(endpoint, &request, timeout, |reply| mail.post(reply)).let_go();
    }

    /// Asks the host on this thread. Returns whether it answered: it may see that the call that
    /// asks is about to end.
    fn ask_host(&self) -> bool {
        let Credentials::Callback(callback) = &self.settings.credentials else { return false };
        let mut answer = HostAnswer { session: self, answer: None };
        let mut request = TokenRequest::default();
        self.callback(|| callback(&mut request));
        let answered = !request.is_withdrawn();
        answer.answer = answered.then(|| request.into_answer());
        answered
    }

    /// Runs a callback of the host; meanwhile its thread cannot use this client.
    pub(crate) fn callback<T>(&self, run: impl FnOnce() -> T) -> T {
        struct Leave<'s>(&'s Session, usize);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                let mut inside = lock(&self.0.in_callback);
                if let Some(at) = inside.iter().rposition(|thread| *thread == self.1) {
                    inside.swap_remove(at);
                }
            }
        }
        let thread = sys::thread_number();
        lock(&self.in_callback).push(thread);
        let _leave = Leave(self, thread);
        run()
    }

    /// Fails when this thread is inside a callback of this client, or the client is closed.
    pub(crate) fn check_usable(&self, what: &str) -> Result<()> {
        if lock(&self.in_callback).contains(&sys::thread_number()) {
            return Err(Fault::argument(format!(
                "{what}: the client was called from its own callback"
            )));
        }
        if self.turns.is_closed() {
            return Err(Fault::argument(format!("{what}: the client is closed")));
        }
        Ok(())
    }
}

/// Posts the reply to a token request in any case, also when the exchange is dropped.
struct Mail {
    tokens: Arc<Tokens>,
    clock: Clock,
    posted: bool,
}

impl Mail {
    fn post(mut self, reply: Reply) {
        self.posted = true;
        self.tokens.arrived(reply, self.clock.now());
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        if !self.posted {
            self.tokens.arrived(Err(Failure::abandoned()), self.clock.now());
        }
    }
}

/// Tells what the host answered in any case, also when its callback panicked.
struct HostAnswer<'s> {
    session: &'s Session,
    answer: Option<Result<(Secret, u64)>>,
}

impl Drop for HostAnswer<'_> {
    fn drop(&mut self) {
        self.session.tokens.host_answered(self.answer.take(), self.session.clock.now());
    }
}
