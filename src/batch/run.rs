//! The run of one call: the calling thread hands out batches, waits, and takes note of replies.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::api;
use crate::api::set_status::Operation;
use crate::batch::ending::Ending;
use crate::batch::host::Host;
use crate::batch::journal::Journal;
use crate::batch::ledger::Ledger;
use crate::batch::plan::Cut;
use crate::batch::refusals::Refusals;
use crate::batch::renewal::{FETCH, TokenFetch};
use crate::batch::task::Task;
use crate::batch::verdict::Verdict;
use crate::error::{Error, ErrorKind};
use crate::model::{Outcome, UserStatus};
use crate::retry::Backoff;
use crate::session::{Pass, Session};
use crate::settings::CallSettings;
use crate::token::{Lease, Lookup};
use crate::transport::{Exchange, Failure, Reply};

/// Longest time without a look at the host's signals, cancel and deadline.
const POLL: Duration = Duration::from_millis(20);

/// One call under way.
pub(crate) struct Run<'c, 'h> {
    pub(crate) session: &'c Session,
    pub(crate) settings: &'c CallSettings,
    pub(crate) operation: Operation,
    pub(crate) ledger: Ledger,
    pub(crate) host: Host<'h>,
    pub(crate) ending: Ending,
    pub(crate) refusals: Refusals,
    pub(crate) journal: Option<Journal>,
    pub(crate) backoff: Backoff,
    pub(crate) random: fastrand::Rng,
    pub(crate) batch_size: usize,
    /// The endpoint that answered last: new batches go there first.
    pub(crate) endpoint: usize,
    pub(crate) ready: VecDeque<Task>,
    /// Tasks in backoff.
    pub(crate) waiting: Vec<Task>,
    pub(crate) in_flight: HashMap<u64, InFlight<'c>>,
    pub(crate) fetch: Option<TokenFetch<'c>>,
    pub(crate) events: (Sender<Event>, Receiver<Event>),
    pub(crate) dead_batches: usize,
    pub(crate) pages_seen: u32,
    pub(crate) not_reproduced: u64,
    /// The refusal that told of too few resources.
    pub(crate) out_of_capacity: Option<Verdict>,
    pub(crate) cut: Cut,
    user_looked_up: bool,
    pub(crate) batches: u64,
    exchanges: u64,
    quota_until: Option<Duration>,
    seen_failures: u64,
    /// When batches were last handed out: what was due by then waits for something else.
    handed_out_at: Duration,
    pub(crate) left_undone: bool,
}

/// A batch whose request is out.
pub(crate) struct InFlight<'s> {
    pub(crate) task: Task,
    pub(crate) pass: Pass<'s>,
    pub(crate) generation: u64,
    pub(crate) request_id: String,
    pub(crate) started: Duration,
    pub(crate) exchange: Exchange,
}

/// Number of the exchange, and what came of it.
pub(crate) struct Event(pub(crate) u64, pub(crate) Reply);

/// Sends an event in any case, also when the task that holds it dies.
pub(crate) struct Reporter {
    number: u64,
    events: Option<Sender<Event>>,
}

impl Reporter {
    pub(crate) fn new(number: u64, events: &Sender<Event>) -> Reporter {
        Reporter { number, events: Some(events.clone()) }
    }

    pub(crate) fn report(mut self, reply: Reply) {
        if let Some(events) = self.events.take() {
            let _ = events.send(Event(self.number, reply));
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if let Some(events) = self.events.take() {
            let _ = events.send(Event(self.number, Err(Failure::abandoned())));
        }
    }
}

/// What a run leaves behind.
pub(crate) struct Finished {
    pub(crate) ledger: Ledger,
    pub(crate) error: Option<Error>,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) not_reproduced: u64,
}

