//! What a client can do.

use std::ffi::{CStr, c_char};
use std::ops::ControlFlow;
use std::slice;

use hwm::{Call, Error, ErrorKind, Progress, Report, UserStatus};

use crate::arguments::{self, invalid};
use crate::client::hwm_client;
use crate::code::{HWM_OK, HWM_PARTIAL, hwm_code};
use crate::error::{fallible, hwm_error};
use crate::options::hwm_options;
use crate::report::hwm_report;

/// Puts every account into a status and tells what became of each.
///
/// Blocks until every account has its outcome, however long the list: it is cut into requests, sent
/// under the service's quota, tried again where that is safe, and a refused request is taken apart
/// until its bad accounts are known. Repeats are sent once.
///
/// @param client     The client to do it with.
/// @param status     #HWM_STATUS_NORMAL or #HWM_STATUS_DISABLED.
/// @param accounts   `count` accounts in UTF-8, each of 1 to 255 bytes without control characters. For
///                   #HWM_STATUS_NORMAL their order is their priority. Borrowed for the call.
/// @param lengths    The length of each account in bytes; NULL: the accounts are NUL-terminated.
/// @param count      How many accounts there are: at least 1.
/// @param overrides  Options of scope call that differ for this call; NULL: none. A progress function
///                   and a cancel handle among them take the place of the client's.
/// @param report     Receives the report, whatever the code, for hwm_report_free(). NULL when the
///                   call was wrong, and when the deadline, a cancel or a lack of memory ended it
///                   before its list was read: nothing was sent. NULL: not wanted.
/// @param err        Receives the error exactly when the code is negative, for hwm_error_free(). NULL:
///                   not wanted.
/// @return #HWM_OK: every account was applied, or a dry run ended well. #HWM_PARTIAL: the run ended,
///         not every account was applied. #HWM_INVALID_ARGUMENT: an argument is wrong, a bad account is
///         named by its index, nothing was sent. #HWM_INVALID_OPTION: an override is wrong, or the
///         journal is finished or of something else, nothing was sent. Any other code tells what ended
///         the run early; when several apply, the one that comes first here: #HWM_PANIC, #HWM_NO_MEMORY, #HWM_IO, #HWM_AUTHENTICATION, #HWM_PERMISSION,
///         #HWM_CAPACITY, #HWM_QUOTA, #HWM_CANCELLED, #HWM_TIMEOUT, #HWM_NETWORK, #HWM_PROTOCOL,
///         #HWM_SERVER.
///
/// @code{.c}
/// const char *leavers[] = {"zhang.wei", "test010"};
/// hwm_report *result = NULL;
/// hwm_code code = hwm_set_status(client, HWM_STATUS_DISABLED, leavers, NULL, 2, NULL, &result, &err);
/// if (code < 0)
///     fprintf(stderr, "%s: %s\n", hwm_code_name(code), hwm_error_message(err));
/// printf("%zu of %zu applied\n", hwm_report_count(result, HWM_OUTCOME_APPLIED),
///        hwm_report_size(result));
/// hwm_report_free(result);
/// hwm_error_free(err);
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_set_status(
    client: *mut hwm_client,
    status: i32,
    accounts: *const *const c_char,
    lengths: *const usize,
    count: usize,
    overrides: *const hwm_options,
    report: *mut *mut hwm_report,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        arguments::clear(report);
        fallible(err, || {
            let client = arguments::shared(client, "client")?;
            let status = UserStatus::try_from(i64::from(status))?;
            let accounts = List::new(accounts, lengths, count)?;
            let overrides = arguments::optional(overrides, "overrides")?;
            match run(client, status, accounts, overrides) {
                Ok(done) => {
                    let code =
                        if done.is_dry_run() || done.all_applied() { HWM_OK } else { HWM_PARTIAL };
                    hwm_report::hand_out(done.into(), report);
                    Ok(code)
                }
                Err(error) => {
                    if let Some(done) = error.report() {
                        hwm_report::hand_out(done.clone(), report);
                    }
                    Err(error)
                }
            }
        })
    }
}

