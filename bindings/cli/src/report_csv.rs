//! The report as CSV, one row an account, in the caller's order.

use std::fs::{self, File};
use std::path::Path;

use hwm::Report;

use crate::exit_code::Failure;

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

/// A file that is open before anything is sent, so that a report is not lost to a bad path.
pub(crate) struct CsvReport {
    writer: csv::Writer<File>,
    name: String,
}

impl CsvReport {
    /// Creates `path`, or empties it. Refuses to overwrite `source`, the list of accounts.
    pub(crate) fn create(path: &Path, source: Option<&Path>) -> Result<CsvReport, Failure> {
        let name = path.display().to_string();
        if let Some(source) = source
            && let (Ok(path), Ok(source)) = (fs::canonicalize(path), fs::canonicalize(source))
            && path == source
        {
            return Err(Failure::usage(format!("{name}: is the list of accounts itself")));
        }
        let file =
            File::create(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
        Ok(CsvReport { writer: csv::Writer::from_writer(file), name })
    }

    /// Writes every entry of `report`.
    pub(crate) fn write(mut self, report: &Report) -> Result<(), Failure> {
        self.write_rows(report).map_err(|error| Failure::local(format!("{}: {error}", self.name)))
    }

    fn write_rows(&mut self, report: &Report) -> csv::Result<()> {
        self.writer.write_record(HEADER)?;
        for entry in report.iter() {
            self.writer.write_record([
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
        self.writer.flush()?;
        Ok(())
    }
}
