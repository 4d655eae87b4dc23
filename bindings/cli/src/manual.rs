//! Completion scripts and man pages, generated from the arguments.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use clap::{ArgMatches, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::command_line::{command, footnotes};
use crate::exit_code::{Exit, Failure};

/// `hwm completions SHELL`
pub(crate) fn completions(arguments: &ArgMatches) -> Result<Exit, Failure> {
    let Some(shell) = arguments.get_one::<Shell>("shell") else {
        return Err(Failure::usage("no shell"));
    };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut command(), "hwm", &mut script);
    print(&script)
}

/// `hwm man [--folder DIR]`
pub(crate) fn man(arguments: &ArgMatches) -> Result<Exit, Failure> {
    match arguments.get_one::<std::path::PathBuf>("folder") {
        Some(folder) => write_pages(folder)
            .map(|()| Exit::AllApplied)
            .map_err(|error| Failure::local(format!("{}: {error}", folder.display()))),
        None => {
            let mut page = Vec::new();
            write_page(command(), &mut page).map_err(|error| Failure::local(error.to_string()))?;
            print(&page)
        }
    }
}

fn write_pages(folder: &Path) -> io::Result<()> {
    let mut whole = command();
    whole.build();
    for subcommand in whole.get_subcommands() {
        let name = format!("hwm-{}", subcommand.get_name());
        let page = subcommand.clone().name(name.clone()).display_name(name.clone());
        write_page(page, &mut File::create(folder.join(format!("{name}.1")))?)?;
    }
    write_page(command(), &mut File::create(folder.join("hwm.1"))?)
}

/// One page; that of the command itself says what holds for all of them.
fn write_page(command: Command, out: &mut impl Write) -> io::Result<()> {
    let is_main = command.get_name() == "hwm";
    let command = if is_main { command.after_help(None::<&str>) } else { command };
    Man::new(command).render(out)?;
    if is_main {
        let mut notes = Roff::new();
        notes.control("SH", ["NOTES"]).control("nf", []);
        notes.text(
            footnotes().lines().flat_map(|line| [roman(line), roman("\n")]).collect::<Vec<_>>(),
        );
        notes.control("fi", []);
        notes.control("SH", ["FILES"]);
        notes.text([roman(
            "~/.config/hwm/config.toml: any option as key = value; [profile.NAME] for --profile NAME. \
             Refused when it holds a secret and others may read it.",
        )]);
        notes.to_writer(out)?;
    }
    Ok(())
}

fn print(bytes: &[u8]) -> Result<Exit, Failure> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::local(format!("standard output: {error}")))
        }
        _ => Ok(Exit::AllApplied),
    }
}
