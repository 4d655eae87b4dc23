//! `hwm set-status`: from arguments to a report and an exit code.

use std::env;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use hwm::{Call, Client, Options, UserStatus};

use crate::exit_code::{Exit, Failure};
use crate::progress::Display;
use crate::replacement::{Guarded, Identity, Replacement};
use crate::report_output::{self, Outputs};
use crate::{account_list, closing_advice, confirmation, interruption, settings};

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
    let csv = arguments
        .get_one::<PathBuf>("csv")
        .map(|path| Replacement::prepare(path, &guarded(arguments, &options), dry_run))
        .transpose()?;
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

    let outputs =
        Outputs { json: arguments.get_flag("json"), quiet: arguments.get_flag("quiet"), csv };
    let told = report_output::tell(&result, outputs, &display);
    if let (Ok(_), Err(error)) = (&result, closed) {
        display.say(&format!("could not log out: {error}"));
    }
    told.map_err(|mut failure| {
        let error = result.as_ref().err();
        failure.advice =
            error.and_then(|error| closing_advice::after(error, options.is_set("journal")));
        failure
    })
}

/// The files of this run that a report must not replace.
fn guarded(arguments: &ArgMatches, options: &Options) -> Vec<Guarded> {
    let file =
        |what, path: Option<&Path>| Guarded { identity: path.and_then(Identity::of_path), what };
    let option = |key| options.get(key).map(Path::new);
    let reads_stdin = account_list::is_stdin(arguments) || arguments.get_flag("secrets_stdin");
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
        Guarded { identity: reads_stdin.then(stdin).flatten(), what: "standard input" },
    ]
}
