//! The report for programs: one JSON object, or CSV with one row an account.

use std::collections::BTreeMap;
use std::io::{self, Write};

use hwm::{Error, Report};
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const HEADER: [&str; 11] = [
    "index",
    "account",
    "outcome",
    "http_status",
    "service_code",
    "message",
    "request_id",
    "attempts",
    "time_ms",
    "isolated",
    "from_journal",
];

/// Writes every entry of `report` in the caller's order, with the true text of accounts and
/// messages.
pub(crate) fn write_csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_rows(report, out).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

fn write_rows(report: &Report, out: &mut dyn Write) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    for entry in report.iter() {
        writer.write_record([
            entry.index.to_string().as_str(),
            entry.account,
            entry.outcome.name(),
            &entry.http_status.to_string(),
            entry.service_code,
            entry.message,
            entry.request_id,
            &entry.attempts.to_string(),
            &entry.time_ms.to_string(),
            if entry.isolated { "true" } else { "false" },
            if entry.from_journal { "true" } else { "false" },
        ])?;
    }
    writer.flush()?;
    Ok(())
}

/// Writes one line: the report's members as the library writes them, and before them `error`,
/// which is null when the call came to its end.
pub(crate) fn write_json(
    report: Option<&Report>,
    error: Option<&Error>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = match report {
        Some(report) => report.to_json().map_err(io::Error::other)?,
        None => "{}".to_owned(),
    };
    write_object(error.map_or(Value::Null, error_as_json), &text, out)?;
    writeln!(out)
}

fn error_as_json(error: &Error) -> Value {
    json!({
        "kind": error.kind().name(),
        "code": error.kind().code(),
        "message": error.message(),
        "http_status": error.http_status(),
        "service_code": error.service_code(),
        "request_id": error.request_id(),
    })
}

/// The object that `report` holds, with `error` as its first member and the accounts, which are
/// many and stay text, as its last.
fn write_object(error: Value, report: &str, out: &mut dyn Write) -> serde_json::Result<()> {
    let mut members: BTreeMap<&str, &RawValue> = serde_json::from_str(report)?;
    let accounts = members.remove_entry("accounts");
    let mut json = serde_json::Serializer::new(out);
    let mut object = json.serialize_map(None)?;
    object.serialize_entry("error", &error)?;
    for (key, value) in members.into_iter().chain(accounts) {
        object.serialize_entry(key, value)?;
    }
    object.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_begins_with_the_error_and_ends_with_the_accounts() {
        for (report, expected) in [
            ("{}", r#"{"error":null}"#),
            (r#"{"accounts":[{"b":1,"a":"{\"é"}],"total":1}"#, {
                r#"{"error":null,"total":1,"accounts":[{"b":1,"a":"{\"é"}]}"#
            }),
        ] {
            let mut text = Vec::new();
            write_object(Value::Null, report, &mut text).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
