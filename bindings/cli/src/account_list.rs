//! Which accounts a command is about: those of its arguments, then those of its file.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use clap::ArgMatches;
use hwm::printable;

use crate::account_file::{self, Format};
use crate::exit_code::Failure;
use crate::input;

/// The accounts in the order given, repeats among them.
pub(crate) fn read(arguments: &ArgMatches) -> Result<Vec<String>, Failure> {
    let mut accounts: Vec<String> =
        arguments.get_many::<String>("accounts").into_iter().flatten().cloned().collect();
    for (number, account) in (1..).zip(&accounts) {
        hwm::check_account(account.as_bytes()).map_err(|fault| {
            Failure::usage(format!("argument {number} of the accounts {fault}"))
        })?;
    }
    if let Some(path) = file(arguments) {
        accounts.extend(read_file(path, arguments)?);
    }
    if accounts.is_empty() {
        return Err(Failure::usage("no accounts: the list is empty"));
    }
    Ok(accounts)
}

/// The file of accounts, if there is one.
pub(crate) fn file(arguments: &ArgMatches) -> Option<&Path> {
    arguments.get_one::<std::path::PathBuf>("file").map(|path| path.as_path())
}

/// Whether standard input is where the accounts come from.
pub(crate) fn is_stdin(arguments: &ArgMatches) -> bool {
    file(arguments).is_some_and(|path| path == Path::new("-"))
}

/// How many different accounts there are.
pub(crate) fn distinct(accounts: &[String]) -> usize {
    accounts.iter().collect::<HashSet<_>>().len()
}

fn read_file(path: &Path, arguments: &ArgMatches) -> Result<Vec<String>, Failure> {
    let mut checked = 0;
    let look = |bytes: &[u8]| {
        input::require_text(bytes, checked)?;
        checked = bytes.len();
        Ok(())
    };
    let (name, bytes) = if is_stdin(arguments) {
        let bytes = input::read(io::stdin().lock(), input::LIST, look);
        ("standard input".to_owned(), bytes)
    } else {
        let bytes = File::open(path)
            .map_err(|error| error.to_string())
            .and_then(|file| input::read(file, input::LIST, look));
        (path.display().to_string(), bytes)
    };
    let fail = |fault: String| Failure::usage(format!("{name}: {fault}"));
    let bytes = bytes.map_err(fail)?;
    let format = arguments.get_one::<String>("format").map(|format| match format.as_str() {
        "csv" => Format::Csv,
        "json" => Format::Json,
        _ => Format::Text,
    });
    let named_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let column = arguments.get_one::<String>("column").map(String::as_str);
    let list = account_file::parse(&bytes, format, named_csv, column).map_err(fail)?;
    if let Some(header) = list.assumed_header {
        let note = format!(
            "{name}: {header:?} was taken for the name of the column; if it is an account, say \
             --format text"
        );
        let _ = writeln!(io::stderr(), "hwm: {}", printable(&note));
    }
    Ok(list.accounts)
}
