//! From a list of accounts to the truth about each.
//!
//! plan → run (hand out, wait, take note of replies) → search refused batches → report. The
//! calling thread does all of it but the exchanges themselves.

mod capacity;
mod ending;
mod flight;
pub(crate) mod host;
mod journal;
pub(crate) mod ledger;
mod next;
mod replies;
mod run;
mod task;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::accounts::Accounts;
use crate::api::set_status::Operation;
use crate::batch::host::Host;
use crate::batch::journal::{Header, Journal, Terms};
use crate::batch::ledger::Ledger;
use crate::batch::run::{Finished, Run};
use crate::bell::Bell;
use crate::error::{self, Error};
use crate::fault::{Fault, Result};
use crate::headroom;
use crate::model::UserStatus;
use crate::report::{Facts, Plan, Report};
use crate::session::Session;
use crate::settings::{CallSettings, Credentials};
use crate::turns::Turn;

/// Runs one `set_status` call, which `began` a moment ago, to its end.
pub(crate) fn set_status(
    session: &Session,
    settings: &CallSettings,
    status: UserStatus,
    accounts: Accounts,
    mut host: Host<'_>,
    began: Duration,
) -> error::Result<Report> {
    let operation =
        Operation { status, account_type: settings.account_type, language: settings.language };
    let mut ledger = Ledger::new(accounts)?;
    let begun = begin(session, settings, &operation, &mut host, &mut ledger);
    let plan = plan(session, settings, &ledger);
    let mut finished = match begun {
        Ok(Some((journal, turn))) => {
            Run::new(session, settings, operation, ledger, host, journal, turn).finish()
        }
        other => {
            host.last_progress(&ledger, session);
            Finished::without_run(ledger, other.err())
        }
    };
    let error = finished.error.take();
    let Ledger { accounts, states, deciding, .. } = finished.ledger;
    let report = Report::new(
        accounts,
        states,
        deciding,
        Facts {
            status,
            account_type: settings.account_type,
            plan,
            dry_run: settings.dry_run,
            requests: finished.requests,
            retries: finished.retries,
            elapsed_ms: session.clock.now().saturating_sub(began).as_millis() as u64,
            refusals_not_reproduced: finished.not_reproduced,
            ended_ms: session.clock.unix_ms(),
        },
    );
    log::info!(target: "hwm", "{}", report.summary());
    match error {
        None => Ok(report),
        // The call was wrong: nothing was sent, and there is nothing to report.
        Some(error) if error.kind.is_misuse() => Err(error.into()),
        Some(error) => Err(Error::from(error).with_report(Arc::new(report))),
    }
}

/// What a run needs before it starts; `None` for a dry run, which only looks.
fn begin<'s>(
    session: &'s Session,
    settings: &CallSettings,
    operation: &Operation,
    host: &mut Host<'_>,
    ledger: &mut Ledger,
) -> Result<Option<(Option<Journal>, Turn<'s>)>> {
    let terms = |path| Terms {
        path,
        header: header(session, operation),
        max_age: settings.journal_max_age,
        now_ms: session.clock.unix_ms(),
    };
    let path = settings.journal.as_deref();
    if settings.dry_run {
        if let Some(path) = path {
            Journal::look_up(&terms(path), ledger, &mut || host.look_early(session))?;
        }
        return Ok(None);
    }
    headroom::require(settings.concurrency)?;
    let turn = take_turn(session, operation.status, host, ledger)?;
    let journal = match path {
        Some(path) => Some(Journal::open(&terms(path), ledger, &mut || host.look_early(session))?),
        None => None,
    };
    Ok(Some((journal, turn)))
}

/// The plan for what is left to send.
fn plan(session: &Session, settings: &CallSettings, ledger: &Ledger) -> Plan {
    let left = ledger.len() - ledger.settled as usize;
    let batches = left.div_ceil(settings.batch_size) as u64;
    Plan {
        accounts: ledger.len() as u64,
        repeats: ledger.accounts.repeats() as u64,
        batches,
        estimated_ms: session.pace().estimate(batches).as_millis() as u64,
    }
}

/// Waits until no call of another status runs; deadline and cancel hold meanwhile.
fn take_turn<'s>(
    session: &'s Session,
    status: UserStatus,
    host: &mut Host<'_>,
    ledger: &Ledger,
) -> Result<Turn<'s>> {
    let bell = Bell::new();
    let place = session.turns.queue(status, bell.waker());
    loop {
        if let Some(turn) = place.try_enter() {
            // It may have been closed since the call began; from now on it cannot be.
            session.check_usable("set_status")?;
            return Ok(turn);
        }
        if let Some(error) = host.look(session.clock.now(), ledger, session) {
            return Err(error);
        }
        bell.wait(run::POLL);
    }
}

/// What a journal of this call must be for.
fn header(session: &Session, operation: &Operation) -> Header {
    let endpoints: Vec<_> =
        session.settings.endpoints.iter().map(|url| url.as_str().trim_end_matches('/')).collect();
    vec![
        ("operation", json!("set_status")),
        ("status", json!(operation.status.name())),
        ("account_type", json!(operation.account_type.name())),
        ("endpoints", json!(endpoints)),
        ("tenant", json!(tenant(&session.settings.credentials))),
    ]
}

/// A fingerprint of whose accounts the credentials reach.
fn tenant(credentials: &Credentials) -> String {
    let named = match credentials {
        Credentials::AppId { app_id, corp_id, user_id, .. } => {
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            format!("app\n{app_id}\n{}\n{}", part(corp_id), part(user_id))
        }
        Credentials::Password { login, .. } => format!("login\n{login}"),
        Credentials::Token(_) | Credentials::Callback(_) => return "unbound".into(),
    };
    let hash = ring::digest::digest(&ring::digest::SHA256, named.as_bytes());
    hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Finished {
    /// What a call leaves behind that sent nothing.
    fn without_run(ledger: Ledger, error: Option<Fault>) -> Finished {
        Finished { ledger, error, requests: 0, retries: 0, not_reproduced: 0 }
    }
}
