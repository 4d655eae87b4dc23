//! The one panic boundary: every function of the ABI runs its body in here.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use hwm::{Error, ErrorKind};

use crate::code::hwm_code;
use crate::error::hwm_error;

/// Runs a fallible body: its error, or its panic, becomes a code and `*err`.
///
/// # Safety
/// `err` is NULL or points to a writable `hwm_error *`.
pub(crate) unsafe fn fallible(
    err: *mut *mut hwm_error,
    body: impl FnOnce() -> Result<hwm_code, Error>,
) -> hwm_code {
    if !err.is_null() {
        // SAFETY: the caller's promise.
        unsafe { err.write(std::ptr::null_mut()) };
    }
    quiet_panics();
    let error = match panic::catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(code)) => return code,
        Ok(Err(error)) => error,
        Err(payload) => panicked(payload),
    };
    let code = error.kind().code();
    if !err.is_null() {
        // SAFETY: the caller's promise.
        unsafe { err.write(hwm_error::handle(&error)) };
    }
    code
}

/// Runs a body that cannot fail; should it panic all the same, `fallback` is the result.
pub(crate) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    quiet_panics();
    panic::catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        drop_quietly(payload);
        fallback
    })
}

fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let what = message(&*payload).to_owned();
    drop_quietly(payload);
    Error::new(
        ErrorKind::Panic,
        format!("defect of hwm {}, please report it: {what}", hwm::VERSION),
    )
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

/// A payload may panic once more while it is dropped.
fn drop_quietly(payload: Box<dyn Any + Send>) {
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    if let Err(again) = dropped
        && !(again.is::<&'static str>() || again.is::<String>())
    {
        std::mem::forget(again);
    }
}

/// Sends panics to the log instead of stderr.
///
/// The hook belongs to the copy of Rust's standard library inside this library, which no other
/// Rust code of the process shares: its symbols are local in `libhwm.so` and `libhwm.a` alike.
fn quiet_panics() {
    static QUIET: AtomicBool = AtomicBool::new(false);
    if cfg!(test) || QUIET.load(Ordering::Relaxed) || QUIET.swap(true, Ordering::Relaxed) {
        return;
    }
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        ::log::error!(target: "hwm", "panic at {place}: {}", message(info.payload()));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_code_and_an_error() {
        let mut err = std::ptr::null_mut();
        // SAFETY: err is a local; the handle is freed once.
        unsafe {
            let code = fallible(&mut err, || panic!("three is not four"));
            assert_eq!(code, crate::code::HWM_PANIC);
            assert_eq!(crate::error::hwm_error_code(err), code);
            let message = std::ffi::CStr::from_ptr(crate::error::hwm_error_message(err));
            assert!(message.to_str().unwrap().contains("three is not four"));
            crate::error::hwm_error_free(err);
        }
    }

    #[test]
    fn a_payload_that_panics_when_dropped_stays_inside() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        // SAFETY: NULL is allowed for err.
        let code = unsafe { fallible(std::ptr::null_mut(), || std::panic::panic_any(Bomb)) };
        assert_eq!(code, crate::code::HWM_PANIC);
        assert_eq!(infallible(7, || std::panic::panic_any(Bomb)), 7);
    }
}