impl<'c, 'h> Run<'c, 'h> {
    pub(crate) fn new(
        session: &'c Session,
        settings: &'c CallSettings,
        operation: Operation,
        ledger: Ledger,
        host: Host<'h>,
        journal: Option<Journal>,
    ) -> Run<'c, 'h> {
        Run {
            cut: Cut::new(ledger.len()),
            backoff: Backoff { base: settings.retry_base, max: settings.retry_max },
            random: fastrand::Rng::new(),
            batch_size: settings.batch_size,
            endpoint: 0,
            session,
            settings,
            operation,
            ledger,
            host,
            ending: Ending::default(),
            refusals: Refusals::default(),
            journal,
            ready: VecDeque::new(),
            waiting: Vec::new(),
            in_flight: HashMap::new(),
            fetch: None,
            events: channel(),
            dead_batches: 0,
            pages_seen: 0,
            not_reproduced: 0,
            out_of_capacity: None,
            user_looked_up: false,
            batches: 0,
            exchanges: 0,
            quota_until: None,
            seen_failures: session.tokens.failures(),
            handed_out_at: Duration::ZERO,
            left_undone: false,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.session.clock.now()
    }

    /// Runs to the end. Nothing is in flight afterwards.
    pub(crate) fn finish(mut self) -> Finished {
        loop {
            self.look_at_host();
            self.resume_fetch();
            self.hand_out();
            if self.ending.is_stopped() {
                self.fetch = None;
            }
            let idle = self.in_flight.is_empty() && self.fetch.is_none();
            if idle && (self.ending.is_stopped() || !self.has_work()) {
                break;
            }
            if self.host.is_drained(self.now()) {
                // What came while a callback held this thread counts all the same.
                self.take_all();
                self.left_undone |= !self.in_flight.is_empty();
                self.abandon();
                break;
            }
            self.wait();
        }
        self.left_undone |= self.has_work();
        self.fetch = None;
        self.write_journal_end();
        self.host.last_progress(&self.ledger, self.session);
        Finished {
            requests: self.host.requests,
            retries: self.host.retries,
            not_reproduced: self.not_reproduced,
            error: self.ending.into_error(self.left_undone),
            ledger: self.ledger,
        }
    }

    fn look_at_host(&mut self) {
        let now = self.now();
        self.host.quota_wait = self.quota_until.map_or(Duration::ZERO, |at| at.saturating_sub(now));
        if let Some(error) = self.host.look(now, &self.ledger, self.session) {
            self.ending.stop(error);
        }
    }

    /// Whether there is anything left to send.
    fn has_work(&self) -> bool {
        !self.ready.is_empty()
            || !self.waiting.is_empty()
            || self.refusals.is_open()
            || self.out_of_capacity.is_some()
            || self.cut.has_more(|position| is_wanted(&self.ledger, position))
    }

    /// Starts as many batches as concurrency, token and pace allow.
    fn hand_out(&mut self) {
        self.quota_until = None;
        self.handed_out_at = self.now();
        let mut starting = Vec::new();
        while !self.ending.is_stopped()
            && self.in_flight.len() + starting.len() < self.settings.concurrency
            && self.has_work()
        {
            let Some(lease) = self.lease() else { break };
            let Some(task) = self.next_task(starting.len()) else { break };
            match self.session.try_pass(task.endpoint) {
                Ok(pass) => starting.push((task, pass, lease, api::new_request_id())),
                Err(until) => {
                    self.ready.push_front(task);
                    self.wait_for_quota(until);
                    break;
                }
            }
        }
        if !self.write_journal(&starting) {
            for (_, pass, ..) in starting {
                pass.give_back(|pacer, permit, _| pacer.not_sent(permit));
                self.left_undone = true;
            }
            return;
        }
        for (task, pass, lease, request_id) in starting {
            self.start(task, pass, lease, request_id);
        }
    }

    fn wait_for_quota(&mut self, until: Duration) {
        let wait = until.saturating_sub(self.now());
        let past_deadline = self.host.deadline.is_some_and(|deadline| until > deadline);
        if wait > self.settings.max_wait || past_deadline {
            let limit = if past_deadline { "the deadline" } else { "max_wait_ms" };
            self.ending.stop(Error::new(
                ErrorKind::Quota,
                format!(
                    "quota exhausted, next request in {:.1} s, which is past {limit}",
                    wait.as_secs_f64()
                ),
            ));
            return;
        }
        if !wait.is_zero() && self.host.quota_wait.is_zero() {
            log::info!(target: "hwm", "waiting {:.1} s for quota", wait.as_secs_f64());
        }
        self.quota_until = Some(until);
    }

    /// A token to send, if there is one now; otherwise sees to it that there will be.
    fn lease(&mut self) -> Option<Lease> {
        let now = self.now();
        let credentials = &self.session.settings.credentials;
        match self.session.tokens.look_up(credentials, now, self.seen_failures) {
            Ok(Lookup::Ready(lease)) => {
                self.put_user_last();
                return Some(lease);
            }
            Ok(Lookup::Busy) => {}
            Ok(Lookup::Renew(renewal)) => self.begin_fetch(renewal),
            Err(error) => self.ending.stop(error),
        }
        None
    }

    /// A run that disables must not lock itself out before it is done.
    fn put_user_last(&mut self) {
        if std::mem::replace(&mut self.user_looked_up, true)
            || self.operation.status != UserStatus::Disabled
        {
            return;
        }
        let named = self.session.settings.credentials.user().map(str::to_owned);
        for user in named.into_iter().chain(self.session.tokens.users()) {
            if let Some(position) = self.ledger.accounts.position_of(&user) {
                self.cut.keep_for_last(position);
                return;
            }
        }
    }

    /// Makes durable what waits and that these batches go out; false when that failed.
    fn write_journal(&mut self, starting: &[(Task, Pass<'_>, Lease, String)]) -> bool {
        let Some(journal) = &mut self.journal else { return true };
        for (task, _, _, request_id) in starting {
            let held = task.positions.iter().map(|&position| self.ledger.accounts.get(position));
            journal.sent(request_id, held);
        }
        let Err(error) = journal.sync() else { return true };
        self.journal = None;
        self.ending.stop(error);
        false
    }

    fn write_journal_end(&mut self) {
        let now_ms = self.session.clock.unix_ms();
        if let Some(mut journal) = self.journal.take() {
            journal.end(&self.ledger, now_ms);
            if let Err(error) = journal.sync() {
                self.ending.stop(error);
            }
        }
    }

    fn start(&mut self, mut task: Task, pass: Pass<'c>, lease: Lease, request_id: String) {
        let now = self.now();
        task.sends += 1;
        self.host.requests += 1;
        self.host.retries += u64::from(task.sends > 1);
        self.ledger.sent(&task.positions);
        let request = self.operation.request(task.body.clone(), &lease.token, &request_id);
        let timeout = self.host.time_for(self.settings.request_timeout, now);
        self.exchanges += 1;
        let number = self.exchanges;
        let reporter = Reporter::new(number, &self.events.0);
        let timeout = self.session.clock.real(timeout);
        let exchange = self
            .session
            .transport
            .start(task.endpoint, &request, timeout, |reply| reporter.report(reply));
        let generation = lease.generation;
        let sent = InFlight { task, pass, generation, request_id, started: now, exchange };
        self.in_flight.insert(number, sent);
    }

    /// Waits for something to happen, and deals with all that has.
    fn wait(&mut self) {
        let now = self.now();
        let wakes = [self.quota_until, self.fetch.as_ref().and_then(TokenFetch::wakes_at)]
            .into_iter()
            .flatten()
            .chain(self.waiting.iter().map(|task| task.ready_at))
            .filter(|at| *at > self.handed_out_at)
            .chain(self.host.deadline);
        let next = wakes.min().map_or(POLL, |at| self.session.clock.real(at.saturating_sub(now)));
        match self.events.1.recv_timeout(next.clamp(Duration::from_micros(200), POLL)) {
            Ok(event) => self.take(event),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        self.take_all();
    }

    fn take_all(&mut self) {
        while let Ok(event) = self.events.1.try_recv() {
            self.take(event);
        }
    }

    fn take(&mut self, Event(number, reply): Event) {
        if let Some(sent) = self.in_flight.remove(&number) {
            self.replied(sent, reply);
        } else if number == FETCH {
            self.fetched(reply);
        }
    }

    /// Ends what is in flight; what it would have brought stays unknown.
    fn abandon(&mut self) {
        for (_, sent) in std::mem::take(&mut self.in_flight) {
            self.give_up_in_flight(sent);
        }
    }
}

/// Whether an account is still to be sent, for all that a journal says.
pub(crate) fn is_wanted(ledger: &Ledger, position: u32) -> bool {
    !matches!(ledger.outcome(position), Outcome::Applied | Outcome::Rejected)
}
