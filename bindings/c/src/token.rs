//! A host's own source of tokens.

use std::ffi::{c_char, c_void};

use hwm::{Error, TokenRequest};

use crate::arguments;
use crate::code::{HWM_OK, hwm_code};
use crate::error::{fallible, hwm_error};

/// A question for a token. It is the library's, and good only until the callback returns.
pub struct hwm_token_request {
    /// Never made: a pointer to it is one to the core's [`TokenRequest`].
    _core: (),
}

impl hwm_token_request {
    pub(crate) fn wrap(request: &mut TokenRequest) -> *mut hwm_token_request {
        std::ptr::from_mut(request).cast()
    }

    /// # Safety
    /// `request` is NULL or came from [`hwm_token_request::wrap`], whose argument still lives.
    unsafe fn unwrap<'a>(request: *mut hwm_token_request) -> Result<&'a mut TokenRequest, Error> {
        // SAFETY: the caller's promise.
        unsafe { arguments::exclusive(request.cast(), "request") }
    }
}

/// Asked for an access token; answers with hwm_token_request_set() or hwm_token_request_fail().
///
/// Runs on the thread of one call that needs a token, when there is none yet and when the service
/// does not accept the last one any more. An answer that is neither counts as a failure.
///
/// @param request    The question.
/// @param user_data  What hwm_options_on_token() was given.
pub type hwm_token_fn =
    Option<unsafe extern "C" fn(request: *mut hwm_token_request, user_data: *mut c_void)>;

/// Answers a question for a token.
///
/// @param request        The question.
/// @param token          The token, copied; the copy is wiped after use.
/// @param valid_seconds  How long it is valid from now on; 0: unknown.
/// @param err            Receives the error; NULL: not wanted.
/// @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
///
/// @code{.c}
/// static void token_from_vault(hwm_token_request *request, void *user_data) {
///     const char *token = (const char *)user_data; // in earnest: ask your vault
///     if (token != NULL)
///         hwm_token_request_set(request, token, 3600, NULL);
///     else
///         hwm_token_request_fail(request, "the vault is sealed", NULL);
/// }
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_token_request_set(
    request: *mut hwm_token_request,
    token: *const c_char,
    valid_seconds: u64,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            let request = hwm_token_request::unwrap(request)?;
            request.set(arguments::text(token, "token")?, valid_seconds);
            Ok(HWM_OK)
        })
    }
}

/// Answers that there is no token; the call ends with #HWM_AUTHENTICATION.
///
/// @param request  The question.
/// @param message  Why there is none: it becomes part of the call's error.
/// @param err      Receives the error; NULL: not wanted.
/// @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_token_request_fail(
    request: *mut hwm_token_request,
    message: *const c_char,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            let request = hwm_token_request::unwrap(request)?;
            request.fail(arguments::text(message, "message")?);
            Ok(HWM_OK)
        })
    }
}

/// A token function with what it was registered with.
#[derive(Clone, Copy)]
pub(crate) struct TokenHook {
    pub(crate) function: unsafe extern "C" fn(*mut hwm_token_request, *mut c_void),
    pub(crate) user_data: *mut c_void,
}

// SAFETY: the header asks for user data that the threads which make calls may use.
unsafe impl Send for TokenHook {}
// SAFETY: as above.
unsafe impl Sync for TokenHook {}

impl TokenHook {
    pub(crate) fn run(&self, request: &mut TokenRequest) {
        // SAFETY: the header asks for a function that stays callable while options or clients hold it.
        unsafe { (self.function)(hwm_token_request::wrap(request), self.user_data) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::HWM_INVALID_ARGUMENT;

    #[test]
    fn a_request_takes_both_answers_and_refuses_null() {
        let mut core = TokenRequest::default();
        let request = hwm_token_request::wrap(&mut core);
        let none = std::ptr::null_mut();
        // SAFETY: the request lives to the end of the test.
        unsafe {
            assert_eq!(hwm_token_request_set(request, c"abc".as_ptr(), 60, none), HWM_OK);
            assert_eq!(hwm_token_request_fail(request, c"no".as_ptr(), none), HWM_OK);
            let code = hwm_token_request_set(request, std::ptr::null(), 60, none);
            assert_eq!(code, HWM_INVALID_ARGUMENT);
            let code = hwm_token_request_fail(std::ptr::null_mut(), c"no".as_ptr(), none);
            assert_eq!(code, HWM_INVALID_ARGUMENT);
        }
    }
}
