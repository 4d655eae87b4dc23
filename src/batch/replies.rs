//! What a reply means for its batch, and what is done with the batch next.

use std::time::Duration;

use crate::api::set_status;
use crate::batch::run::{InFlight, Run};
use crate::batch::task::{Purpose, Task};
use crate::batch::verdict::{Pace, Verdict};
use crate::error::{Error, ErrorKind};
use crate::evidence::{Evidence, Observation};
use crate::model::UserStatus;
use crate::report::Deciding;
use crate::retry::Next;
use crate::session::Pass;
use crate::settings::Credentials;
use crate::transport::{Cause, Failure, Reply};

/// Tokens that one batch may see rejected.
const TOKENS_A_BATCH: usize = 3;
/// Conflicts (409) of one batch that are tried again.
const CONFLICT_TRIES: u32 = 2;
/// Lone refusals in a row, with one code, that mean too few resources.
const CAPACITY_STREAK: u32 = 3;

impl Run<'_, '_> {
    /// Takes note of a reply and decides what its batch does next.
    pub(crate) fn replied(&mut self, sent: InFlight<'_>, reply: Reply, came_ms: u64) {
        let now = self.now();
        let InFlight { mut task, pass, generation, request_id, started, .. } = sent;
        let verdict = match reply {
            Ok(answer) => Verdict::of_answer(answer, &mut task, &self.ledger, &request_id),
            Err(failure) => Verdict::of_failure(failure, &mut task, &request_id),
        };
        self.pages_seen += u32::from(verdict.is_page);
        give_back(pass, &verdict);
        self.log_attempt(&task, &verdict, &request_id, now.saturating_sub(started));
        if verdict.next != Next::RenewToken && verdict.http_status != 0 {
            self.session.tokens.proved(generation);
        }
        if verdict.http_status != 0 {
            self.endpoint = task.endpoint;
        }
        if (1..500).contains(&verdict.http_status) {
            self.dead_batches = 0;
        }
        if verdict.evidence != Evidence::NotSent {
            task.unreachable = 0;
        }
        let conflict_again = verdict.http_status == 409
            && task.conflicts < CONFLICT_TRIES
            && task.tries + 1 < self.settings.attempts;
        self.observe(&mut task, &verdict, &request_id, conflict_again, came_ms);
        match verdict.next {
            _ if verdict.is_page && self.pages_seen >= 2 => self.stop_at(task, &verdict),
            Next::Settle => {
                self.undocumented = 0;
                self.refusals.passed();
                self.settle(&task);
                self.searched(task, true);
            }
            Next::Refused if conflict_again => {
                task.conflicts += 1;
                self.again(task, &verdict);
            }
            Next::Refused => {
                self.undocumented = 0;
                self.refused(task, verdict);
            }
            Next::Again => self.again(task, &verdict),
            Next::AgainAtOnce => self.ready.push_front(task),
            Next::AgainElsewhere if task.misdirected => self.stop_at(task, &verdict),
            Next::AgainElsewhere => {
                task.misdirected = true;
                self.session.transport.forget_connections();
                self.again(task, &verdict);
            }
            Next::WaitForQuota => {
                self.throttled = Some(verdict);
                self.ready.push_front(task);
            }
            Next::RenewToken => self.token_rejected(task, &verdict, generation),
            Next::Split => self.split(task, &verdict),
            Next::Undocumented if !task.undocumented && task.tries + 1 < self.settings.attempts => {
                task.undocumented = true;
                self.again(task, &verdict);
            }
            Next::Undocumented | Next::LeaveUnknown => self.leave_unknown(task, &verdict),
            Next::Stop => self.stop_at(task, &verdict),
        }
    }

