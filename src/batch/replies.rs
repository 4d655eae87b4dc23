//! What a reply means for its batch, and what is done with the batch next.

use std::time::Duration;

use hwm_engine::answer::{Cause, Failure, Reply};
use hwm_engine::errand::Next;
use hwm_engine::evidence::{Evidence, Observation};
use hwm_engine::verdict::{self, Asks, Verdict};

use crate::api::said;
use crate::batch::flight::InFlight;
use crate::batch::run::Run;
use crate::batch::task::{Purpose, Task};
use crate::fault::{ErrorKind, Fault};
use crate::message;
use crate::model::UserStatus;
use crate::report::Deciding;
use crate::session::Pass;
use crate::settings::Credentials;

/// Tokens that one batch may see rejected.
const TOKENS_A_BATCH: usize = 3;
/// Lone refusals in a row, with one code, that mean too few resources.
const CAPACITY_STREAK: u32 = 3;

impl Run<'_, '_> {
    /// Takes note of a reply and decides what its batch does next.
    pub(crate) fn replied(&mut self, sent: InFlight<'_>, reply: message::Reply, came_ms: u64) {
        let now = self.now();
        let InFlight { mut task, pass, generation, request_id, started, .. } = sent;
        let accounts = task.positions.iter().map(|&position| self.ledger.accounts.get(position));
        let reply = reply.map(|answer| said::read(&answer, accounts));
        let verdict = Verdict::new(&reply, &request_id);
        self.pages_seen += u32::from(verdict.is_page);
        give_back(pass, &reply, verdict.row.asks);
        self.log_attempt(&task, &verdict, &request_id, now.saturating_sub(started));
        let decides = !matches!(verdict.row.asks, Asks::Token | Asks::FreeTry);
        if decides && verdict.http_status != 0 {
            self.session.tokens.proved(generation);
        }
        if verdict.http_status != 0 {
            self.endpoint = task.errand.endpoint;
        }
        if (1..500).contains(&verdict.http_status) {
            self.dead_batches = 0;
        }
        let tries = &self.policy.tries;
        let next = task.errand.after(&verdict.row, now, tries, &mut self.random);
        self.observe(&mut task, &verdict, &request_id, next.is_sent_again(), came_ms);
        match next {
            _ if verdict.is_page && self.pages_seen >= 2 => self.stop_at(task, &verdict),
            Next::Passed => {
                self.undocumented = 0;
                self.refusals.passed();
                self.settle(&task);
                self.searched(task, true);
            }
            Next::Refused => {
                self.undocumented = 0;
                self.refused(task, verdict);
            }
            Next::Now => self.ready.push_front(task),
            Next::NextEndpoint => {
                log::info!(target: "hwm", "{}: trying the next endpoint", task.name(&self.ledger));
                self.ready.push_front(task);
            }
            Next::At { at, on_new_connection } => {
                if on_new_connection {
                    self.session.transport.forget_connections();
                }
                task.ready_at = at;
                self.wait_with(task, &verdict);
            }
            Next::WhenPaced => {
                self.throttled = Some(verdict);
                self.ready.push_front(task);
            }
            Next::WithNewToken => self.token_rejected(task, &verdict, generation),
            Next::TooLarge => self.split(task, &verdict),
            Next::LeaveUnknown => self.leave_unknown(task, &verdict),
            Next::GaveUp => self.give_up(task, &verdict),
            Next::Stop => self.stop_at(task, &verdict),
        }
    }

    fn log_attempt(&self, task: &Task, verdict: &Verdict, request_id: &str, took: Duration) {
        log::debug!(
            target: "hwm",
            "{} try {}: {} {} [request {request_id}] {} ms",
            task.name(&self.ledger),
            task.errand.sends,
            verdict.row.evidence.name(),
            verdict.says(),
            took.as_millis(),
        );
        if log::log_enabled!(target: "hwm", log::Level::Trace) {
            for &position in &task.positions {
                let account = self.ledger.accounts.get(position);
                log::trace!(target: "hwm", "  {account}: {}", verdict.row.evidence.name());
            }
        }
    }

    /// Takes the evidence into the ledger and the journal. `again`: it is a refusal that does not
    /// settle anything, for it is tried again.
    fn observe(
        &mut self,
        task: &mut Task,
        verdict: &Verdict,
        request_id: &str,
        again: bool,
        came_ms: u64,
    ) {
        if verdict.row.evidence != Evidence::NotSent {
            self.host.requests += 1;
            self.host.retries += u64::from(task.errand.sends > 1);
        }
        let seen = Observation {
            evidence: verdict.row.evidence,
            // A refusal that is tried again speaks for no account yet.
            alone: task.positions.len() == 1
                && !(again && verdict.row.evidence == Evidence::Refused),
            judges_account: verdict::judges_account(&verdict.code),
        };
        let deciding = Deciding {
            http_status: verdict.http_status,
            service_code: verdict.code.as_str().into(),
            message: verdict.message.as_str().into(),
            request_id: verdict.request_id.as_str().into(),
            time_ms: came_ms,
        };
        if let Some(journal) = &mut self.journal {
            let rejected = seen.alone
                && !again
                && (seen.judges_account
                    || !task.positions.iter().any(|&position| self.ledger.was_ambiguous(position)));
            journal.answered(request_id, seen.evidence, rejected, &deciding);
        }
        task.slot = self.ledger.observe(&task.positions, seen, deciding, task.slot);
    }

