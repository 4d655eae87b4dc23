//! What can end a call, by kind.

use std::fmt;

/// What kind of failure ended a call. The numbers are those of the C ABI (`hwm_code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorKind {
    /// An argument is wrong: an empty list, a bad account, a status other than 0 or 1. Nothing was sent.
    InvalidArgument = -1,
    /// An option is unknown, badly valued, missing or in conflict with another. Nothing was sent.
    InvalidOption = -2,
    /// The service does not accept the credentials or the token.
    Authentication = -3,
    /// The credentials are accepted, but may not do this.
    Permission = -4,
    /// The enterprise has too few resources for what was asked.
    Capacity = -5,
    /// The request quota is used up for longer than `max_wait_ms` or the deadline allow.
    Quota = -6,
    /// The service could not be reached, or the connection broke, more often than `attempts` allows.
    Network = -7,
    /// `deadline_ms` ran out before every account was settled.
    Timeout = -8,
    /// The call was cancelled before every account was settled.
    Cancelled = -9,
    /// The service failed, or refused everything alike.
    Server = -10,
    /// What answered does not speak the documented protocol (a proxy's page, a redirect).
    Protocol = -11,
    /// A local file or system resource failed: the journal, the CA file, a thread.
    Io = -12,
    /// Memory for the given input could not be had.
    NoMemory = -13,
    /// A defect of this library; please report it.
    Panic = -14,
}

impl ErrorKind {
    /// Every kind, in the order in which one wins over another when several apply to a call.
    pub const BY_PRECEDENCE: [ErrorKind; 14] = [
        ErrorKind::Panic,
        ErrorKind::NoMemory,
        ErrorKind::Io,
        ErrorKind::InvalidArgument,
        ErrorKind::InvalidOption,
        ErrorKind::Authentication,
        ErrorKind::Permission,
        ErrorKind::Capacity,
        ErrorKind::Quota,
        ErrorKind::Cancelled,
        ErrorKind::Timeout,
        ErrorKind::Network,
        ErrorKind::Protocol,
        ErrorKind::Server,
    ];

    /// The number of this kind in the C ABI, always negative.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// A short stable name: `invalid_argument`, `network`, …
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::InvalidArgument => "invalid_argument",
            ErrorKind::InvalidOption => "invalid_option",
            ErrorKind::Authentication => "authentication",
            ErrorKind::Permission => "permission",
            ErrorKind::Capacity => "capacity",
            ErrorKind::Quota => "quota",
            ErrorKind::Network => "network",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Server => "server",
            ErrorKind::Protocol => "protocol",
            ErrorKind::Io => "io",
            ErrorKind::NoMemory => "no_memory",
            ErrorKind::Panic => "panic",
        }
    }

    /// Whether the call itself was wrong, so that nothing was sent.
    pub fn is_misuse(self) -> bool {
        matches!(self, ErrorKind::InvalidArgument | ErrorKind::InvalidOption)
    }

    /// Its place in [`ErrorKind::BY_PRECEDENCE`]: the lower wins.
    pub fn precedence(self) -> usize {
        Self::BY_PRECEDENCE.iter().position(|kind| *kind == self).unwrap_or(usize::MAX)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