fn run(
    client: &hwm_client,
    status: UserStatus,
    accounts: List<'_>,
    overrides: Option<&hwm_options>,
) -> Result<Report, Error> {
    if overrides.is_some_and(|overrides| overrides.token.is_some()) {
        return Err(Error::new(
            ErrorKind::InvalidOption,
            "overrides hold a token function, which belongs to the client: \
             give it to hwm_client_new()",
        ));
    }
    let hook = overrides.and_then(|overrides| overrides.progress).or(client.progress);
    let cancel =
        overrides.and_then(|overrides| overrides.cancel.as_ref()).or(client.cancel.as_ref());
    let mut on_progress = move |progress: &Progress| match &hook {
        Some(hook) => hook.run(progress),
        None => ControlFlow::Continue(()),
    };
    let mut call = Call::new();
    if let Some(overrides) = overrides {
        call = call.overrides(&overrides.core);
    }
    if let Some(cancel) = cancel {
        call = call.cancel(cancel);
    }
    if hook.is_some() {
        call = call.on_progress(&mut on_progress);
    }
    client.core.set_status(status, accounts.iter(), call)
}

/// The caller's accounts where they are: nothing is copied here.
struct List<'a> {
    accounts: &'a [*const c_char],
    lengths: Option<&'a [usize]>,
}

impl<'a> List<'a> {
    /// # Safety
    /// As the header asks: `count` accounts, each NUL-terminated or of the length given.
    unsafe fn new(
        accounts: *const *const c_char,
        lengths: *const usize,
        count: usize,
    ) -> Result<List<'a>, Error> {
        // SAFETY: the caller's promise.
        let (accounts, lengths) = unsafe {
            let lengths = match lengths.is_null() {
                true => None,
                false => Some(arguments::array(lengths, count, "lengths")?),
            };
            (arguments::array(accounts, count, "accounts")?, lengths)
        };
        if let Some(i) = accounts.iter().position(|account| account.is_null()) {
            return Err(invalid(format!("accounts[{i}] is NULL")));
        }
        let too_long = |length: &usize| *length > isize::MAX as usize;
        if let Some(i) = lengths.and_then(|lengths| lengths.iter().position(too_long)) {
            return Err(invalid(format!("lengths[{i}] is more than an account can have")));
        }
        debug_assert!(lengths.is_none_or(|lengths| lengths.len() == accounts.len()));
        Ok(List { accounts, lengths })
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        let (accounts, lengths) = (self.accounts, self.lengths);
        (0..accounts.len()).map(move |i| {
            let account = accounts[i];
            debug_assert!(!account.is_null(), "accounts[{i}] changed during the call");
            // SAFETY: not NULL by the check in new, and NUL-terminated or of this length by its
            // caller's promise.
            unsafe {
                match lengths {
                    Some(lengths) => slice::from_raw_parts(account.cast(), lengths[i]),
                    None => CStr::from_ptr(account).to_bytes(),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    fn refused(result: Result<List<'_>, Error>) -> String {
        result.err().map(|error| error.message().to_owned()).unwrap_or_default()
    }

    #[test]
    fn accounts_are_read_where_they_are() {
        let accounts = [c"one".as_ptr(), c"twofold".as_ptr()];
        // SAFETY: the arrays hold what count says.
        unsafe {
            let list = List::new(accounts.as_ptr(), ptr::null(), 2).unwrap();
            assert_eq!(list.iter().collect::<Vec<_>>(), [b"one".as_slice(), b"twofold"]);
            assert_eq!(list.iter().next().unwrap().as_ptr(), accounts[0].cast());
            let list = List::new(accounts.as_ptr(), [3, 3].as_ptr(), 2).unwrap();
            assert_eq!(list.iter().collect::<Vec<_>>(), [b"one", b"two"]);
        }
    }

    #[test]
    fn a_bad_array_is_named() {
        let accounts = [c"one".as_ptr(), ptr::null()];
        // SAFETY: the arrays hold what count says, or are refused before they are read.
        unsafe {
            assert_eq!(
                refused(List::new(ptr::null(), ptr::null(), 5)),
                "accounts is NULL, but count is 5"
            );
            assert_eq!(
                refused(List::new(accounts.as_ptr(), ptr::null(), 2)),
                "accounts[1] is NULL"
            );
            assert_eq!(
                refused(List::new(accounts.as_ptr(), [usize::MAX].as_ptr(), 1)),
                "lengths[0] is more than an account can have"
            );
        }
    }
}
