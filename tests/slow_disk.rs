//! A disk whose syncs take long: deadline and cancel hold after them all the same.

#![allow(unsafe_code)]

mod scene;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hwm::{Call, Cancel, ErrorKind, Outcome, UserStatus};

/// What is done during the next syncs of this process.
static DURING_A_SYNC: Mutex<Option<Box<dyn FnMut() + Send>>> = Mutex::new(None);

/// Takes the place of the C library's, for the whole program.
///
/// # Safety
/// As for the C library's own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(file: libc::c_int) -> libc::c_int {
    if let Some(during) = &mut *DURING_A_SYNC.lock().unwrap_or_else(PoisonError::into_inner) {
        during();
    }
    // SAFETY: any number is a fit argument, the kernel checks it.
    unsafe { libc::syscall(libc::SYS_fdatasync, file) as libc::c_int }
}

#[test]
fn nothing_is_sent_after_a_sync_that_a_cancel_or_the_deadline_overtook() {
    for kind in [ErrorKind::Cancelled, ErrorKind::Timeout] {
        let sandbox = scene::start(scene::disabled_users(3));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let deadline_ms = if kind == ErrorKind::Timeout { "300" } else { "0" };
        let values = [("journal", path.to_str().unwrap()), ("deadline_ms", deadline_ms)];
        let client = scene::client(&sandbox, &values);
        let cancel = Cancel::new();
        let mut syncs = 0;
        let cancels = cancel.clone();
        *DURING_A_SYNC.lock().unwrap() = Some(Box::new(move || {
            syncs += 1;
            // The first one is of the header, the second of the requests that are about to go out.
            if syncs == 2 && kind == ErrorKind::Cancelled {
                cancels.trigger();
            } else if syncs == 2 {
                std::thread::sleep(Duration::from_millis(400));
            }
        }));
        let call = Call::new().cancel(&cancel);
        let error = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap_err();
        *DURING_A_SYNC.lock().unwrap() = None;
        assert_eq!(error.kind(), kind);
        assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 3);
        assert_eq!(sandbox.request_count(), 0);

        // The journal knows that nothing went out: a resume takes no account for lost.
        cancel.reset();
        let overrides = scene::call(&[("deadline_ms", "0"), ("dry_run", "false")]);
        let call = Call::new().overrides(&overrides);
        let report = client.set_status(UserStatus::Normal, scene::accounts(3), call).unwrap();
        assert!(report.all_applied());
        assert!(report.iter().all(|entry| entry.attempts == 1));
        let journal = std::fs::read_to_string(&path).unwrap();
        assert!(journal.contains(r#""evidence":"not sent""#), "{journal}");
    }
}
