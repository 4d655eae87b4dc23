//! What became of an account.

use std::fmt;

/// What became of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// The service answered 200 to a request that held the account. True at that time.
    Applied = 0,
    /// The service refused the account when it was asked about it alone.
    Rejected = 1,
    /// The service may or may not have changed the account.
    Unknown = 2,
    /// The service never acted on the account in this call.
    NotAttempted = 3,
}

impl Outcome {
    /// Every outcome, in the order of their numbers.
    pub const ALL: [Outcome; 4] =
        [Outcome::Applied, Outcome::Rejected, Outcome::Unknown, Outcome::NotAttempted];

    /// `"applied"`, `"rejected"`, `"unknown"` or `"not_attempted"`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Rejected => "rejected",
            Outcome::Unknown => "unknown",
            Outcome::NotAttempted => "not_attempted",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
