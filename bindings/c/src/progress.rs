//! How far a call has come.

use std::ffi::c_void;
use std::ops::ControlFlow;

use hwm::Progress;

/// How far a call has come. Later versions add fields at the end only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hwm_progress {
    /// Bytes of this structure that the library filled.
    pub struct_size: u64,
    /// Distinct accounts of the call.
    pub total: u64,
    /// Accounts about which this call asks no more: applied, rejected, or given up, as unknown or, when
    /// no connection was found for them, as not attempted.
    pub settled: u64,
    /// Accounts applied so far.
    pub applied: u64,
    /// Accounts rejected so far.
    pub rejected: u64,
    /// Accounts given up as unknown so far.
    pub unknown: u64,
    /// Status requests sent so far, retries among them.
    pub requests: u64,
    /// How many of those were tries after the first.
    pub retries: u64,
    /// Milliseconds until the request quota lets the next request go; 0 when it does not wait.
    pub quota_wait_ms: u64,
    /// Milliseconds since the call began.
    pub elapsed_ms: u64,
    /// Estimated milliseconds that are left; UINT64_MAX while there is nothing to judge by.
    pub remaining_ms: u64,
}

/// Told how far a call has come: at most 20 times a second, and once at the end.
///
/// Runs on the thread that called hwm_set_status(). It may block, trigger cancel handles and use
/// other clients, but not the client whose call it reports on: that is refused.
///
/// @param progress   The numbers; the library's, good until the callback returns.
/// @param user_data  What hwm_options_on_progress() was given.
/// @return 0 to go on; anything else cancels the call.
pub type hwm_progress_fn =
    Option<unsafe extern "C" fn(progress: *const hwm_progress, user_data: *mut c_void) -> i32>;

impl hwm_progress {
    pub(crate) fn new(progress: &Progress) -> Self {
        let outcomes = progress.applied + progress.rejected + progress.unknown;
        debug_assert!(outcomes <= progress.settled, "an outcome that may still change");
        debug_assert!(progress.settled <= progress.total, "an account was settled twice");
        hwm_progress {
            struct_size: size_of::<hwm_progress>() as u64,
            total: progress.total,
            settled: progress.settled,
            applied: progress.applied,
            rejected: progress.rejected,
            unknown: progress.unknown,
            requests: progress.requests,
            retries: progress.retries,
            quota_wait_ms: progress.quota_wait_ms,
            elapsed_ms: progress.elapsed_ms,
            remaining_ms: progress.remaining_ms,
        }
    }
}

/// A progress function with what it was registered with.
#[derive(Clone, Copy)]
pub(crate) struct ProgressHook {
    pub(crate) function: unsafe extern "C" fn(*const hwm_progress, *mut c_void) -> i32,
    pub(crate) user_data: *mut c_void,
}

// SAFETY: the header asks for user data that the threads which make calls may use.
unsafe impl Send for ProgressHook {}
// SAFETY: as above.
unsafe impl Sync for ProgressHook {}

impl ProgressHook {
    pub(crate) fn run(&self, progress: &Progress) -> ControlFlow<()> {
        let progress = hwm_progress::new(progress);
        // SAFETY: the header asks for a function that stays callable while options or clients hold it.
        match unsafe { (self.function)(&progress, self.user_data) } {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

// No field is followed by padding: the sizes add up.
const _: () = assert!(size_of::<hwm_progress>() == 11 * 8);