    pub(crate) fn settle(&mut self, task: &Task) {
        self.ledger.settle(&task.positions);
    }

    /// Tells the search that `task` belongs to, and takes its next question.
    fn searched(&mut self, task: Task, passed: bool) {
        match task.purpose {
            Purpose::Set => {}
            Purpose::Isolate(number) => {
                if let Some(search) = self.refusals.search(number) {
                    if passed {
                        search.passed();
                    } else {
                        search.refused();
                    }
                    if let Some(next) = self.next_probe(number) {
                        self.ready.push_back(next);
                    }
                }
            }
            Purpose::Fit => {
                if let Some(fit) = &mut self.refusals.fit {
                    if passed { fit.passed() } else { fit.refused() }
                }
            }
        }
    }

    fn refused(&mut self, task: Task, verdict: Verdict) {
        let alone = task.positions.len() == 1;
        if alone {
            self.settle(&task);
        }
        let capacity = self.settings.capacity_codes.contains(&verdict.code);
        let judges_account = verdict::judges_account(&verdict.code);
        if self.ending.is_stopped() || self.out_of_capacity.is_some() {
            self.refused_late(task, judges_account);
            return;
        }
        let streak = alone
            && !capacity
            && !judges_account
            && !verdict.code.is_empty()
            && self.operation.status == UserStatus::Normal
            && self.refusals.refused_alone(&verdict.code) >= CAPACITY_STREAK;
        if capacity || streak {
            self.out_of_capacity(task, verdict);
        } else if !self.settings.isolate {
            if !alone {
                self.settle(&task);
            }
        } else if task.purpose == Purpose::Set {
            if !alone {
                log::info!(target: "hwm", "{} refused: {}", task.name(&self.ledger), verdict.says());
                self.refusals.park(task.positions);
            }
        } else {
            self.searched(task, false);
        }
    }

    /// Keeps a batch until its next try, if there is time for one.
    fn wait_with(&mut self, task: Task, verdict: &Verdict) {
        if self.host.deadline.is_some_and(|deadline| task.ready_at >= deadline) {
            self.too_late(task, verdict);
        } else {
            self.waiting.push(task);
        }
    }

    /// The next try of a batch could not begin before the deadline. Others may have the time.
    fn too_late(&mut self, task: Task, verdict: &Verdict) {
        let name = task.name(&self.ledger);
        let message =
            format!("no time is left before the deadline to send {name} again: {}", verdict.says());
        log::warn!(target: "hwm", "{message}");
        self.ending.note(Fault::of(verdict, ErrorKind::Timeout, message));
        self.left_undone = true;
        self.dead_end(task, verdict, "ran out of time");
    }

    /// The batch is out of tries.
    fn give_up(&mut self, task: Task, verdict: &Verdict) {
        let name = task.name(&self.ledger);
        let message =
            format!("{name} given up after {} tries: {}", task.errand.tries, verdict.says());
        log::warn!(target: "hwm", "{message}");
        self.ending.note(Fault::of(verdict, verdict.row.kind, message));
        self.dead_end(task, verdict, "ran out of tries");
    }

    /// A 200 that is neither success nor refusal: many in a row, and no success, end the run.
    fn leave_unknown(&mut self, task: Task, verdict: &Verdict) {
        let says = verdict.says();
        log::warn!(target: "hwm", "{} is left unknown: {says}", task.name(&self.ledger));
        self.undocumented += 1;
        if self.undocumented >= self.settings.concurrency.max(3) && !self.refusals.has_passed() {
            let message = format!("the service answers in a way that is not documented: {says}");
            self.ending.stop(Fault::of(verdict, ErrorKind::Protocol, message));
        }
        self.undecided(task);
    }

    /// A batch is given up; too many in a row end the run.
    fn dead_end(&mut self, task: Task, verdict: &Verdict, how: &str) {
        self.dead_batches += 1;
        let most = self.settings.concurrency.max(3);
        if self.dead_batches >= most {
            let name = task.name(&self.ledger);
            let says = verdict.says();
            let message = format!("{most} batches in a row {how}; the last one, {name}: {says}");
            self.ending.stop(Fault::of(verdict, verdict.row.kind, message));
        }
        self.undecided(task);
    }

