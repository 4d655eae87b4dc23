//! Where the log goes.

use std::ffi::{c_char, c_void};

use log::LevelFilter;

use crate::log_function;
use crate::panics::infallible;

/// No log.
pub const HWM_LOG_OFF: i32 = 0;
/// What ended a call, and defects.
pub const HWM_LOG_ERROR: i32 = 1;
/// What the library coped with, but somebody should look at.
pub const HWM_LOG_WARN: i32 = 2;
/// One or a few lines a call.
pub const HWM_LOG_INFO: i32 = 3;
/// One or a few lines a request, with its id.
pub const HWM_LOG_DEBUG: i32 = 4;
/// Everything there is.
pub const HWM_LOG_TRACE: i32 = 5;

/// Given one log record. No secret is ever part of one.
///
/// Runs on whichever thread has something to tell, also on several at once and on threads of the
/// library's. It must not call back into the library, but for hwm_set_log() and what reads an error
/// or a report.
///
/// @param level      #HWM_LOG_ERROR to #HWM_LOG_TRACE.
/// @param target     Which part tells it, such as `"hwm"`; good until the function returns.
/// @param message    One line without a newline; good until the function returns.
/// @param user_data  What hwm_set_log() was given.
pub type hwm_log_fn = Option<
    unsafe extern "C" fn(
        level: i32,
        target: *const c_char,
        message: *const c_char,
        user_data: *mut c_void,
    ),
>;

/// Sends the log to a function. One for the whole process; there is no log until one is set, and
/// nothing is ever written to stderr.
///
/// When this returns, the function set before runs on no other thread any more and will not run
/// again: its user data may be freed. Each call keeps a few bytes for good.
///
/// @param level      The finest level that is wanted; lower than #HWM_LOG_OFF counts as that, higher
///                   than #HWM_LOG_TRACE as that.
/// @param function   The function; NULL removes the one before.
/// @param user_data  Handed to the function as it is, on any thread.
///
/// @code{.c}
/// static void to_stderr(int32_t level, const char *target, const char *message, void *user_data) {
///     (void)user_data;
///     fprintf(stderr, "[%d] %s: %s\n", (int)level, target, message);
/// }
///
/// static void log_all(void) {
///     hwm_set_log(HWM_LOG_DEBUG, to_stderr, NULL);
/// }
/// @endcode
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hwm_set_log(level: i32, function: hwm_log_fn, user_data: *mut c_void) {
    infallible((), || {
        let level = match level {
            ..=HWM_LOG_OFF => LevelFilter::Off,
            HWM_LOG_ERROR => LevelFilter::Error,
            HWM_LOG_WARN => LevelFilter::Warn,
            HWM_LOG_INFO => LevelFilter::Info,
            HWM_LOG_DEBUG => LevelFilter::Debug,
            HWM_LOG_TRACE.. => LevelFilter::Trace,
        };
        log_function::replace(level, function, user_data);
    });
}
