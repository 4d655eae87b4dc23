//! The question before a change of more than a few accounts.

use std::io::{self, BufRead, IsTerminal, Write};

use hwm::UserStatus;

use crate::exit_code::{Exit, Failure};

/// The most accounts that are changed without a question.
pub(crate) const UNASKED: usize = 20;

/// Asks on the terminal whether to go on. `readable` tells whether standard input is free for it.
///
/// Fails as wrong usage where nobody can be asked, and as cancelled on anything but a yes.
pub(crate) fn ask(count: usize, status: UserStatus, readable: bool) -> Result<(), Failure> {
    let stdin = io::stdin();
    if !readable || !stdin.is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "this sets {count} accounts {status}; more than {UNASKED} need --yes where nobody can \
             be asked"
        )));
    }
    let mut answer = String::new();
    let read = write!(io::stderr(), "Set {count} accounts {status}? [y/N] ")
        .and_then(|()| io::stderr().flush())
        .and_then(|()| stdin.lock().read_line(&mut answer));
    match read {
        Ok(_) if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") => Ok(()),
        _ => Err(Failure::new(Exit::Cancelled, "nothing was sent")),
    }
}