    /// Nothing more is asked about these accounts; a search goes on without them.
    fn undecided(&mut self, task: Task) {
        self.settle(&task);
        match task.purpose {
            Purpose::Set => {}
            Purpose::Isolate(number) => {
                if let Some(search) = self.refusals.search(number) {
                    search.gave_up();
                    if !self.ending.is_stopped()
                        && let Some(next) = self.next_probe(number)
                    {
                        self.ready.push_back(next);
                    }
                }
            }
            Purpose::Fit => {
                if let Some(fit) = &mut self.refusals.fit {
                    fit.gave_up();
                }
            }
        }
    }

    fn token_rejected(&mut self, mut task: Task, verdict: &Verdict, generation: u64) {
        // A batch that no token gets through must not use up one token after the other.
        task.errand.tokens_rejected.insert(generation);
        let fixed = matches!(self.session.settings.credentials, Credentials::Token(_));
        // A token that was given is kept: the next call tries it again.
        if fixed
            || self.session.tokens.rejected(generation)
            || task.errand.tokens_rejected.len() >= TOKENS_A_BATCH
        {
            let kind = verdict.row.kind;
            let advice = match (kind, fixed) {
                (ErrorKind::Permission, _) => verdict.row.advice,
                (_, true) => {
                    "the access token is wrong or has expired; set access_token to a new one, or \
                     app_id and app_key so that it is renewed"
                }
                _ => {
                    "the token was just fetched; check that endpoint is the one of the credentials"
                }
            };
            let message =
                format!("the service does not accept the token: {}; {advice}", verdict.says());
            self.ending.stop(Fault::of(verdict, kind, message));
        }
        self.ready.push_front(task);
    }

    fn split(&mut self, task: Task, verdict: &Verdict) {
        let size = task.positions.len();
        if size == 1 {
            self.stop_at(task, verdict);
            return;
        }
        let half = size.div_ceil(2);
        self.batch_size = self.batch_size.min(half);
        log::info!(target: "hwm", "{} is too large; going on with batches of {half}", task.name(&self.ledger));
        match task.purpose {
            Purpose::Set => {
                for part in task.positions.chunks(half).rev() {
                    if self.out_of_capacity.is_some() {
                        // Nothing new is started; the search for what fits asks for them in order.
                        self.refusals.park(part.to_vec());
                        continue;
                    }
                    let part = self.task(Purpose::Set, part.to_vec());
                    self.ready.push_front(Task { is_part: true, ..part });
                }
            }
            Purpose::Isolate(number) => {
                if let Some(next) = self.next_probe(number) {
                    self.ready.push_back(next);
                }
            }
            // The search for what fits asks for less: the size says nothing of the capacity.
            Purpose::Fit => {}
        }
    }

    /// Neither this batch nor any other will get a better answer.
    fn stop_at(&mut self, task: Task, verdict: &Verdict) {
        let name = task.name(&self.ledger);
        let says = [verdict.says().as_str(), verdict.row.advice]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("; ");
        self.ending.stop(Fault::of(verdict, verdict.row.kind, format!("{name}: {says}")));
        self.settle(&task);
    }

    /// All that was tried was refused alike, which no single account explains.
    pub(crate) fn stop_hopeless(&mut self) {
        let last = self.ledger.deciding.last().cloned().unwrap_or_default();
        let error = Fault::new(
            ErrorKind::Server,
            format!(
                "everything was refused alike: {} {}; check account_type, and that the \
                 accounts belong to the enterprise of the credentials",
                last.service_code, last.message
            ),
        );
        self.ending.stop(error.with_answer(last.http_status, &last.service_code, &last.request_id));
    }

    /// The call ends while this batch is in flight.
    pub(crate) fn give_up_in_flight(&mut self, sent: InFlight<'_>) {
        let reply = Err(Failure {
            sent: sent.exchange.cut_off(),
            cause: Cause::Timeout,
            message: "the call ended before the answer came".into(),
            on_kept_connection: false,
        });
        let mut task = sent.task;
        let verdict = Verdict::new(&reply, &sent.request_id);
        give_back(sent.pass, &reply, verdict.row.asks);
        let now_ms = self.session.clock.unix_ms();
        self.observe(&mut task, &verdict, &sent.request_id, false, now_ms);
        self.settle(&task);
    }
}

fn give_back(pass: Pass<'_>, reply: &Reply, asks: Asks) {
    pass.give_back(|pace, permit, now| match reply {
        Err(failure) if failure.sent => pace.unanswered(permit, now),
        Err(_) => pace.not_sent(permit),
        Ok(said) if asks == Asks::Quota => {
            pace.refused(permit, now, &said.quotas, said.retry_after, &said.message);
        }
        Ok(said) => pace.answered(permit, now, &said.quotas),
    });
}
