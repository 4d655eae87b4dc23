//! No panic leaves the library: every function of the ABI runs its body in one of these, or in
//! `error::fallible`, which is built on them.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs a body; the message of its panic, if it panics.
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    quiet_panics();
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let what = message(&*payload).to_owned();
        drop_quietly(payload);
        what
    })
}

/// Runs a body that cannot fail; should it panic all the same, `fallback` is the result.
pub(crate) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    caught(body).unwrap_or(fallback)
}

/// Runs a body that signal handlers may run too: no lock and no memory is taken, unless it panics.
pub(crate) fn infallible_in_signal_handlers(body: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(body)) {
        drop_quietly(payload);
    }
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

    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("again");
        }
    }

    #[test]
    fn a_payload_that_panics_when_dropped_stays_inside() {
        assert_eq!(
            caught(|| panic::panic_any(Bomb)),
            Err::<(), _>("a panic without a message".into())
        );
        assert_eq!(infallible(7, || panic::panic_any(Bomb)), 7);
        infallible_in_signal_handlers(|| panic::panic_any(Bomb));
    }
}
