//! From a list of accounts to the truth about each.
//!
//! plan → run (hand out, wait, take note of replies) → search refused batches → report. The
//! calling thread does all of it but the exchanges themselves.

mod capacity;
mod ending;
mod host;
mod journal;
mod ledger;
mod next;
mod replies;
mod run;
mod task;
pub(crate) mod verdict;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::accounts::Accounts;
use crate::api::set_status::Operation;
use crate::batch::host::Host;
use crate::batch::journal::{Header, Journal};
use crate::batch::ledger::Ledger;
use crate::batch::run::{Finished, Run};
use crate::bell::Bell;
use crate::client::Call;
use crate::error::{Error, Result};
use crate::model::UserStatus;
use crate::report::{self, Plan, Report};
use crate::session::Session;
use crate::settings::{CallSettings, Credentials};
use crate::turns::Turn;

/// Runs one `set_status` call, which `began` a moment ago, to its end.
pub(crate) fn set_status(
    session: &Session,
    settings: &CallSettings,
    status: UserStatus,
    accounts: Accounts,
    call: Call<'_>,
    began: Duration,
) -> Result<Report> {
    let plan = plan(session, settings, &accounts);
    let operation = Operation {
        status,
        account_type: settings.account_type,
        language: settings.language.clone(),
    };
    let mut ledger = Ledger::new(accounts)?;
    let report = |finished: Finished| Report {
        counts: report::counts(&finished.ledger.states),
        accounts: finished.ledger.accounts,
        states: finished.ledger.states,
        deciding: finished.ledger.deciding,
        status,
        account_type: settings.account_type,
        plan,
        dry_run: settings.dry_run,
        requests: finished.requests,
        retries: finished.retries,
        elapsed_ms: session.clock.now().saturating_sub(began).as_millis() as u64,
        refusals_not_reproduced: finished.not_reproduced,
    };
    let mut host = Host::new(call, settings, began);
    if settings.dry_run {
        host.last_progress(&ledger, session);
        return Ok(report(Finished::without_run(ledger, None)));
    }
    let turn = take_turn(session, status, &mut host, &ledger);
    let mut finished = match turn {
        Err(error) => {
            host.last_progress(&ledger, session);
            Finished::without_run(ledger, Some(error))
        }
        Ok(turn) => match open_journal(session, settings, &operation, &mut ledger) {
            Err(error) => {
                host.last_progress(&ledger, session);
                Finished::without_run(ledger, Some(error))
            }
            Ok(journal) => {
                Run::new(session, settings, operation, ledger, host, journal, turn).finish()
            }
        },
    };
    let error = finished.error.take();
    let report = report(finished);
    log::info!(target: "hwm", "{}", report.summary());
    match error {
        None => Ok(report),
        Some(error) => Err(error.with_report(Arc::new(report))),
    }
}

fn plan(session: &Session, settings: &CallSettings, accounts: &Accounts) -> Plan {
    let batches = accounts.len().div_ceil(settings.batch_size) as u64;
    Plan {
        accounts: accounts.len() as u64,
        repeats: accounts.repeats() as u64,
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

fn open_journal(
    session: &Session,
    settings: &CallSettings,
    operation: &Operation,
    ledger: &mut Ledger,
) -> Result<Option<Journal>> {
    let Some(path) = &settings.journal else { return Ok(None) };
    let header = header(session, operation);
    let now_ms = session.clock.unix_ms();
    Journal::open(path, &header, settings.journal_max_age, now_ms, ledger).map(Some)
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
    fn without_run(ledger: Ledger, error: Option<Error>) -> Finished {
        Finished { ledger, error, requests: 0, retries: 0, not_reproduced: 0 }
    }
}
