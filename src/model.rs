//! The domain's nouns: a status to set, a kind of account.

use std::fmt;

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