    fn log_attempt(&self, task: &Task, verdict: &Verdict, request_id: &str, took: Duration) {
        log::debug!(
            target: "hwm",
            "{} try {}: {} {} [request {request_id}] {} ms",
            task.name(&self.ledger),
            task.sends,
            verdict.evidence.name(),
            verdict.says(),
            took.as_millis(),
        );
        if log::log_enabled!(target: "hwm", log::Level::Trace) {
            for &position in &task.positions {
                let account = self.ledger.accounts.get(position);
                log::trace!(target: "hwm", "  {account}: {}", verdict.evidence.name());
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
        if verdict.evidence != Evidence::NotSent {
            self.host.requests += 1;
            self.host.retries += u64::from(task.sends > 1);
        }
        let seen = Observation {
            evidence: verdict.evidence,
            alone: task.positions.len() == 1,
            judges_account: set_status::judges_account(&verdict.code),
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
        let judges_account = set_status::judges_account(&verdict.code);
        if self.ending.is_stopped() || self.out_of_capacity.is_some() {
            self.refused_late(task, judges_account);
            return;
        }
        let streak = alone
            && !capacity
            && !judges_account
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

    /// Counts a try and sends the batch again after a wait, or gives it up.
    fn again(&mut self, mut task: Task, verdict: &Verdict) {
        let now = self.now();
        let unreachable = verdict.evidence == Evidence::NotSent;
        task.tries += 1;
        if task.tries >= self.settings.attempts {
            self.give_up(task, verdict);
            return;
        }
        let endpoints = self.session.transport.endpoints();
        if unreachable {
            task.unreachable += 1;
            task.endpoint = (task.endpoint + 1) % endpoints;
            if !task.unreachable.is_multiple_of(endpoints) {
                log::info!(target: "hwm", "{}: trying the next endpoint", task.name(&self.ledger));
                self.ready.push_front(task);
                return;
            }
        }
        task.ready_at = now.saturating_add(self.backoff.wait(task.tries, &mut self.random));
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
        self.ending.note(verdict.error(ErrorKind::Timeout, message));
        self.left_undone = true;
        self.dead_end(task, verdict, "ran out of time");
    }

    /// The batch is out of tries.
    fn give_up(&mut self, task: Task, verdict: &Verdict) {
        let kind = verdict.kind_of_failure();
        let name = task.name(&self.ledger);
        let message = format!("{name} given up after {} tries: {}", task.tries, verdict.says());
        log::warn!(target: "hwm", "{message}");
        self.ending.note(verdict.error(kind, message));
        self.dead_end(task, verdict, "ran out of tries");
    }

    /// A 200 that is neither success nor refusal: many in a row, and no success, end the run.
    fn leave_unknown(&mut self, task: Task, verdict: &Verdict) {
        let says = verdict.says();
        log::warn!(target: "hwm", "{} is left unknown: {says}", task.name(&self.ledger));
        self.undocumented += 1;
        if self.undocumented >= self.settings.concurrency.max(3) && !self.refusals.has_passed() {
            let message = format!("the service answers in a way that is not documented: {says}");
            self.ending.stop(verdict.error(ErrorKind::Protocol, message));
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
            self.ending.stop(verdict.error(verdict.kind_of_failure(), message));
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
        task.rejecting.insert(generation);
        let fixed = matches!(self.session.settings.credentials, Credentials::Token(_));
        // A token that was given is kept: the next call tries it again.
        if fixed
            || self.session.tokens.rejected(generation)
            || task.rejecting.len() >= TOKENS_A_BATCH
        {
            let (kind, advice) = match (verdict.http_status, fixed) {
                (403, _) => (
                    ErrorKind::Permission,
                    "check that the token is valid and that its user is an administrator of this enterprise",
                ),
                (_, true) => (
                    ErrorKind::Authentication,
                    "the access token is wrong or has expired; set access_token to a new one, or \
                     app_id and app_key so that it is renewed",
                ),
                _ => (
                    ErrorKind::Authentication,
                    "the token was just fetched; check that endpoint is the one of the credentials",
                ),
            };
            let message =
                format!("the service does not accept the token: {}; {advice}", verdict.says());
            self.ending.stop(verdict.error(kind, message));
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
        let (kind, advice) = match verdict.http_status {
            0 => {
                (ErrorKind::Network, "; the server's certificate is not trusted, nothing was sent")
            }
            200 => (ErrorKind::Protocol, "; something between you and the service answered"),
            300..=399 => {
                (ErrorKind::Protocol, "; redirects are not followed: check endpoint and proxy")
            }
            403 => (ErrorKind::Permission, "; check that the user is an administrator"),
            404 | 405 | 411 | 414 | 415 | 431 => (ErrorKind::Protocol, "; check endpoint"),
            407 => (ErrorKind::Protocol, "; the proxy asks for credentials: check proxy"),
            412 => (ErrorKind::Authentication, "; your administrator's account is disabled"),
            423 => (ErrorKind::Authentication, "; your administrator's account is locked"),
            500.. => (ErrorKind::Server, ""),
            _ => (ErrorKind::Protocol, ""),
        };
        let name = task.name(&self.ledger);
        self.ending.stop(verdict.error(kind, format!("{name}: {}{advice}", verdict.says())));
        self.settle(&task);
    }

    /// All that was tried was refused alike, which no single account explains.
    pub(crate) fn stop_hopeless(&mut self) {
        let last = self.ledger.deciding.last().cloned().unwrap_or_default();
        let error = Error::new(
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
        let failure = Failure {
            sent: sent.exchange.was_sent(),
            cause: Cause::Timeout,
            message: "the call ended before the answer came".into(),
            on_kept_connection: false,
        };
        let mut task = sent.task;
        let verdict = Verdict::of_failure(failure, &mut task, &sent.request_id);
        give_back(sent.pass, &verdict);
        let now_ms = self.session.clock.unix_ms();
        self.observe(&mut task, &verdict, &sent.request_id, false, now_ms);
        self.settle(&task);
    }
}

fn give_back(pass: Pass<'_>, verdict: &Verdict) {
    pass.give_back(|pace, permit, now| match &verdict.pace {
        Pace::NotSent => pace.not_sent(permit),
        Pace::Unanswered => pace.unanswered(permit, now),
        Pace::Answered(told) => pace.answered(permit, now, told),
        Pace::Refused(told, wait) => {
            pace.refused(permit, now, told, *wait, &verdict.message);
        }
    });
}
