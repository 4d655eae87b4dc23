//! The domain's nouns: a status to set, a kind of account.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The status an account can be put into. The numbers are those of the remote API's `value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum UserStatus {
    /// Enabled: the user can log in and use the service.
    Normal = 0,
    /// Disabled: the account is kept, but cannot be used.
    Disabled = 1,
}

impl UserStatus {
    /// `"normal"` or `"disabled"`.
    pub fn name(self) -> &'static str {
        match self {
            UserStatus::Normal => "normal",
            UserStatus::Disabled => "disabled",
        }
    }
}

impl TryFrom<i64> for UserStatus {
    type Error = Error;

    fn try_from(value: i64) -> Result<Self, Error> {
        match value {
            0 => Ok(UserStatus::Normal),
            1 => Ok(UserStatus::Disabled),
            other => Err(bad_status(&other.to_string())),
        }
    }
}

impl FromStr for UserStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "normal" | "0" => Ok(UserStatus::Normal),
            "disabled" | "1" => Ok(UserStatus::Disabled),
            other => Err(bad_status(&format!("{other:?}"))),
        }
    }
}

fn bad_status(value: &str) -> Error {
    Error::argument(format!("status is {value}, but must be 0 (normal) or 1 (disabled)"))
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which kind of name the accounts are: the remote API's `accountType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum AccountType {
    /// Huawei Cloud Meeting accounts.
    #[default]
    Meeting = 0,
    /// Third-party user IDs of an App ID enterprise.
    ThirdParty = 1,
}

impl AccountType {
    /// `"meeting"` or `"third_party"`.
    pub fn name(self) -> &'static str {
        match self {
            AccountType::Meeting => "meeting",
            AccountType::ThirdParty => "third_party",
        }
    }
}
