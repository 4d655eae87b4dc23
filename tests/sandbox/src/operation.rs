//! What can be asked of the sandbox, one by one and in kinds.

use serde::{Deserialize, Serialize};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Status,
    AppAuth,
    Login,
    Refresh,
    Logout,
    Members,
    Resource,
    Unknown,
    WrongMethod,
}

impl Operation {
    /// The kind of request that quotas and faults know it by.
    pub(crate) fn target(self) -> Target {
        match self {
            Operation::Status => Target::Status,
            Operation::AppAuth | Operation::Login | Operation::Refresh | Operation::Logout => {
                Target::Token
            }
            Operation::Members
            | Operation::Resource
            | Operation::Unknown
            | Operation::WrongMethod => Target::Any,
        }
    }

    /// Whether only an administrator's token opens it.
    pub(crate) fn needs_administrator(self) -> bool {
        matches!(self, Operation::Status | Operation::Members | Operation::Resource)
    }
}

/// Which requests a quota counts, or a fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, Serialize)]
pub enum Target {
    /// Setting the status of users.
    #[default]
    #[serde(alias = "status")]
    Status,
    /// Fetching, refreshing and giving back tokens.
    #[serde(alias = "token")]
    Token,
    /// Whatever is asked.
    #[serde(alias = "any")]
    Any,
}

impl Target {
    /// Whether a request that is `of` one kind is meant.
    pub(crate) fn covers(self, of: Target) -> bool {
        self == Target::Any || self == of
    }
}
