//! Codes, outcomes and statuses: every number of the ABI that has a name.

use std::ffi::c_char;

use hwm::{ErrorKind, Outcome, UserStatus};

use crate::panics::infallible;

/// What a fallible function returns: 0 or more when it did its work, less than 0 when it failed.
///
/// A number is never reused. A later version may add codes: treat an unknown negative one as a
/// failure like any other, and an unknown positive one as success with a remark.
pub type hwm_code = i32;

/// Done. For hwm_set_status(): every account was applied, or the call was a dry run.
pub const HWM_OK: hwm_code = 0;
/// The run came to its end, but not every account was applied: read the report.
pub const HWM_PARTIAL: hwm_code = 1;
/// An argument is wrong: NULL, not UTF-8, an empty list, a bad account, an undefined constant. The
/// message names it. Nothing was sent.
pub const HWM_INVALID_ARGUMENT: hwm_code = -1;
/// An option is unknown, badly valued, missing, or in conflict with another. Nothing was sent.
pub const HWM_INVALID_OPTION: hwm_code = -2;
/// The service does not accept the credentials or the token.
pub const HWM_AUTHENTICATION: hwm_code = -3;
/// The credentials are accepted, but may not do this.
pub const HWM_PERMISSION: hwm_code = -4;
/// The enterprise has too few resources for what was asked.
pub const HWM_CAPACITY: hwm_code = -5;
/// The request quota is used up for longer than `max_wait_ms` or the deadline allow.
pub const HWM_QUOTA: hwm_code = -6;
/// The service could not be reached, or the connection broke, more often than `attempts` allows.
pub const HWM_NETWORK: hwm_code = -7;
/// `deadline_ms` ran out before every account was settled.
pub const HWM_TIMEOUT: hwm_code = -8;
/// The call was cancelled before every account was settled.
pub const HWM_CANCELLED: hwm_code = -9;
/// The service failed, or refused everything alike.
pub const HWM_SERVER: hwm_code = -10;
/// What answered does not speak the documented protocol: a proxy's page, a redirect.
pub const HWM_PROTOCOL: hwm_code = -11;
/// A local file or system resource failed: the journal, the CA file, a thread.
pub const HWM_IO: hwm_code = -12;
/// Memory for the given input could not be had.
pub const HWM_NO_MEMORY: hwm_code = -13;
/// A defect of this library; please report it. Details went to the log.
pub const HWM_PANIC: hwm_code = -14;

/// Enabled: the user can log in and use the service.
pub const HWM_STATUS_NORMAL: i32 = 0;
/// Disabled: the account is kept, but cannot be used.
pub const HWM_STATUS_DISABLED: i32 = 1;

/// The service answered 200 to a request that held the account. True at that time.
pub const HWM_OUTCOME_APPLIED: i32 = 0;
/// The service refused the account when it was asked about it alone.
pub const HWM_OUTCOME_REJECTED: i32 = 1;
/// The service may or may not have changed the account.
pub const HWM_OUTCOME_UNKNOWN: i32 = 2;
/// The service never acted on the account in this call.
pub const HWM_OUTCOME_NOT_ATTEMPTED: i32 = 3;
/// For hwm_report_count(): all outcomes together. No code, outcome or status ever has this number.
pub const HWM_OUTCOME_ANY: i32 = i32::MAX;

// What the core calls them and what the header calls them are the same numbers.
const _: () = {
    assert!(ErrorKind::InvalidArgument as i32 == HWM_INVALID_ARGUMENT);
    assert!(ErrorKind::InvalidOption as i32 == HWM_INVALID_OPTION);
    assert!(ErrorKind::Authentication as i32 == HWM_AUTHENTICATION);
    assert!(ErrorKind::Permission as i32 == HWM_PERMISSION);
    assert!(ErrorKind::Capacity as i32 == HWM_CAPACITY);
    assert!(ErrorKind::Quota as i32 == HWM_QUOTA);
    assert!(ErrorKind::Network as i32 == HWM_NETWORK);
    assert!(ErrorKind::Timeout as i32 == HWM_TIMEOUT);
    assert!(ErrorKind::Cancelled as i32 == HWM_CANCELLED);
    assert!(ErrorKind::Server as i32 == HWM_SERVER);
    assert!(ErrorKind::Protocol as i32 == HWM_PROTOCOL);
    assert!(ErrorKind::Io as i32 == HWM_IO);
    assert!(ErrorKind::NoMemory as i32 == HWM_NO_MEMORY);
    assert!(ErrorKind::Panic as i32 == HWM_PANIC);
    assert!(UserStatus::Normal as i32 == HWM_STATUS_NORMAL);
    assert!(UserStatus::Disabled as i32 == HWM_STATUS_DISABLED);
    assert!(Outcome::Applied as i32 == HWM_OUTCOME_APPLIED);
    assert!(Outcome::Rejected as i32 == HWM_OUTCOME_REJECTED);
    assert!(Outcome::Unknown as i32 == HWM_OUTCOME_UNKNOWN);
    assert!(Outcome::NotAttempted as i32 == HWM_OUTCOME_NOT_ATTEMPTED);
};

