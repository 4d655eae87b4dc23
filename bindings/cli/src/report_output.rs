//! Where a report goes: standard output, and a file. One that is lost must not cost the other.

use std::io::{self, Write};

use hwm::{Error, Report};

use crate::exit_code::{Exit, Failure};
use crate::progress::Display;
use crate::replacement::Replacement;
use crate::{colour, report_for_programs, report_table};

/// What is asked for.
pub(crate) struct Outputs {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) csv: Option<Replacement>,
}

/// Tells what became of a call, and with which exit code the command ends.
///
/// A failed call is a failure; its report is written all the same. A report that could not be
/// written is told of at once and makes the exit code 7, whatever the call's is.
pub(crate) fn tell(
    result: &hwm::Result<Report>,
    outputs: Outputs,
    display: &Display,
) -> Result<Exit, Failure> {
    let (report, error) = match result {
        Ok(report) => (Some(report), None),
        Err(error) => (error.report().map(|report| &**report), Some(error)),
    };
    let mut lost = false;
    let mut lose = |name: &str, error: io::Error| {
        display.say(&format!("the report could not be written to {name}: {error}"));
        lost = true;
    };
    match print(report, error, &outputs) {
        // A reader that went away (`| head`) has seen what it wanted.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => lose("standard output", error),
        _ => {}
    }
    // Wrong usage found out nothing that an older report does not tell better.
    let is_usage = error.is_some_and(|error| Exit::of(error.kind()) == Exit::Usage);
    if let (Some(csv), Some(report)) = (outputs.csv, report)
        && !report.is_dry_run()
        && !is_usage
    {
        let name = csv.name().to_owned();
        if let Err(error) = csv.write(|out| report_for_programs::write_csv(report, out)) {
            lose(&name, error);
        }
    }
    match result {
        Err(error) if lost => Err(Failure::local(error.message())),
        Err(error) => Err(error.clone().into()),
        Ok(_) if lost => Ok(Exit::Local),
        Ok(report) if report.is_dry_run() || report.all_applied() => Ok(Exit::AllApplied),
        Ok(_) => Ok(Exit::SomeNot),
    }
}

fn print(report: Option<&Report>, error: Option<&Error>, outputs: &Outputs) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match report {
        _ if outputs.json => report_for_programs::write_json(report, error, &mut out)?,
        Some(report) if !outputs.quiet => {
            report_table::write(report, &mut out, colour::on_stdout())?;
        }
        _ => {}
    }
    out.flush()
}
