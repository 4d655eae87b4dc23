//! How a run of the command ends: a number for scripts, a sentence for people.

use std::fmt;
use std::process::ExitCode;

use hwm::{ErrorKind, printable};

/// The exit codes. Their numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    AllApplied = 0,
    SomeNot = 1,
    Usage = 2,
    Credentials = 3,
    Permission = 4,
    Service = 5,
    Cancelled = 6,
    Local = 7,
}

impl Exit {
    /// Every code with its meaning, for the help and the man page.
    pub(crate) const MEANINGS: [(Exit, &str); 8] = [
        (Exit::AllApplied, "every account was applied (or the dry run found nothing wrong)"),
        (Exit::SomeNot, "some accounts were not applied; the report says which and why"),
        (Exit::Usage, "wrong usage: arguments, options, the list of accounts; nothing was sent"),
        (Exit::Credentials, "no credentials, or the service does not accept them"),
        (Exit::Permission, "the credentials are accepted, but may not do this"),
        (Exit::Service, "network, server or quota: the run ended before every account was settled"),
        (Exit::Cancelled, "cancelled before every account was settled"),
        (Exit::Local, "a local file or resource failed, such as the journal, the report or memory"),
    ];

    pub(crate) fn of(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::InvalidArgument | ErrorKind::InvalidOption => Exit::Usage,
            ErrorKind::Authentication => Exit::Credentials,
            ErrorKind::Permission => Exit::Permission,
            ErrorKind::Capacity => Exit::SomeNot,
            ErrorKind::Quota
            | ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::Server
            | ErrorKind::Protocol => Exit::Service,
            ErrorKind::Cancelled => Exit::Cancelled,
            _ => Exit::Local,
        }
    }

    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Why a run ended early.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What to do next, in a line of its own.
    pub(crate) advice: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), advice: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    pub(crate) fn local(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Local, message)
    }
}

impl From<hwm::Error> for Failure {
    fn from(error: hwm::Error) -> Failure {
        Failure::new(Exit::of(error.kind()), error.message())
    }
}

/// One line for what went wrong and one for what to do, as they are printed.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hwm: {}", printable(&self.message))?;
        match &self.advice {
            Some(advice) => write!(f, "\nhwm: {}", printable(advice)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_meanings_is_whole_and_in_order() {
        for (position, (exit, _)) in Exit::MEANINGS.iter().enumerate() {
            assert_eq!(usize::from(exit.code()), position);
        }
    }

    #[test]
    fn every_kind_of_error_has_a_code_that_is_not_success() {
        for kind in ErrorKind::BY_PRECEDENCE {
            assert_ne!(Exit::of(kind), Exit::AllApplied, "{kind}");
        }
    }
}
