//! What a reply means for its batch, and what is done with the batch next.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::api::fault::{self, Fault};
use crate::api::set_status;
use crate::batch::run::{InFlight, Run};
use crate::batch::task::{Purpose, Task};
use crate::error::{Error, ErrorKind};
use crate::evidence::{Evidence, Observation};
use crate::model::{Outcome, UserStatus};
use crate::pacer::Permit;
use crate::report::Deciding;
use crate::retry::{self, Next};
use crate::settings::Credentials;
use crate::transport::{Answer, Cause, Failure, Reply};

/// Conflicts (409) of one batch that are tried again.
const CONFLICT_TRIES: u32 = 2;
/// Lone refusals in a row, with one code, that mean too few resources.
const CAPACITY_STREAK: u32 = 3;

/// A reply as far as its batch is concerned.
pub(crate) struct Verdict {
    evidence: Evidence,
    next: Next,
    http_status: u16,
    code: String,
    message: String,
    request_id: String,
    pace: Pace,
}

/// A reply as far as the quota is concerned.
enum Pace {
    NotSent,
    Unanswered,
    Answered(HeaderMap),
    Refused(HeaderMap, Option<Duration>),
}

impl Verdict {
    fn error(&self, kind: ErrorKind, message: String) -> Error {
        Error::new(kind, message).with_answer(self.http_status, &self.code, &self.request_id)
    }

    fn kind_of_failure(&self) -> ErrorKind {
        match self.http_status {
            0 => ErrorKind::Network,
            200 => ErrorKind::Protocol,
            _ => ErrorKind::Server,
        }
    }

    /// `USG.201040000 user account does not exist [request 208b…]`
    fn says(&self) -> String {
        let mut text = match (self.http_status, self.code.as_str()) {
            (0, _) => String::new(),
            (status, "") => format!("HTTP {status}"),
            (_, code) => code.to_owned(),
        };
        if !self.message.is_empty() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.message);
        }
        if !self.request_id.is_empty() {
            text.push_str(&format!(" [request {}]", self.request_id));
        }
        text
    }
}

impl Run<'_, '_> {
    /// Takes note of a reply and decides what its batch does next.
    pub(crate) fn replied(&mut self, sent: InFlight, reply: Reply) {
        let now = self.now();
        let InFlight { mut task, permit, generation, request_id, started, .. } = sent;
        let verdict = match reply {
            Ok(answer) => self.judge_answer(answer, &request_id),
            Err(failure) => judge_failure(failure, &mut task, &request_id),
        };
        self.give_back(permit, &task, &verdict);
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
        self.observe(&mut task, &verdict, &request_id);
        match verdict.next {
            Next::Settle => {
                self.refusals.passed();
                self.settle(&task);
                self.searched(task, true);
            }
            Next::Refused
                if verdict.http_status == 409
                    && task.conflicts < CONFLICT_TRIES
                    && task.tries + 1 < self.settings.attempts =>
            {
                task.conflicts += 1;
                self.again(task, &verdict);
            }
            Next::Refused => self.refused(task, verdict),
            Next::Again => self.again(task, &verdict),
            Next::AgainAtOnce => self.ready.push_front(task),
            Next::AgainElsewhere if task.misdirected => self.stop_at(task, &verdict),
            Next::AgainElsewhere => {
                task.misdirected = true;
                self.session.transport.forget_connections();
                self.again(task, &verdict);
            }
            Next::WaitForQuota => self.ready.push_front(task),
            Next::RenewToken => self.token_rejected(task, &verdict, generation),
            Next::Split => self.split(task, &verdict),
            Next::Stop => self.stop_at(task, &verdict),
        }
    }

    fn judge_answer(&mut self, answer: Answer, request_id: &str) -> Verdict {
        let fault = Fault::read(&answer);
        let retry_after = retry_after(&answer);
        let next =
            retry::after_answer(answer.status, &fault.code, fault.is_html, retry_after.is_some());
        let evidence = set_status::evidence(&answer, &fault);
        let pace = match next {
            Next::WaitForQuota => Pace::Refused(answer.headers, retry_after),
            _ => Pace::Answered(answer.headers),
        };
        let mut verdict = Verdict {
            evidence,
            next,
            pace,
            http_status: answer.status,
            message: match (fault.message.is_empty(), fault.is_html) {
                (true, true) => "an HTML page, not an answer of the service".into(),
                _ => fault.message,
            },
            code: fault.code,
            request_id: if fault.request_id.is_empty() {
                request_id.into()
            } else {
                fault.request_id
            },
        };
        if answer.status == 200 && fault.is_html {
            self.pages_seen += 1;
            if self.pages_seen >= 2 {
                verdict.next = Next::Stop;
            }
        }
        verdict
    }

    fn give_back(&self, permit: Permit, task: &Task, verdict: &Verdict) {
        let now = self.now();
        self.session.pacer(task.endpoint, |pacer| match &verdict.pace {
            Pace::NotSent => pacer.not_sent(permit),
            Pace::Unanswered => pacer.unanswered(permit, now),
            Pace::Answered(headers) => pacer.answered(permit, now, headers),
            Pace::Refused(headers, wait) => {
                pacer.refused(permit, now, headers, *wait, &verdict.message);
            }
        });
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

    fn observe(&mut self, task: &mut Task, verdict: &Verdict, request_id: &str) {
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
            time_ms: self.session.clock.unix_ms(),
        };
        if let Some(journal) = &mut self.journal {
            let rejected = seen.alone
                && (seen.judges_account
                    || !task.positions.iter().any(|&position| self.ledger.was_ambiguous(position)));
            journal.answered(request_id, seen.evidence, rejected, &deciding);
        }
        task.slot = self.ledger.observe(&task.positions, seen, deciding, task.slot);
    }

