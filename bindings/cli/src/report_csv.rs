//! The report as CSV, one row an account, in the caller's order.

use std::io::{self, Write};

use hwm::Report;

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

/// Writes every entry of `report`, with the true text of accounts and messages.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
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
