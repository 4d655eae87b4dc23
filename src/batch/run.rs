//! The run of one call: the calling thread hands out batches, waits, and takes note of replies.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hwm_engine::shared::pacer::{Pause, Why};
use hwm_engine::status::cut::Cut;
use hwm_engine::status::refusals::Refusals;
use hwm_engine::verdict::Verdict;

use crate::api;
use crate::api::set_status::Operation;
use crate::batch::ending::Ending;
use crate::batch::flight::{Event, InFlight, Prepared, Reporter};
use crate::batch::host::Host;
use crate::batch::journal::Journal;
use crate::batch::ledger::Ledger;
use crate::batch::task::Task;
use crate::bell::Waker;
use crate::fault::{ErrorKind, Fault};
use hwm_engine::evidence::Evidence;
use hwm_engine::outcome::Outcome;

use crate::model::UserStatus;
use crate::renewal::{HeldUp, Policy};
use crate::report::Deciding;
use crate::session::Session;
use crate::settings::CallSettings;
use crate::token::{Lease, Need};
use crate::turns::Turn;
use crate::words;

/// Longest time without a look at the host's signals, cancel and deadline.
pub(crate) const POLL: Duration = Duration::from_millis(20);

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
    pub(crate) random: fastrand::Rng,
    pub(crate) batch_size: usize,
    /// The endpoint that answered last: new batches go there first.
    pub(crate) endpoint: usize,
    pub(crate) ready: VecDeque<Task>,
    /// Tasks in backoff.
    pub(crate) waiting: Vec<Task>,
    pub(crate) in_flight: HashMap<u64, InFlight<'c>>,
    pub(crate) events: (Sender<Event>, Receiver<Event>),
    pub(crate) turn: Turn<'c>,
    /// How this call renews the token, what tells it of one, and the renewal that it waits for.
    pub(crate) policy: Policy,
    waker: Waker,
    waits_for: Option<u64>,
    token_until: Option<Duration>,
    pub(crate) dead_batches: usize,
    pub(crate) pages_seen: u32,
    /// Batches in a row whose 200 was neither success nor refusal.
    pub(crate) undocumented: usize,
    pub(crate) not_reproduced: u64,
    /// The refusal that told of too few resources.
    pub(crate) out_of_capacity: Option<Verdict>,
    pub(crate) cut: Cut,
    /// The last answer that told of a used up quota.
    pub(crate) throttled: Option<Verdict>,
    user_looked_up: bool,
    pub(crate) batches: u64,
    exchanges: u64,
    quota_until: Option<Duration>,
    /// When batches were last handed out: what was due by then waits for something else.
    handed_out_at: Duration,
    pub(crate) left_undone: bool,
}

