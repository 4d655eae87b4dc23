//! The command `hwm`: the library's operations for a shell.

mod account_file;
mod account_list;
mod bounded_input;
mod colour;
mod command_line;
mod confirmation;
mod csv_quotes;
mod doctor;
mod exit_code;
mod file_kind;
mod interruption;
mod log_lines;
mod manual;
mod printable;
mod private_file;
mod profile;
mod progress;
mod report_csv;
mod report_table;
mod set_status;
mod settings;

use std::io::Write;
use std::process::ExitCode;

use crate::exit_code::Failure;
use crate::printable::printable;

fn main() -> ExitCode {
    let matches = command_line::command().get_matches();
    let result = match matches.subcommand() {
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
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "hwm: {}", printable(&failure.message));
            failure.exit
        }
    }
    .into()
}
