//! The arguments of the command. The flags of options come from the library's table.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgGroup, Command, ValueHint, value_parser};
use clap_complete::Shell;
use hwm::Options;
use hwm::options::{Kind, OPTIONS, OptionKey, Scope};

use crate::exit_code::Exit;
use crate::status_word::StatusParser;

/// The whole command with all its subcommands.
pub(crate) fn command() -> Command {
    Command::new("hwm")
        .version(hwm::VERSION)
        .about(
            "Sets the status of many Huawei Cloud Meeting accounts and tells the truth about each",
        )
        .after_help("Exit codes and files: hwm set-status --help")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(set_status())
        .subcommand(doctor())
        .subcommand(completions())
        .subcommand(man())
}

fn set_status() -> Command {
    Command::new("set-status")
        .about("Puts accounts into a status and reports what became of each")
        .override_usage("hwm set-status <STATUS> [ACCOUNTS]... [--file <FILE>] [OPTIONS]")
        .args(target_arguments())
        .next_help_heading("Accounts from a file")
        .args(file_arguments())
        .next_help_heading("Report")
        .args(report_arguments())
        .arg(verbose())
        .args(connection_arguments())
        .next_help_heading("Options of the call")
        .args(option_flags(Scope::Call))
        .next_help_heading("Options of the client")
        .args(option_flags(Scope::Client))
        .group(ArgGroup::new("source").args(["accounts", "file"]).multiple(true).required(true))
        .after_help(footnotes())
}

/// What is set, and of whom.
fn target_arguments() -> [Arg; 2] {
    [
        Arg::new("status").value_name("STATUS").required(true).value_parser(StatusParser).help(
            "The status to set: normal (or enable, 启用, 0) or disabled (or disable, 停用, 1)",
        ),
        Arg::new("accounts")
            .value_name("ACCOUNTS")
            .num_args(0..)
            .help("The accounts; for normal, what comes first is enabled first"),
    ]
}

/// Where more accounts are, and how they stand there.
fn file_arguments() -> [Arg; 3] {
    [
        Arg::new("file")
            .long("file")
            .short('f')
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("File of accounts in UTF-8: one a line, CSV, or a JSON array; - is standard input"),
        Arg::new("column")
            .long("column")
            .value_name("NAME")
            .value_hint(ValueHint::Other)
            .requires("file")
            .help("Column of a CSV file (or key of JSON objects) that holds the accounts [default: account]"),
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .requires("file")
            .value_parser(PossibleValuesParser::new(["text", "csv", "json"]))
            .help("What FILE is [default: csv by its name or --column, json by a first [ or {, else text]"),
    ]
}

/// How the report comes, and what is said and asked before it.
fn report_arguments() -> [Arg; 4] {
    [
        flag("json", "Print the report as one JSON object instead of a table"),
        Arg::new("csv")
            .long("csv")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Write the report to FILE as CSV, one row an account, besides what is printed; - is standard output"),
        flag("quiet", "Print no progress and no table; errors still go to standard error").short('q'),
        flag("yes", "Do not ask before changing more than 20 accounts").short('y'),
    ]
}

fn doctor() -> Command {
    Command::new("doctor")
        .about("Tells what works between here and the service, and changes nothing")
        .arg(verbose())
        .args(connection_arguments())
        .next_help_heading("Options of the client")
        .args(option_flags(Scope::Client))
        .args(OPTIONS.iter().filter(|row| row.name == "language").map(option_flag))
        .after_help(format!(
            "It fetches a token, looks every endpoint up, and asks it for its first user: name, \
             connection, TLS,\nclock, quota, and whether the token is accepted.\n\n{}",
            footnotes()
        ))
}

fn completions() -> Command {
    Command::new("completions")
        .about("Prints a completion script for a shell")
        .arg(
            Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)),
        )
        .after_help(
            "For example: hwm completions bash > ~/.local/share/bash-completion/completions/hwm",
        )
}

