//! Why a function failed.

use std::ffi::{CString, c_char};

use hwm::{Error, ErrorKind};

use crate::arguments;
use crate::code::{HWM_OK, hwm_code};
use crate::panics::{caught, infallible};
use crate::text::c_string;

/// Why a function failed. Yours once a function has set it: free it with hwm_error_free().
///
/// Its texts belong to it and hold no secret. Several threads may read one error at once.
pub struct hwm_error {
    code: hwm_code,
    http_status: i32,
    message: CString,
    service_code: CString,
    request_id: CString,
}

impl hwm_error {
    /// A handle for the caller, who frees it.
    pub(crate) fn handle(error: &Error) -> *mut hwm_error {
        Box::into_raw(Box::new(hwm_error {
            code: error.kind().code(),
            http_status: error.http_status().map_or(0, i32::from),
            message: c_string(error.message()),
            service_code: c_string(error.service_code().unwrap_or_default()),
            request_id: c_string(error.request_id().unwrap_or_default()),
        }))
    }
}

/// Runs a fallible body of the ABI: its error, or its panic, becomes a code and `*err`.
///
/// # Safety
/// `err` is NULL or points to a writable `hwm_error *`.
pub(crate) unsafe fn fallible(
    err: *mut *mut hwm_error,
    body: impl FnOnce() -> Result<hwm_code, Error>,
) -> hwm_code {
    // SAFETY: the caller's promise.
    unsafe { arguments::clear(err) };
    let error = match caught(body) {
        Ok(Ok(code)) => {
            debug_assert!(code >= HWM_OK, "{code} tells of a failure, but there is no error");
            return code;
        }
        Ok(Err(error)) => error,
        Err(what) => Error::new(
            ErrorKind::Panic,
            format!("defect of hwm {}, please report it: {what}", hwm::VERSION),
        ),
    };
    let code = error.kind().code();
    debug_assert!(code < HWM_OK, "{code} tells of no failure, but there is an error");
    if !err.is_null() {
        // SAFETY: the caller's promise.
        unsafe { err.write(hwm_error::handle(&error)) };
    }
    code
}

/// A field of the error, or `fallback` when `error` is NULL.
unsafe fn read<T>(error: *const hwm_error, fallback: T, field: impl FnOnce(&hwm_error) -> T) -> T {
    // SAFETY: NULL or a living handle, as the header asks.
    match unsafe { error.as_ref() } {
        Some(error) => infallible(fallback, || field(error)),
        None => fallback,
    }
}

/// The code that the function returned with this error.
///
/// @param error  An error, or NULL.
/// @return A negative code; #HWM_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_error_code(error: *const hwm_error) -> hwm_code {
    // SAFETY: the header asks for NULL or a living handle.
    unsafe { read(error, HWM_OK, |error| error.code) }
}

/// The sentence for a person: what was tried, what came back, what to do.
///
/// @param error  An error, or NULL.
/// @return UTF-8 text of the error's; empty for NULL, never NULL.
///
/// @code{.c}
/// if (hwm_options_set(options, "batch_size", "many", &err) < 0) {
///     fprintf(stderr, "%s\n", hwm_error_message(err));
///     hwm_error_free(err);
/// }
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_error_message(error: *const hwm_error) -> *const c_char {
    // SAFETY: the header asks for NULL or a living handle.
    unsafe { read(error, c"".as_ptr(), |error| error.message.as_ptr()) }
}

/// The HTTP status of the answer behind the error.
///
/// @param error  An error, or NULL.
/// @return Such as 401; 0 when no answer is behind it, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_error_http_status(error: *const hwm_error) -> i32 {
    // SAFETY: the header asks for NULL or a living handle.
    unsafe { read(error, 0, |error| error.http_status) }
}

/// The service's own code behind the error, its `error_code`.
///
/// @param error  An error, or NULL.
/// @return Such as `"USG.000000004"`, of the error's; empty when there is none, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_error_service_code(error: *const hwm_error) -> *const c_char {
    // SAFETY: the header asks for NULL or a living handle.
    unsafe { read(error, c"".as_ptr(), |error| error.service_code.as_ptr()) }
}

/// The id of the request behind the error, to quote to the vendor's support.
///
/// @param error  An error, or NULL.
/// @return Text of the error's; empty when there is none, never NULL.
///
/// @code{.c}
/// fprintf(stderr, "HTTP %d %s [request %s]\n", (int)hwm_error_http_status(err),
///         hwm_error_service_code(err), hwm_error_request_id(err));
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_error_request_id(error: *const hwm_error) -> *const c_char {
    // SAFETY: the header asks for NULL or a living handle.
    unsafe { read(error, c"".as_ptr(), |error| error.request_id.as_ptr()) }
}

/// Frees an error and its texts.
///
/// @param error  An error, or NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_error_free(error: *mut hwm_error) {
    // SAFETY: the header asks for NULL or a handle that is not used again.
    infallible((), || unsafe { arguments::free(error) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn null_reads_as_no_error() {
        // SAFETY: NULL is allowed everywhere here.
        unsafe {
            assert_eq!(hwm_error_code(std::ptr::null()), HWM_OK);
            assert_eq!(hwm_error_http_status(std::ptr::null()), 0);
            assert_eq!(CStr::from_ptr(hwm_error_message(std::ptr::null())), c"");
            hwm_error_free(std::ptr::null_mut());
        }
    }

    #[test]
    fn a_panic_becomes_a_code_and_an_error() {
        let mut err = std::ptr::null_mut();
        // SAFETY: err is a local; the handle is freed once.
        unsafe {
            let code = fallible(&mut err, || panic!("three is not four"));
            assert_eq!(code, crate::code::HWM_PANIC);
            assert_eq!(hwm_error_code(err), code);
            let message = CStr::from_ptr(hwm_error_message(err));
            assert!(message.to_str().unwrap().contains("three is not four"));
            hwm_error_free(err);
            assert_eq!(
                fallible(std::ptr::null_mut(), || panic!("unheard")),
                crate::code::HWM_PANIC
            );
        }
    }

    #[test]
    fn a_handle_tells_what_the_error_tells() {
        let handle = hwm_error::handle(&Error::new(ErrorKind::Network, "no\0route"));
        // SAFETY: the handle lives until it is freed below.
        unsafe {
            assert_eq!(hwm_error_code(handle), ErrorKind::Network.code());
            assert_eq!(CStr::from_ptr(hwm_error_message(handle)).to_str(), Ok("no\u{fffd}route"));
            assert_eq!(CStr::from_ptr(hwm_error_service_code(handle)), c"");
            hwm_error_free(handle);
        }
    }
}