/// What a run leaves behind.
pub(crate) struct Finished {
    pub(crate) ledger: Ledger,
    pub(crate) error: Option<Fault>,
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
        mut host: Host<'h>,
        journal: Option<Journal>,
        turn: Turn<'c>,
    ) -> Run<'c, 'h> {
        host.restored = ledger.settled;
        let events = channel();
        let sender = Mutex::new(events.0.clone());
        let waker: Waker = Arc::new(move || {
            let _ = sender.lock().unwrap_or_else(PoisonError::into_inner).send(Event::Look);
        });
        Run {
            turn: turn.woken_by(&waker),
            policy: Policy::new(settings, session.transport.endpoints()),
            waker,
            waits_for: None,
            token_until: None,
            throttled: None,
            cut: Cut::new(ledger.len()),
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
            events,
            dead_batches: 0,
            pages_seen: 0,
            undocumented: 0,
            not_reproduced: 0,
            out_of_capacity: None,
            user_looked_up: false,
            batches: 0,
            exchanges: 0,
            quota_until: None,
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
            self.hand_out();
            let over = self.ending.is_stopped() || !self.has_work();
            if over && self.in_flight.is_empty() {
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
        let sent = self.in_flight.values().filter(|sent| sent.exchange.has_begun());
        self.host.unanswered = sent.count() as u64;
        self.host.quota_wait = self.quota_until.map_or(Duration::ZERO, |at| at.saturating_sub(now));
        if let Some(error) = self.host.look(now, &self.ledger, self.session) {
            self.ending.stop(error);
        }
    }

    /// Looks at cancel and deadline alone: what came before may have taken long.
    fn check_host(&mut self) {
        if let Some(error) = self.host.check(self.now()) {
            self.ending.stop(error);
        }
    }

    /// Whether there is anything left to send.
    fn has_work(&mut self) -> bool {
        let ledger = &self.ledger;
        !self.ready.is_empty()
            || !self.waiting.is_empty()
            || self.refusals.is_open()
            || self.out_of_capacity.is_some()
            || self.cut.has_more(|position| is_wanted(ledger, position))
    }

    /// Starts as many batches as concurrency, token and pace allow.
    fn hand_out(&mut self) {
        self.quota_until = None;
        self.token_until = None;
        self.handed_out_at = self.now();
        let starting = self.choose();
        if !self.write_journal(&starting) {
            for prepared in starting {
                prepared.pass.give_back(|pace, permit, _| pace.not_sent(permit));
                self.left_undone = true;
            }
            return;
        }
        self.check_host();
        if self.ending.is_stopped() {
            self.take_back(starting);
            return;
        }
        for prepared in starting {
            self.start(prepared);
        }
    }

    fn choose(&mut self) -> Vec<Prepared<'c>> {
        let mut starting: Vec<Prepared<'c>> = Vec::new();
        while !self.ending.is_stopped()
            && self.in_flight.len() + starting.len() < self.settings.concurrency
            && self.has_work()
        {
            let Some(lease) = self.lease() else { break };
            let Some(task) = self.next_task(starting.len()) else { break };
            match self.session.try_pass(task.errand.endpoint) {
                Ok(pass) => {
                    let request_id = api::new_request_id();
                    starting.push(Prepared { task, pass, lease, request_id });
                }
                Err(pause) => {
                    self.ready.push_front(task);
                    self.wait_for_pace(pause);
                    break;
                }
            }
        }
        starting
    }

    /// What was chosen may no longer go out: the journal is told, so that a resume does not take
    /// it for lost.
    fn take_back(&mut self, starting: Vec<Prepared<'c>>) {
        for prepared in starting.into_iter().rev() {
            prepared.pass.give_back(|pace, permit, _| pace.not_sent(permit));
            if let Some(journal) = &mut self.journal {
                let nothing = Deciding::default();
                journal.answered(&prepared.request_id, Evidence::NotSent, false, &nothing);
            }
            self.ready.push_front(prepared.task);
        }
    }

    fn wait_for_pace(&mut self, pause: Pause) {
        let wait = pause.until.saturating_sub(self.now());
        let past_deadline = self.host.deadline.is_some_and(|deadline| pause.until > deadline);
        if pause.why != Why::Look && (wait > self.settings.max_wait || past_deadline) {
            let limit = if past_deadline { "the deadline" } else { "max_wait_ms" };
            let next = words::time(wait);
            self.ending.stop(match (pause.why, &self.throttled) {
                (Why::Ceiling, _) => Fault::new(
                    ErrorKind::Quota,
                    format!(
                        "max_requests_per_minute allows the next request in {next}, which is past {limit}"
                    ),
                ),
                (_, Some(said)) => Fault::of(
                    said,
                    ErrorKind::Quota,
                    format!(
                        "quota exhausted, next request in {next}, which is past {limit}: {}",
                        said.says()
                    ),
                ),
                (_, None) => Fault::new(
                    ErrorKind::Quota,
                    format!("quota exhausted, next request in {next}, which is past {limit}"),
                ),
            });
            return;
        }
        if pause.why != Why::Look && !wait.is_zero() && self.host.quota_wait.is_zero() {
            log::info!(target: "hwm", "waiting {} for quota", words::time(wait));
        }
        self.quota_until = Some(pause.until);
    }

    /// A token to send, if there is one now; otherwise sees to it that there will be.
    fn lease(&mut self) -> Option<Lease> {
        let need = self.session.token(&self.policy, &self.waker, &mut self.waits_for);
        // The host's own source of tokens may have taken long.
        self.check_host();
        match need {
            _ if self.ending.is_stopped() => {}
            Ok(Need::Use(lease)) => {
                self.put_user_last();
                return Some(lease);
            }
            Ok(Need::Wait { until: Some(until), held_up: Some(held_up) }) => {
                self.wait_for_token(until, held_up);
            }
            Ok(_) => {}
            Err(error) => self.ending.stop(error),
        }
        None
    }

    /// The token request is tried again at `until`, which may be too late for this call.
    fn wait_for_token(&mut self, until: Duration, held_up: HeldUp) {
        let wait = until.saturating_sub(self.now());
        let past_deadline = self.host.deadline.is_some_and(|deadline| until >= deadline);
        let too_long = held_up.by_quota && wait > self.settings.max_wait;
        if !past_deadline && !too_long {
            self.token_until = Some(until);
            return;
        }
        let kind = if held_up.by_quota { ErrorKind::Quota } else { ErrorKind::Timeout };
        let limit = if past_deadline { "the deadline" } else { "max_wait_ms" };
        let next = words::time(wait);
        let message = format!(
            "the next try to authenticate is in {next}, which is past {limit}: {}",
            held_up.error.message
        );
        self.ending.stop(held_up.error.rephrased(kind, message));
    }

    /// A run that disables must not lock itself out before it is done.
    fn put_user_last(&mut self) {
        if std::mem::replace(&mut self.user_looked_up, true)
            || self.operation.status != UserStatus::Disabled
        {
            return;
        }
        // The name of the credentials is surely one that the service takes: it goes at the very end.
        let named = self.session.settings.credentials.user().map(str::to_owned);
        let mut names = self.session.tokens.users();
        names.retain(|name| Some(name) != named.as_ref());
        for user in names.into_iter().chain(named) {
            if let Some(position) = self.ledger.accounts.position_of(&user) {
                self.cut.keep_for_last(position);
            }
        }
    }

    /// Makes durable what waits and that these batches go out; false when that failed.
    fn write_journal(&mut self, starting: &[Prepared<'_>]) -> bool {
        let Some(journal) = &mut self.journal else { return true };
        for Prepared { task, request_id, .. } in starting {
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

    fn start(&mut self, prepared: Prepared<'c>) {
        let Prepared { mut task, pass, lease, request_id } = prepared;
        let now = self.now();
        task.errand.sends += 1;
        self.ledger.sent(&task.positions);
        let request = self.operation.request(task.body.clone(), &lease.token, &request_id);
        let timeout = self.host.time_for(self.settings.request_timeout, now);
        self.exchanges += 1;
        let number = self.exchanges;
        let reporter = Reporter::new(number, self.session.clock, &self.events.0);
        let timeout = self.session.clock.real(timeout);
        let exchange =
            self.session
                .transport
                .start(task.errand.endpoint, &request, timeout, |reply| reporter.report(reply));
        let generation = lease.generation;
        let sent = InFlight { task, pass, generation, request_id, started: now, exchange };
        self.in_flight.insert(number, sent);
    }

    /// Waits for something to happen, and deals with all that has.
    fn wait(&mut self) {
        let now = self.now();
        let wakes = [self.quota_until, self.token_until]
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

    fn take(&mut self, event: Event) {
        if let Event::Replied(number, reply, came_ms) = event
            && let Some(sent) = self.in_flight.remove(&number)
        {
            self.replied(sent, reply, came_ms);
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