    fn settle(&mut self, task: &Task) {
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

    /// A batch was refused when nothing new is started any more. What that leaves open is kept: the
    /// search for what fits needs it, and a call that ends before has left it undone.
    fn refused_late(&mut self, task: Task, judges_account: bool) {
        let alone = task.positions.len() == 1;
        match task.purpose {
            Purpose::Fit => {
                if let Some(fit) = &mut self.refusals.fit {
                    if alone && judges_account { fit.skip() } else { fit.refused() }
                }
                return;
            }
            Purpose::Isolate(number) => {
                if let Some(search) = self.refusals.search(number) {
                    search.refused();
                }
            }
            Purpose::Set if alone => {}
            Purpose::Set if self.settings.isolate => {
                self.refusals.park(task.positions);
                return;
            }
            Purpose::Set => self.settle(&task),
        }
        if alone && !judges_account && self.out_of_capacity.is_some() {
            // Nobody behind this account is to be enabled before it.
            self.refusals.park(task.positions);
        }
    }

    /// Too few resources: nothing new is started but, when all that is out has ended, the search
    /// for what fits.
    fn out_of_capacity(&mut self, task: Task, verdict: Verdict) {
        let message = format!("too few resources: {}", verdict.says());
        log::warn!(target: "hwm", "{message}");
        self.ending.note(verdict.error(ErrorKind::Capacity, message));
        self.out_of_capacity = Some(verdict);
        self.refused_late(task, false);
        self.waiting.retain(|task| task.purpose == Purpose::Set);
        for task in std::mem::take(&mut self.ready) {
            if task.purpose == Purpose::Set && task.sends > 0 {
                self.ready.push_back(task);
            } else if task.purpose == Purpose::Set && self.is_open(&task) {
                self.refusals.park(task.positions);
            }
        }
    }

    /// Whether a request that was refused has held the accounts of `task`.
    fn is_open(&self, task: &Task) -> bool {
        task.positions.iter().any(|&position| self.ledger.outcome(position) == Outcome::Unknown)
    }

    /// The search for what fits is over, and so is the call.
    pub(crate) fn end_fit(&mut self) {
        self.refusals.fit = None;
        if let Some(verdict) = self.out_of_capacity.take() {
            let (applied, total) = (self.ledger.applied, self.ledger.len());
            let message =
                format!("too few resources: {applied} of {total} enabled; {}", verdict.says());
            self.ending.stop(verdict.error(ErrorKind::Capacity, message));
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

    fn token_rejected(&mut self, task: Task, verdict: &Verdict, generation: u64) {
        let pointless = self.session.tokens.rejected(generation);
        let fixed = matches!(self.session.settings.credentials, Credentials::Token(_));
        if pointless || fixed {
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
                    self.ready.push_front(part);
                }
            }
            Purpose::Isolate(number) => {
                if let Some(next) = self.next_probe(number) {
                    self.ready.push_back(next);
                }
            }
            Purpose::Fit => self.searched(task, false),
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
    pub(crate) fn give_up_in_flight(&mut self, sent: InFlight) {
        let failure = Failure {
            sent: sent.exchange.was_sent(),
            cause: Cause::Timeout,
            message: "the call ended before the answer came".into(),
            on_kept_connection: false,
        };
        let mut task = sent.task;
        let verdict = judge_failure(failure, &mut task, &sent.request_id);
        self.give_back(sent.permit, &task, &verdict);
        self.observe(&mut task, &verdict, &sent.request_id);
        self.settle(&task);
    }
}

fn judge_failure(failure: Failure, task: &mut Task, request_id: &str) -> Verdict {
    let reset_when_kept = failure.cause == Cause::Broken && failure.on_kept_connection;
    let next = match failure.cause {
        Cause::Certificate => Next::Stop,
        // The server closed a connection it had kept: that says nothing of the request.
        _ if reset_when_kept && !task.free_try_used => Next::AgainAtOnce,
        _ => Next::Again,
    };
    task.free_try_used |= next == Next::AgainAtOnce;
    Verdict {
        evidence: if failure.sent { Evidence::Ambiguous } else { Evidence::NotSent },
        next,
        http_status: 0,
        code: String::new(),
        message: failure.message,
        request_id: request_id.into(),
        pace: if failure.sent { Pace::Unanswered } else { Pace::NotSent },
    }
}

/// A wait that no call sits out; keeps sums of times far from overflow.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(366 * 86_400);

/// `Retry-After` in seconds. The form with a date is not used by the gateway; it counts as absent,
/// and so does 0, which would have the same request refused again at once and for ever.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = fault::header(&answer.headers, "retry-after");
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let wait = digits.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs);
    (!wait.is_zero()).then_some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_and_never_overflows() {
        for (value, expected) in [
            ("7", Some(Duration::from_secs(7))),
            ("0", None),
            ("-1", None),
            ("Wed, 21 Oct 2015 07:28:00 GMT", None),
            ("99999999999", Some(LONGEST_RETRY_AFTER)),
            ("18446744073709551615", Some(LONGEST_RETRY_AFTER)),
            ("99999999999999999999999", Some(LONGEST_RETRY_AFTER)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            let answer = Answer { status: 429, headers, body: Default::default() };
            assert_eq!(retry_after(&answer), expected, "{value}");
        }
    }
}
