//! Whether to colour, and how.

use std::env;
use std::io::{self, IsTerminal};

use hwm::Outcome;

/// Whether the environment wants colours: no `NO_COLOR`, and a terminal that is not dumb.
#[expect(clippy::disallowed_methods, reason = "how it looks may be any caller's choice")]
fn wanted() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

pub(crate) fn on_stdout() -> bool {
    io::stdout().is_terminal() && wanted()
}

pub(crate) fn on_stderr() -> bool {
    io::stderr().is_terminal() && wanted()
}

/// `text` in the colour of `outcome`.
pub(crate) fn paint(text: &str, outcome: Outcome, colours: bool) -> String {
    let code = match outcome {
        Outcome::Applied => 32,
        Outcome::Rejected => 31,
        Outcome::Unknown => 33,
        Outcome::NotAttempted => 36,
    };
    if colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
