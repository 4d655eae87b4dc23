//! What a client is made with, and what a call may change.

use std::ffi::{c_char, c_void};

use hwm::{Cancel, Options};

use crate::arguments;
use crate::cancel::hwm_cancel;
use crate::code::{HWM_OK, hwm_code};
use crate::error::{fallible, hwm_error};
use crate::panics::infallible;
use crate::progress::{ProgressHook, hwm_progress_fn};
use crate::token::{TokenHook, hwm_token_fn};

/// A set of options: string keys with string values, and callbacks. For one thread at a time.
///
/// Options serve twice: hwm_client_new() copies them into a client, and hwm_set_status() takes some
/// as overrides for one call. A key of scope *client* among overrides is an error.
///
/// @options
pub struct hwm_options {
    pub(crate) core: Options,
    pub(crate) progress: Option<ProgressHook>,
    pub(crate) cancel: Option<Cancel>,
    pub(crate) token: Option<TokenHook>,
}

/// Options of which none is set: every key has its default.
///
/// @return Options for hwm_options_free(); NULL only if something is badly broken.
///
/// @code{.c}
/// hwm_options *mine = hwm_options_new();
/// hwm_options_set(mine, "batch_size", "50", NULL);
/// hwm_options_free(mine);
/// @endcode
#[unsafe(no_mangle)]
pub extern "C" fn hwm_options_new() -> *mut hwm_options {
    infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(hwm_options {
            core: Options::new(),
            progress: None,
            cancel: None,
            token: None,
        }))
    })
}

/// Sets one option, or unsets it.
///
/// @param options  The options to change.
/// @param key      The option's name, such as `"app_id"`.
/// @param value    The value as text, copied; NULL: back to the default.
/// @param err      Receives the error; NULL: not wanted.
/// @return #HWM_OK; #HWM_INVALID_OPTION for an unknown key or a value that the key does not take: the
///         message names the key, the value (never that of a secret) and what is allowed;
///         #HWM_INVALID_ARGUMENT for NULL and for text that is not UTF-8.
///
/// @code{.c}
/// hwm_options_set(options, "app_id", "4d4f1a6b0c2e4c1f", &err);
/// hwm_options_set(options, "language", "en-US", &err);
/// hwm_options_set(options, "language", NULL, &err); // unset again
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_options_set(
    options: *mut hwm_options,
    key: *const c_char,
    value: *const c_char,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            let options = arguments::exclusive(options, "options")?;
            let key = arguments::text(key, "key")?;
            options.core.set(key, arguments::optional_text(value, "value")?)?;
            Ok(HWM_OK)
        })
    }
}

/// Sets from the environment every option that is not set yet: `HWM_<KEY>`, such as `HWM_APP_ID`.
///
/// Empty variables count as unset; `ca_file` and `allow_http` are not taken from there, and nothing is
/// in a set-user-ID program. No other thread may change the environment meanwhile, as with every
/// getenv(). What else is read of it, and when: see the main page.
///
/// @param options  The options to fill.
/// @param err      Receives the error; NULL: not wanted.
/// @return #HWM_OK; #HWM_INVALID_OPTION names the variable whose value is not allowed.
///
/// @code{.c}
/// if (hwm_options_from_env(options, &err) < 0)
///     fprintf(stderr, "%s\n", hwm_error_message(err));
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_options_from_env(
    options: *mut hwm_options,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            arguments::exclusive(options, "options")?.core.fill_from_env()?;
            Ok(HWM_OK)
        })
    }
}

/// Has a function told how far a call has come. Scope: call.
///
/// @param options    The options to change.
/// @param function   The function; NULL removes it.
/// @param user_data  Handed to the function as it is. Both must stay usable as long as these options
///                   or a client made with them are in use.
/// @param err        Receives the error; NULL: not wanted.
/// @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
///
/// @code{.c}
/// static int32_t show(const hwm_progress *progress, void *user_data) {
///     (void)user_data;
///     fprintf(stderr, "\r%llu of %llu", (unsigned long long)progress->settled,
///             (unsigned long long)progress->total);
///     return 0; // go on
/// }
///
/// static hwm_code watch(hwm_options *options) {
///     return hwm_options_on_progress(options, show, NULL, NULL);
/// }
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_options_on_progress(
    options: *mut hwm_options,
    function: hwm_progress_fn,
    user_data: *mut c_void,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            let options = arguments::exclusive(options, "options")?;
            options.progress = function.map(|function| ProgressHook { function, user_data });
            Ok(HWM_OK)
        })
    }
}

/// Has a function asked for access tokens, in place of any other credential. Scope: client.
///
/// @param options    The options to change.
/// @param function   The function; NULL removes it.
/// @param user_data  Handed to the function as it is, on whichever thread makes the call. Both must
///                   stay usable as long as these options or a client made with them are in use.
/// @param err        Receives the error; NULL: not wanted.
/// @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
///
/// @code{.c}
/// static void ask(hwm_token_request *request, void *user_data) {
///     hwm_token_request_set(request, (const char *)user_data, 0, NULL);
/// }
///
/// static hwm_code use(hwm_options *options, char *token) {
///     return hwm_options_on_token(options, ask, token, NULL);
/// }
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_options_on_token(
    options: *mut hwm_options,
    function: hwm_token_fn,
    user_data: *mut c_void,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            let options = arguments::exclusive(options, "options")?;
            options.token = function.map(|function| TokenHook { function, user_data });
            Ok(HWM_OK)
        })
    }
}

/// Lets a cancel handle end the calls that run with these options. Scope: call.
///
/// @param options  The options to change.
/// @param cancel   The handle, which stays yours and may be freed at any time; NULL: none any more.
/// @param err      Receives the error; NULL: not wanted.
/// @return #HWM_OK, or #HWM_INVALID_ARGUMENT.
///
/// @code{.c}
/// hwm_cancel *stop = hwm_cancel_new();
/// hwm_options_set_cancel(options, stop, NULL);
/// // … and in a signal handler or on another thread: hwm_cancel_trigger(stop);
/// hwm_cancel_free(stop);
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_options_set_cancel(
    options: *mut hwm_options,
    cancel: *mut hwm_cancel,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            let options = arguments::exclusive(options, "options")?;
            let cancel = arguments::optional(cancel, "cancel")?;
            options.cancel = cancel.map(|cancel| cancel.core.clone());
            Ok(HWM_OK)
        })
    }
}

/// Frees options. Clients made with them keep their copy.
///
/// @param options  Options, or NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_options_free(options: *mut hwm_options) {
    // SAFETY: the header asks for NULL or a handle that is not used again.
    infallible((), || unsafe { arguments::free(options) });
}