/// The name of a code, such as `"HWM_PARTIAL"`, for logs.
///
/// @param code  Any number.
/// @return A string that lives as long as the program; `"undefined"` for a number that is no code.
///
/// @code{.c}
/// printf("%s\n", hwm_code_name(HWM_PARTIAL)); // HWM_PARTIAL
/// @endcode
#[unsafe(no_mangle)]
pub extern "C" fn hwm_code_name(code: hwm_code) -> *const c_char {
    infallible(c"undefined".as_ptr(), || {
        let name = match code {
            HWM_OK => c"HWM_OK",
            HWM_PARTIAL => c"HWM_PARTIAL",
            HWM_INVALID_ARGUMENT => c"HWM_INVALID_ARGUMENT",
            HWM_INVALID_OPTION => c"HWM_INVALID_OPTION",
            HWM_AUTHENTICATION => c"HWM_AUTHENTICATION",
            HWM_PERMISSION => c"HWM_PERMISSION",
            HWM_CAPACITY => c"HWM_CAPACITY",
            HWM_QUOTA => c"HWM_QUOTA",
            HWM_NETWORK => c"HWM_NETWORK",
            HWM_TIMEOUT => c"HWM_TIMEOUT",
            HWM_CANCELLED => c"HWM_CANCELLED",
            HWM_SERVER => c"HWM_SERVER",
            HWM_PROTOCOL => c"HWM_PROTOCOL",
            HWM_IO => c"HWM_IO",
            HWM_NO_MEMORY => c"HWM_NO_MEMORY",
            HWM_PANIC => c"HWM_PANIC",
            _ => c"undefined",
        };
        name.as_ptr()
    })
}

/// The name of an outcome: `"applied"`, `"rejected"`, `"unknown"` or `"not_attempted"`.
///
/// @param outcome  Any number.
/// @return A string that lives as long as the program; `"undefined"` for a number that is no outcome.
///
/// @code{.c}
/// printf("%s\n", hwm_outcome_name(HWM_OUTCOME_NOT_ATTEMPTED)); // not_attempted
/// @endcode
#[unsafe(no_mangle)]
pub extern "C" fn hwm_outcome_name(outcome: i32) -> *const c_char {
    infallible(c"undefined".as_ptr(), || {
        let name = match outcome {
            HWM_OUTCOME_APPLIED => c"applied",
            HWM_OUTCOME_REJECTED => c"rejected",
            HWM_OUTCOME_UNKNOWN => c"unknown",
            HWM_OUTCOME_NOT_ATTEMPTED => c"not_attempted",
            _ => c"undefined",
        };
        name.as_ptr()
    })
}

/// The outcome of this number, or `None` when there is no such.
pub(crate) fn outcome(number: i32) -> Option<Outcome> {
    Outcome::ALL.into_iter().find(|outcome| *outcome as i32 == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn every_kind_and_outcome_has_its_name() {
        let text = |pointer| {
            // SAFETY: both functions give literals.
            unsafe { CStr::from_ptr(pointer) }.to_str().unwrap()
        };
        for kind in ErrorKind::BY_PRECEDENCE {
            let expected = format!("HWM_{}", kind.name().to_uppercase());
            assert_eq!(text(hwm_code_name(kind.code())), expected);
        }
        for outcome in Outcome::ALL {
            assert_eq!(text(hwm_outcome_name(outcome as i32)), outcome.name());
        }
        assert_eq!(text(hwm_code_name(-99)), "undefined");
        assert_eq!(text(hwm_outcome_name(HWM_OUTCOME_ANY)), "undefined");
        assert_eq!(text(hwm_code_name(HWM_OUTCOME_ANY)), "undefined");
    }
}
