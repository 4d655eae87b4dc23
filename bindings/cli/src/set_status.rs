//! `hwm set-status`: from arguments to a report and an exit code.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use hwm::{Call, Client, Options, Report, UserStatus};
use serde_json::json;

use crate::exit_code::{Exit, Failure};
use crate::progress::Display;
use crate::replacement::{Guarded, Identity, Replacement};
use crate::{account_list, closing_advice, colour, confirmation, interruption, report_csv};
use crate::{report_table, settings};

/// Runs the command. A failure that has no report is returned; all else is told here.
pub(crate) fn run(arguments: &ArgMatches) -> Result<Exit, Failure> {
    let Some(&status) = arguments.get_one::<UserStatus>("status") else {
        return Err(Failure::usage("no status"));
    };
    let stdin_is_list = account_list::is_stdin(arguments);
    if stdin_is_list && arguments.get_flag("secrets_stdin") {
        return Err(Failure::usage(
            "standard input cannot be both --file - and --secrets-stdin; use --secrets-file",
        ));
    }
    let interruption =
        interruption::watch().map_err(|error| Failure::local(format!("signals: {error}")))?;
    let options = settings::gather(arguments)?;
    settings::require_credentials(&options)?;
    let dry_run = options.get("dry_run").is_some_and(|value| {
        matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
    });
    let csv = match arguments.get_one::<PathBuf>("csv") {
        Some(path) => {
            Some((path, Replacement::prepare(path, &guarded(arguments, &options), dry_run)?))
        }
        None => None,
    };
    let accounts = account_list::read(arguments)?;
    let client = Client::new(&options)?;

    let count = account_list::distinct(&accounts);
    if count > confirmation::UNASKED && !dry_run && !arguments.get_flag("yes") {
        let stdin_is_free = !stdin_is_list && !arguments.get_flag("secrets_stdin");
        confirmation::ask(count, status, stdin_is_free)?;
    }
    let display = match arguments.get_count("verbose") {
        0 => Display::new(arguments.get_flag("quiet")),
        // The log tells more than a bar, and would tear it.
        _ => Display::Nothing,
    };
    let cancel = interruption.guard(&display);
    let mut show = display.callback();
    let mut on_progress = |progress: &hwm::Progress| {
        show(progress);
        ControlFlow::Continue(())
    };
    let call = Call::new().cancel(&cancel).on_progress(&mut on_progress);
    let result = client.set_status(status, &accounts, call);
    display.finish();
    let closed = client.close();

    let (report, error) = match &result {
        Ok(report) => (Some(report), None),
        Err(error) => (error.report().map(|report| &**report), Some(error)),
    };
    let printed = if arguments.get_flag("json") {
        print_json(report, error)
    } else if let (Some(report), false) = (report, arguments.get_flag("quiet")) {
        print_table(report)
    } else {
        Ok(())
    };
    // One report that is lost must not cost the other: both are written, then both are told of.
    let mut lost = false;
    let mut lose = |name: &str, error: io::Error| {
        display.say(&format!("the report could not be written to {name}: {error}"));
        lost = true;
    };
    match printed {
        // A reader that went away (`| head`) has seen what it wanted.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => lose("standard output", error),
        _ => {}
    }
    // Wrong usage found out nothing that an older report does not tell better.
    let unused = dry_run || error.is_some_and(|error| Exit::of(error.kind()) == Exit::Usage);
    if let (Some((path, csv)), Some(report), false) = (csv, report, unused)
        && let Err(error) = csv.write(|out| report_csv::write(report, out))
    {
        lose(&path.display().to_string(), error);
    }
    if let Err(error) = &result {
        let mut failure = Failure::from(error.clone());
        failure.advice = closing_advice::after(error, options.is_set("journal"));
        if lost {
            failure.exit = Exit::Local;
        }
        return Err(failure);
    }
    if let Err(error) = closed {
        display.say(&format!("could not log out: {error}"));
    }
    Ok(match report {
        _ if lost => Exit::Local,
        Some(report) if report.is_dry_run() || report.all_applied() => Exit::AllApplied,
        _ => Exit::SomeNot,
    })
}

/// The files of this run that a report must not replace.
fn guarded(arguments: &ArgMatches, options: &Options) -> Vec<Guarded> {
    let file =
        |what, path: Option<&Path>| Guarded { identity: path.and_then(Identity::of_path), what };
    let option = |key| options.get(key).map(Path::new);
    let mut guarded = vec![
        file("the list of accounts", account_list::file(arguments)),
        file("the journal", option("journal")),
        file("the configuration file", settings::configuration_file(arguments).as_deref()),
        file(
            "the file of secrets",
            arguments.get_one::<PathBuf>("secrets_file").map(PathBuf::as_path),
        ),
        file("the file of trusted roots", option("ca_file")),
    ];
    if account_list::is_stdin(arguments) || arguments.get_flag("secrets_stdin") {
        guarded[0].identity = None;
        guarded.push(Guarded { identity: Identity::of_open(io::stdin()), what: "standard input" });
    }
    guarded
}

fn print_table(report: &Report) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    report_table::write(report, &mut out, colour::on_stdout())?;
    out.flush()
}

/// The report as the library writes it, with one member more: `error`, which is null when the
/// call came to its end.
fn print_json(report: Option<&Report>, error: Option<&hwm::Error>) -> io::Result<()> {
    let error = match error {
        Some(error) => json!({
            "kind": error.kind().name(),
            "code": error.kind().code(),
            "message": error.message(),
            "http_status": error.http_status(),
            "service_code": error.service_code(),
            "request_id": error.request_id(),
        }),
        None => json!(null),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match report {
        Some(report) => {
            let report = report.to_json().map_err(io::Error::other)?;
            writeln!(out, "{{\"error\":{error},{}", &report[1..])?;
        }
        None => writeln!(out, "{{\"error\":{error}}}")?,
    }
    out.flush()
}
