//! Which accounts a command is about: those of its arguments, then those of its file.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use clap::ArgMatches;

use crate::account_file::{self, Format};
use crate::exit_code::Failure;

/// The accounts in the order given, repeats among them.
pub(crate) fn read(arguments: &ArgMatches) -> Result<Vec<String>, Failure> {
    let mut accounts: Vec<String> =
        arguments.get_many::<String>("accounts").into_iter().flatten().cloned().collect();
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
    let (name, bytes) = if is_stdin(arguments) {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), fs::read(path))
    };
    let bytes = bytes.map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let format = arguments.get_one::<String>("format").map(|format| match format.as_str() {
        "csv" => Format::Csv,
        "json" => Format::Json,
        _ => Format::Text,
    });
    let named_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let column = arguments.get_one::<String>("column").map(String::as_str);
    account_file::parse(&bytes, format, named_csv, column)
        .map_err(|fault| Failure::usage(format!("{name}: {fault}")))
}
