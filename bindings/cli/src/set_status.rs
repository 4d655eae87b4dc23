//! `hwm set-status`: from arguments to a report and an exit code.

use std::env;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use hwm::options::parse_bool;
use hwm::{Call, Cancel, Client, Options, Progress, Report, UserStatus};

use crate::exit_code::{Exit, Failure};
use crate::progress::Display;
use crate::replacement::{Guarded, Identity, Replacement};
use crate::report_output::{self, Outputs};
use crate::{account_list, closing_advice, confirmation, interruption, secrets, settings};

/// Runs the command. A failure that has no report is returned; all else is told here.
pub(crate) fn run(arguments: &ArgMatches) -> Result<Exit, Failure> {
    require_one_use_of_stdin(arguments)?;
    let interruption =
        interruption::watch().map_err(|error| Failure::local(format!("signals: {error}")))?;
    let mut task = Task::prepare(arguments)?;
    task.confirm(arguments)?;
    let display = display(arguments);
    let cancel = interruption.guard(&display);
    let result = task.carry_out(&cancel, &display);
    display.finish();
    let closed = task.client.close();
    let outputs = Outputs {
        json: arguments.get_flag("json"),
        quiet: arguments.get_flag("quiet"),
        csv: task.csv.take(),
    };
    let told = report_output::tell(&result, outputs, &display);
    if let (Ok(_), Err(error)) = (&result, closed) {
        display.say(&format!("could not log out: {error}"));
    }
    let journal = task.options.is_set("journal");
    told.map_err(|failure| Failure {
        advice: result.err().and_then(|error| closing_advice::after(&error, journal)),
        ..failure
    })
}

fn require_one_use_of_stdin(arguments: &ArgMatches) -> Result<(), Failure> {
    if account_list::is_stdin(arguments) && arguments.get_flag("secrets_stdin") {
        return Err(Failure::usage(
            "standard input cannot be both --file - and --secrets-stdin; use --secrets-file",
        ));
    }
    Ok(())
}

/// What is to be done, read and checked as far as that is possible before anything is sent.
struct Task {
    status: UserStatus,
    accounts: Vec<String>,
    options: Options,
    client: Client,
    csv: Option<Replacement>,
}

impl Task {
    fn prepare(arguments: &ArgMatches) -> Result<Task, Failure> {
        let Some(&status) = arguments.get_one::<UserStatus>("status") else {
            return Err(Failure::usage("no status"));
        };
        let options = settings::gather(arguments)?;
        secrets::require_credentials(&options)?;
        let csv = arguments
            .get_one::<PathBuf>("csv")
            .map(|path| {
                Replacement::prepare(path, &guarded(arguments, &options), dry_run(&options))
            })
            .transpose()?;
        let accounts = account_list::read(arguments)?;
        let client = Client::new(&options)?;
        Ok(Task { status, accounts, options, client, csv })
    }

    /// Asks whether to change so many accounts, where that has to be asked.
    fn confirm(&self, arguments: &ArgMatches) -> Result<(), Failure> {
        let count = account_list::distinct(&self.accounts);
        if count <= confirmation::UNASKED || dry_run(&self.options) || arguments.get_flag("yes") {
            return Ok(());
        }
        confirmation::ask(count, self.status, !reads_stdin(arguments))
    }

    fn carry_out(&self, cancel: &Cancel, display: &Display) -> hwm::Result<Report> {
        let mut show = display.callback();
        let mut on_progress = |progress: &Progress| {
            show(progress);
            ControlFlow::Continue(())
        };
        let call = Call::new().cancel(cancel).on_progress(&mut on_progress);
        self.client.set_status(self.status, &self.accounts, call)
    }
}

/// Where progress is shown.
fn display(arguments: &ArgMatches) -> Display {
    match arguments.get_count("verbose") {
        0 => Display::new(arguments.get_flag("quiet")),
        // The log tells more than a bar, and would tear it.
        _ => Display::Nothing,
    }
}

fn dry_run(options: &Options) -> bool {
    options.get("dry_run").and_then(parse_bool).unwrap_or(false)
}

fn reads_stdin(arguments: &ArgMatches) -> bool {
    account_list::is_stdin(arguments) || arguments.get_flag("secrets_stdin")
}

/// The files of this run that a report must not replace.
#[expect(clippy::disallowed_methods, reason = "a variable more can only guard a file more")]
fn guarded(arguments: &ArgMatches, options: &Options) -> Vec<Guarded> {
    let file =
        |what, path: Option<&Path>| Guarded { identity: path.and_then(Identity::of_path), what };
    let option = |key| options.get(key).map(Path::new);
    let stdin = || Identity::of_open(io::stdin());
    vec![
        file("the list of accounts", account_list::file(arguments)),
        file("the journal", option("journal")),
        file("the configuration file", settings::configuration_file(arguments).as_deref()),
        file(
            "the file of secrets",
            arguments.get_one::<PathBuf>("secrets_file").map(PathBuf::as_path),
        ),
        file("the file of trusted roots", option("ca_file")),
        file("the file of trusted roots", env::var_os("SSL_CERT_FILE").as_deref().map(Path::new)),
        Guarded { identity: reads_stdin(arguments).then(stdin).flatten(), what: "standard input" },
    ]
}