fn man() -> Command {
    Command::new("man")
        .about("Prints the man page, or writes one page for each command into a folder")
        .arg(
            Arg::new("folder")
                .long("folder")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Where to write hwm.1, hwm-set-status.1 and the others"),
        )
        .after_help("For example: hwm man | man -l -")
}

/// Where credentials and defaults come from; the same for every command that speaks to the service.
fn connection_arguments() -> [Arg; 4] {
    [
        Arg::new("profile")
            .long("profile")
            .value_name("NAME")
            .value_hint(ValueHint::Other)
            .help_heading("Credentials")
            .help("Profile of the configuration file to take defaults from"),
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help_heading("Credentials")
            .help("The configuration file [default: ~/.config/hwm/config.toml]"),
        Arg::new("secrets_file")
            .long("secrets-file")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help_heading("Credentials")
            .help("File of KEY=VALUE lines, such as app_key=…, that only you may read"),
        flag("secrets_stdin", "Read KEY=VALUE lines from standard input")
            .long("secrets-stdin")
            .conflicts_with("secrets_file")
            .help_heading("Credentials"),
    ]
}

fn verbose() -> Arg {
    Arg::new("verbose").long("verbose").short('v').action(ArgAction::Count).help(
        "Log decisions to standard error instead of a bar; -vv every attempt, -vvv accounts too",
    )
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// One flag for every option of `scope` that is no secret.
fn option_flags(scope: Scope) -> impl Iterator<Item = Arg> {
    OPTIONS.iter().filter(move |row| row.scope == scope && !row.secret).map(option_flag)
}

fn option_flag(row: &'static OptionKey) -> Arg {
    let mut help = row.doc.trim_end_matches('.').to_owned();
    if let Some(default) = row.default {
        help += &format!(" [default: {default}]");
    }
    if row.from_env {
        help += &format!(" [env: {}]", row.env_name());
    }
    let arg = Arg::new(row.name)
        .long(flag_name(row))
        .value_parser(move |value: &str| checked(row, value))
        .help(help);
    // Completion offers files for files alone.
    let arg = arg.value_hint(match row.kind {
        Kind::Path => ValueHint::AnyPath,
        _ => ValueHint::Other,
    });
    match row.kind {
        Kind::Bool => arg
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Kind::Integer { .. } => arg.value_name("N"),
        Kind::Path => arg.value_name("FILE"),
        Kind::Choice(words) => arg.value_name(words.join("|")),
        Kind::Endpoint => arg.value_name("REGION|URLS"),
        _ => arg.value_name("TEXT"),
    }
}

/// The flag of an option: its key with dashes.
pub(crate) fn flag_name(row: &OptionKey) -> String {
    row.name.replace('_', "-")
}

fn checked(row: &'static OptionKey, value: &str) -> Result<String, hwm::Error> {
    Options::new().set(row.name, value)?;
    Ok(value.to_owned())
}

/// What stands under the help and in the man page: precedence, secrets, exit codes.
pub(crate) fn footnotes() -> String {
    let secrets: Vec<_> =
        OPTIONS.iter().filter(|row| row.secret).map(OptionKey::env_name).collect();
    let mut text = format!(
        "Secrets are never arguments. They come from the environment ({}),\n\
         from --secrets-file, from --secrets-stdin, or from the configuration file.\n\n\
         A flag wins over --secrets-file and --secrets-stdin, these over the environment,\n\
         and the environment over the configuration file. A set-user-ID hwm takes nothing from\n\
         the environment, and no configuration file but that of --config.\n\nExit codes:\n",
        secrets.join(", "),
    );
    for (exit, meaning) in Exit::MEANINGS {
        text += &format!("  {}  {meaning}\n", exit.code());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_option_but_secrets_is_a_flag() {
        let command = set_status();
        for row in OPTIONS {
            let there = command.get_arguments().any(|arg| {
                arg.get_id() == row.name && arg.get_long() == Some(flag_name(row).as_str())
            });
            assert_eq!(there, !row.secret, "{}", row.name);
        }
    }
}
