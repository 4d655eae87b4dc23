//! A handle that ends calls from outside.

use hwm::Cancel;

use crate::arguments;
use crate::panics::{infallible, infallible_in_signal_handlers};

/// Ends the calls it was given to with hwm_options_set_cancel(). Any thread may use it at any time.
pub struct hwm_cancel {
    pub(crate) core: Cancel,
}

/// A cancel handle that is not triggered.
///
/// @return A handle for hwm_cancel_free(); NULL only if something is badly broken.
///
/// @code{.c}
/// hwm_cancel *cancel = hwm_cancel_new();
/// hwm_options_set_cancel(options, cancel, NULL);
/// // now hwm_cancel_trigger(cancel) on any thread ends a call that runs with these options
/// hwm_cancel_free(cancel); // the options keep what they need
/// @endcode
#[unsafe(no_mangle)]
pub extern "C" fn hwm_cancel_new() -> *mut hwm_cancel {
    infallible(std::ptr::null_mut(), || Box::into_raw(Box::new(hwm_cancel { core: Cancel::new() })))
}

/// Cancels. Safe in a signal handler: it is one atomic operation.
///
/// The first trigger starts no new request and leaves `drain_ms` to those in flight; a second one
/// ends the call at once. It is sticky: a call that starts later with this handle is cancelled too,
/// until hwm_cancel_reset(). The call returns #HWM_CANCELLED if it left something unsettled, and its
/// report, unless its list was too long to be read before.
///
/// @param cancel  A cancel handle, or NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_cancel_trigger(cancel: *mut hwm_cancel) {
    infallible_in_signal_handlers(|| {
        // SAFETY: the header asks for NULL or a living handle.
        if let Some(cancel) = unsafe { cancel.as_ref() } {
            cancel.core.trigger();
        }
    });
}

/// Makes the handle fit for a next call. Not while a call that it may cancel still runs.
///
/// @param cancel  A cancel handle, or NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_cancel_reset(cancel: *mut hwm_cancel) {
    infallible_in_signal_handlers(|| {
        // SAFETY: as in hwm_cancel_trigger.
        if let Some(cancel) = unsafe { cancel.as_ref() } {
            cancel.core.reset();
        }
    });
}

/// Frees a cancel handle. Options, clients and calls that were given it go on, uncancelled.
///
/// @param cancel  A cancel handle that no thread and no signal handler will use again, or NULL:
///                nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_cancel_free(cancel: *mut hwm_cancel) {
    // SAFETY: the header asks for NULL or a handle that is not used again.
    infallible((), || unsafe { arguments::free(cancel) });
}
