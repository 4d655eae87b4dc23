//! The command `hwm`: the library's operations for a shell.

// Floors. A file imports from its own floor and those below, never from a higher one and never in
// a circle; tests/house.rs reads this list and holds it.
//   5  set_status doctor manual usage_error
//   4  settings account_list confirmation interruption report_output closing_advice log_lines
//   3  profile environment account_file progress report_table report_for_programs
//   2  secrets command_line account_csv replacement
//   1  exit_code input status_word misspelling duration colour
// From above: what the user calls, the steps of that, what a step is made of, what reads and
// writes one kind of thing, and words that know nothing of the command.

#![warn(clippy::too_many_lines)]

mod account_csv;
mod account_file;
mod account_list;
mod closing_advice;
mod colour;
mod command_line;
mod confirmation;
mod doctor;
mod duration;
mod environment;
mod exit_code;
mod input;
mod interruption;
mod log_lines;
mod manual;
mod misspelling;
mod profile;
mod progress;
mod replacement;
mod report_for_programs;
mod report_output;
mod report_table;
mod secrets;
mod set_status;
mod settings;
mod status_word;
mod usage_error;

use std::io::Write;
use std::process::ExitCode;

use clap::ArgMatches;

use crate::exit_code::{Exit, Failure};

fn main() -> ExitCode {
    match command_line::command().try_get_matches() {
        Ok(matches) => run(&matches),
        Err(error) => Err(usage_error::explain(error)),
    }
    .unwrap_or_else(|failure| {
        let _ = writeln!(std::io::stderr(), "{failure}");
        failure.exit
    })
    .into()
}

fn run(matches: &ArgMatches) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("set-status", arguments)) => {
            log_lines::show(arguments.get_count("verbose"));
            set_status::run(arguments)
        }
        Some(("doctor", arguments)) => {
            log_lines::show(arguments.get_count("verbose"));
            doctor::run(arguments)
        }
        Some(("completions", arguments)) => manual::completions(arguments),
        Some(("man", arguments)) => manual::man(arguments),
        _ => Err(Failure::usage("no such command; see hwm --help")),
    }
}
