//! A client of the service.

use std::sync::Arc;

use hwm::{Cancel, Client};

use crate::arguments;
use crate::code::{HWM_OK, hwm_code};
use crate::error::{fallible, hwm_error};
use crate::options::hwm_options;
use crate::panics::infallible;
use crate::progress::ProgressHook;

/// A client: connections, tokens and pace, shared by all its calls.
///
/// Any thread may make calls with it, also at the same time. Make one for each enterprise and keep
/// it: tokens and connections are used again. A client that a fork() carried into a child process
/// works there too; it builds its connections anew.
pub struct hwm_client {
    pub(crate) core: Client,
    pub(crate) progress: Option<ProgressHook>,
    pub(crate) cancel: Option<Cancel>,
}

/// Makes a client. Nothing is sent yet.
///
/// @param options  What to make it with: a credential at least. Copied.
/// @param out      Receives the client, for hwm_client_free(); NULL when the function fails.
/// @param err      Receives the error; NULL: not wanted.
/// @return #HWM_OK; #HWM_INVALID_OPTION when there is no credential or more than one, for plain http://
///         to a host that is not loopback, and for a `ca_file` that cannot be used; #HWM_IO when the
///         platform has no trusted roots, no descriptor is left to read the `ca_file`, or no thread can
///         be started; #HWM_INVALID_ARGUMENT for NULL.
///
/// @code{.c}
/// hwm_client *mine = NULL;
/// if (hwm_client_new(options, &mine, &err) < 0) {
///     fprintf(stderr, "%s\n", hwm_error_message(err));
///     hwm_error_free(err);
/// }
/// hwm_client_free(mine);
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_client_new(
    options: *const hwm_options,
    out: *mut *mut hwm_client,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        arguments::clear(out);
        fallible(err, || {
            let options = arguments::shared(options, "options")?;
            let out = arguments::exclusive(out, "out")?;
            let mut core = options.core.clone();
            if let Some(hook) = options.token {
                core.on_token(Arc::new(move |request: &mut _| hook.run(request)));
            }
            *out = Box::into_raw(Box::new(hwm_client {
                core: Client::new(&core)?,
                progress: options.progress,
                cancel: options.cancel.clone(),
            }));
            Ok(HWM_OK)
        })
    }
}

/// Ends a client in good manners: new calls are refused from now on, and the token that it fetched is
/// logged out if the option `logout` is set. That takes 5 seconds at most.
///
/// The client is still to be freed. Closing twice is fine. To end without logging out,
/// hwm_client_free() alone will do.
///
/// @param client  The client.
/// @param err     Receives the error; NULL: not wanted.
/// @return #HWM_OK; #HWM_INVALID_ARGUMENT for NULL and while calls of the client run, which go on; any
///         other negative code when logging out failed.
///
/// @code{.c}
/// hwm_client_close(client, NULL); // logs out, when the option says so
/// hwm_client_free(client);
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_client_close(
    client: *mut hwm_client,
    err: *mut *mut hwm_error,
) -> hwm_code {
    // SAFETY: the header asks for NULL or valid pointers.
    unsafe {
        fallible(err, || {
            arguments::shared(client, "client")?.core.close()?;
            Ok(HWM_OK)
        })
    }
}

/// Frees a client. Sends nothing and does not wait for the network. No call may still be running.
///
/// @param client  A client, or NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_client_free(client: *mut hwm_client) {
    // SAFETY: the header asks for NULL or a handle that is not used again.
    infallible((), || unsafe { arguments::free(client) });
}
