//! Hands log records to the host's function, without a lock.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use log::{LevelFilter, Log, Metadata, Record};

use crate::text::c_string;

pub(crate) type LogFunction = unsafe extern "C" fn(i32, *const c_char, *const c_char, *mut c_void);

/// A function and what it is called with. Never freed, since a thread may be about to look at it: a
/// few bytes for each hwm_set_log(), chained so that a leak checker sees them held.
struct Registered {
    function: LogFunction,
    user_data: *mut c_void,
    /// The process that registered it: after a fork nobody is left to count `running` down.
    pid: libc::pid_t,
    /// Threads that are in `function`, or about to find out that they are late.
    running: AtomicUsize,
    previous: *mut Registered,
}

static CURRENT: AtomicPtr<Registered> = AtomicPtr::new(std::ptr::null_mut());
static LATEST: AtomicPtr<Registered> = AtomicPtr::new(std::ptr::null_mut());
static FORWARD: Forward = Forward;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Makes `function` the one that gets records, or nobody. When this returns, the one before is not
/// running on any thread but perhaps this one, and will not run again.
pub(crate) fn replace(level: LevelFilter, function: Option<LogFunction>, user_data: *mut c_void) {
    let next = match function.filter(|_| level != LevelFilter::Off) {
        None => std::ptr::null_mut(),
        Some(function) => {
            let registered = Box::into_raw(Box::new(Registered {
                function,
                user_data,
                pid: std::process::id() as libc::pid_t,
                running: AtomicUsize::new(0),
                previous: LATEST.load(Ordering::Acquire),
            }));
            chain(registered);
            registered
        }
    };
    // Fails from the second time on, when it is in place already.
    let _ = log::set_logger(&FORWARD);
    log::set_max_level(if next.is_null() { LevelFilter::Off } else { level });
    let before = CURRENT.swap(next, Ordering::SeqCst);
    // SAFETY: registrations are never freed.
    let Some(before) = (unsafe { before.as_ref() }) else { return };
    let own = usize::from(INSIDE.get());
    while before.pid == std::process::id() as libc::pid_t
        && before.running.load(Ordering::SeqCst) > own
    {
        std::thread::yield_now();
    }
}

/// Puts a new registration at the head of the chain, whoever else does so at the same time.
fn chain(registered: *mut Registered) {
    // SAFETY: registrations are never freed, and nobody else knows this one yet.
    let previous = unsafe { &mut (*registered).previous };
    while let Err(latest) =
        LATEST.compare_exchange(*previous, registered, Ordering::AcqRel, Ordering::Acquire)
    {
        *previous = latest;
    }
}

struct Forward;

impl Log for Forward {
    /// Only this library's own records: those of the HTTP stack could show what is secret.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
            && metadata
                .target()
                .strip_prefix("hwm")
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    fn log(&self, record: &Record<'_>) {
        // A record that the host's function causes itself is dropped: it would never end.
        if !self.enabled(record.metadata()) || INSIDE.replace(true) {
            return;
        }
        let target = c_string(record.target());
        let message = c_string(&record.args().to_string());
        run(record.level() as i32, &target, &message);
        INSIDE.set(false);
    }

    fn flush(&self) {}
}

fn run(level: i32, target: &CString, message: &CString) {
    loop {
        let current = CURRENT.load(Ordering::SeqCst);
        // SAFETY: registrations are never freed.
        let Some(registered) = (unsafe { current.as_ref() }) else { return };
        registered.running.fetch_add(1, Ordering::SeqCst);
        let still = CURRENT.load(Ordering::SeqCst) == current;
        if still {
            // SAFETY: replace waits until running is 0, so the host still keeps its function and data.
            unsafe {
                (registered.function)(
                    level,
                    target.as_ptr(),
                    message.as_ptr(),
                    registered.user_data,
                )
            };
        }
        let were = registered.running.fetch_sub(1, Ordering::SeqCst);
        debug_assert!(were > 0, "more have left the function than entered it");
        if still {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;
    use std::sync::Mutex;

    unsafe extern "C" fn collect(
        level: i32,
        target: *const c_char,
        message: *const c_char,
        user_data: *mut c_void,
    ) {
        // SAFETY: strings from run, user data from the test below.
        unsafe {
            let lines = &*user_data.cast::<Mutex<Vec<String>>>();
            let (target, message) = (CStr::from_ptr(target), CStr::from_ptr(message));
            log::error!(target: "hwm", "dropped: comes from the function itself");
            lines.lock().unwrap().push(format!(
                "{level} {} {}",
                target.to_str().unwrap(),
                message.to_str().unwrap()
            ));
        }
    }

    #[test]
    fn only_own_records_of_the_level_arrive_and_none_after_removal() {
        let lines: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let user_data = std::ptr::from_ref(&lines).cast_mut().cast();
        replace(LevelFilter::Info, Some(collect), user_data);
        log::info!(target: "hwm", "first");
        log::warn!(target: "hwm::transport", "sec\0nd");
        log::debug!(target: "hwm", "too fine");
        log::error!(target: "hyper::client", "not ours");
        log::error!(target: "hwmx", "not ours either");
        replace(LevelFilter::Off, None, std::ptr::null_mut());
        log::error!(target: "hwm", "after");
        assert_eq!(*lines.lock().unwrap(), ["3 hwm first", "2 hwm::transport sec\u{fffd}nd"]);
    }
}
