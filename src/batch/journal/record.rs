//! One line of a journal, as it is written and as it is read.

use serde_json::{Map, Value, json};

use crate::report::Deciding;
use hwm_engine::evidence::Evidence;

/// What the `hwm_journal` of a first line must be.
pub(super) const VERSION: u64 = 1;

/// A line after the first, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Record {
    /// A run begins. Of finished runs before it, it believed what these times allow, or all.
    Run { believed: Option<Believed> },
    /// A request is about to go out.
    Sent { request_id: String, accounts: Vec<String> },
    /// What came of a request.
    Answered { request_id: String, evidence: Evidence, rejected: bool, said: Deciding },
    /// A run is over.
    End(End),
}

/// When an outcome of a finished run must have been decided for a later run to believe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Believed {
    /// After this.
    pub(super) since_ms: u64,
    /// Not after this, the start of the later run: how old an outcome is that a clock dated ahead
    /// of it, nobody knows.
    pub(super) until_ms: u64,
}

impl Believed {
    pub(super) fn holds(self, time_ms: u64) -> bool {
        self.since_ms < time_ms && time_ms <= self.until_ms
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// Whether every account of its list was applied or rejected.
    pub(super) settled: bool,
    pub(super) time_ms: u64,
    /// How many were applied and rejected; older journals do not say.
    pub(super) counts: Option<(u64, u64)>,
}

impl Record {
    /// Reads a line; `None` when it is none that this version writes.
    ///
    /// A kind that is not known counts as unreadable and is not skipped: a record may take back
    /// what others say, as the `since_ms` of a run does, so that what is left would not be the
    /// truth. A later version that writes more kinds has to raise [`VERSION`].
    pub(super) fn read(line: &[u8]) -> Option<Record> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(line) else { return None };
        if let Some(request_id) = text(&mut fields, "sent") {
            let Some(Value::Array(accounts)) = fields.remove("accounts") else { return None };
            let accounts = accounts.into_iter().map(|account| match account {
                Value::String(account) => Some(account),
                _ => None,
            });
            return Some(Record::Sent { request_id, accounts: accounts.collect::<Option<_>>()? });
        }
        if text(&mut fields, "run").is_some() {
            let believed = match fields.get("since_ms") {
                None => None,
                Some(since) => Some(Believed {
                    since_ms: since.as_u64()?,
                    until_ms: number(&fields, "started_ms")?,
                }),
            };
            return Some(Record::Run { believed });
        }
        if text(&mut fields, "end").is_some() {
            let count = |name: &str| fields.get(name).and_then(Value::as_u64);
            return Some(Record::End(End {
                settled: fields.get("settled")?.as_bool()?,
                time_ms: number(&fields, "time_ms")?,
                counts: count("applied").zip(count("rejected")),
            }));
        }
        let (request_id, evidence, rejected) = if let Some(id) = text(&mut fields, "applied") {
            (id, Evidence::Applied, false)
        } else if let Some(id) = text(&mut fields, "rejected") {
            (id, Evidence::Refused, true)
        } else {
            let id = text(&mut fields, "answered")?;
            (id, evidence(&text(&mut fields, "evidence")?)?, false)
        };
        let said = Deciding {
            http_status: number(&fields, "http_status")?.try_into().ok()?,
            time_ms: number(&fields, "time_ms")?,
            service_code: text(&mut fields, "code").unwrap_or_default().into(),
            message: text(&mut fields, "message").unwrap_or_default().into(),
            request_id: text(&mut fields, "request_id").unwrap_or_default().into(),
        };
        Some(Record::Answered { request_id, evidence, rejected, said })
    }
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A number that counts as 0 when it is missing.
fn number(fields: &Map<String, Value>, name: &str) -> Option<u64> {
    fields.get(name).map_or(Some(0), Value::as_u64)
}

/// The evidence of this name that an `answered` line can have.
fn evidence(name: &str) -> Option<Evidence> {
    [Evidence::NotSent, Evidence::Declined, Evidence::Refused, Evidence::Ambiguous]
        .into_iter()
        .find(|evidence| evidence.name() == name)
}

pub(super) fn run(run: &str, started_ms: u64, since_ms: Option<u64>) -> Value {
    let mut line = json!({ "run": run, "started_ms": started_ms });
    if let Some(since_ms) = since_ms {
        line["since_ms"] = since_ms.into();
    }
    line
}

pub(super) fn sent(request_id: &str, accounts: &[&str]) -> Value {
    json!({ "sent": request_id, "accounts": accounts })
}

pub(super) fn answered(
    request_id: &str,
    evidence: Evidence,
    rejected: bool,
    said: &Deciding,
) -> Value {
    let mut line = match evidence {
        Evidence::Applied => json!({ "applied": request_id }),
        Evidence::Refused if rejected => json!({ "rejected": request_id }),
        other => json!({ "answered": request_id, "evidence": other.name() }),
    };
    line["http_status"] = said.http_status.into();
    line["code"] = (*said.service_code).into();
    line["message"] = (*said.message).into();
    line["request_id"] = (*said.request_id).into();
    line["time_ms"] = said.time_ms.into();
    line
}

pub(super) fn end(run: &str, end: End) -> Value {
    let mut line = json!({ "end": run, "settled": end.settled, "time_ms": end.time_ms });
    if let Some((applied, rejected)) = end.counts {
        line["applied"] = applied.into();
        line["rejected"] = rejected.into();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &Value) -> Option<Record> {
        Record::read(line.to_string().as_bytes())
    }

    #[test]
    fn every_line_that_is_written_is_read_as_what_it_was() {
        let said = Deciding {
            http_status: 400,
            service_code: "USG.1".into(),
            message: "no".into(),
            request_id: "theirs".into(),
            time_ms: 7,
        };
        for evidence in [
            Evidence::NotSent,
            Evidence::Declined,
            Evidence::Refused,
            Evidence::Ambiguous,
            Evidence::Applied,
        ] {
            for rejected in [false, evidence == Evidence::Refused] {
                let (request_id, said) = ("r".to_owned(), said.clone());
                let line = answered(&request_id, evidence, rejected, &said);
                assert_eq!(
                    read(&line),
                    Some(Record::Answered { request_id, evidence, rejected, said })
                );
            }
        }
        let accounts = vec!["a".to_owned(), "\"b\"".to_owned()];
        let sent = sent("r", &["a", "\"b\""]);
        assert_eq!(read(&sent), Some(Record::Sent { request_id: "r".into(), accounts }));
        for since_ms in [None, Some(5)] {
            let believed = since_ms.map(|since_ms| Believed { since_ms, until_ms: 9 });
            assert_eq!(read(&run("x", 9, since_ms)), Some(Record::Run { believed }));
        }
        for counts in [None, Some((3, 4))] {
            let over = End { settled: true, time_ms: 9, counts };
            assert_eq!(read(&end("x", over)), Some(Record::End(over)));
        }
    }

    #[test]
    fn what_this_version_does_not_write_is_unreadable() {
        for line in [
            "",
            "{}",
            "[1]",
            "null",
            "\0\0",
            "{\"sent\":",
            "{\"sent\":1,\"accounts\":[]}",
            "{\"sent\":\"r\"}",
            "{\"sent\":\"r\",\"accounts\":[1]}",
            "{\"answered\":\"r\"}",
            "{\"answered\":\"r\",\"evidence\":\"applied\"}",
            "{\"applied\":\"r\",\"http_status\":70000}",
            "{\"applied\":\"r\",\"time_ms\":-1}",
            "{\"end\":\"x\"}",
            "{\"hwm_journal\":1}",
            "{\"something\":\"new\"}",
        ] {
            assert_eq!(Record::read(line.as_bytes()), None, "{line}");
        }
    }
}
