//! A report as JSON.

use hwm_engine::outcome::Outcome;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::report::{Entry, Report};

impl Report {
    /// The whole report as one JSON object: `status`, `account_type`, `counts`, `plan`, …, and
    /// `accounts`, an array with one object an account in the fields of [`Entry`].
    ///
    /// Fails with `NoMemory` when there is none for the text.
    pub fn to_json(&self) -> Result<String> {
        let no_memory =
            |_| Error::new(ErrorKind::NoMemory, "not enough memory for the report as JSON");
        let counts: serde_json::Map<String, Value> = Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome.name().to_owned(), self.count(outcome).into()))
            .collect();
        let plan = self.plan();
        let head = json!({
            "status": self.status().name(),
            "account_type": self.account_type().name(),
            "dry_run": self.is_dry_run(),
            "total": self.len(),
            "counts": counts,
            "plan": {
                "accounts": plan.accounts,
                "repeats": plan.repeats,
                "batches": plan.batches,
                "estimated_ms": plan.estimated_ms,
            },
            "requests": self.requests(),
            "retries": self.retries(),
            "elapsed_ms": self.elapsed_ms(),
            "refusals_not_reproduced": self.refusals_not_reproduced(),
            "from_journal_count": self.from_journal_count(),
            "from_journal_oldest_ms": self.from_journal_oldest_ms(),
        });
        let mut text = head.to_string();
        text.pop();
        text.push_str(",\"accounts\":[");
        for (i, entry) in self.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            let entry = entry.to_json().to_string();
            // Room for the entry, a comma and the end.
            text.try_reserve(entry.len() + 3).map_err(no_memory)?;
            text.push_str(&entry);
        }
        text.push_str("]}");
        Ok(text)
    }
}

impl Entry<'_> {
    /// The entry as a JSON object with the fields of this type.
    pub fn to_json(&self) -> Value {
        json!({
            "index": self.index,
            "account": self.account,
            "outcome": self.outcome.name(),
            "http_status": self.http_status,
            "service_code": self.service_code,
            "message": self.message,
            "request_id": self.request_id,
            "attempts": self.attempts,
            "time_ms": self.time_ms,
            "isolated": self.isolated,
            "from_journal": self.from_journal,
        })
    }
}
