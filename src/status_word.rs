//! A status as callers write it.

use std::str::FromStr;

use crate::error::Error;
use crate::fault::Fault;
use crate::model::UserStatus;

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
    Fault::argument(format!("status is {value}, but must be 0 (normal) or 1 (disabled)")).into()
}
