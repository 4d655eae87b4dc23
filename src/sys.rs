//! The few system calls that std lacks; the only `unsafe` of the core. Every thread starts here.

#![allow(unsafe_code)]

use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::thread::JoinHandle;

#[cfg(not(any(all(target_os = "linux", target_env = "gnu"), target_os = "macos")))]
compile_error!("hwm is tried on Linux with glibc and on macOS only");

/// Starts a named thread with all signals blocked, so that the host's handlers never run on it.
pub(crate) fn spawn<F>(name: &str, body: F) -> io::Result<JoinHandle<()>>
where
    F: FnOnce() + Send + 'static,
{
    let _blocked = SignalsBlocked::new();
    std::thread::Builder::new().name(name.to_owned()).stack_size(1 << 20).spawn(body)
}

/// All signals of the calling thread are blocked until this is dropped.
struct SignalsBlocked(libc::sigset_t);

impl SignalsBlocked {
    fn new() -> Self {
        // SAFETY: both sets are owned by this frame; sigfillset initialises the first, and
        // pthread_sigmask writes the second.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            SignalsBlocked(before)
        }
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        // SAFETY: the set was written by pthread_sigmask.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut());
        }
    }
}

/// The value of an environment variable, or `None` when it is unset or the program is set-uid.
/// The inner error says that the value is not UTF-8.
pub(crate) fn environment(name: &str) -> Option<Result<String, ()>> {
    let name = CString::new(name).ok()?;
    // SAFETY: name is NUL-terminated; the returned string is copied before anything else runs.
    // That another thread may change the environment meanwhile is the host's to prevent, as for
    // every getenv.
    unsafe {
        #[cfg(target_os = "linux")]
        let value = secure_getenv(name.as_ptr());
        #[cfg(target_os = "macos")]
        let value =
            if libc::issetugid() != 0 { ptr::null_mut() } else { libc::getenv(name.as_ptr()) };
        if value.is_null() {
            return None;
        }
        let bytes = std::ffi::CStr::from_ptr(value).to_bytes();
        Some(OsStr::from_bytes(bytes).to_str().map(str::to_owned).ok_or(()))
    }
}

#[cfg(target_os = "linux")]
unsafe extern "C" {
    fn secure_getenv(name: *const libc::c_char) -> *mut libc::c_char;
}

/// A number that tells the calling thread from all others that live now.
pub(crate) fn thread_number() -> usize {
    // SAFETY: pthread_self has no preconditions.
    unsafe { libc::pthread_self() as usize }
}

/// A value of one process: a forked child never sees its parent's, but builds its own.
///
/// No lock is involved, because a lock that another thread held at the fork stays held in the
/// child for ever. What the parent built is leaked in the child: its threads are gone, and
/// dropping it would wait for them.
pub(crate) struct PerProcess<T>(AtomicPtr<Owned<T>>);

struct Owned<T> {
    pid: libc::pid_t,
    value: T,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        PerProcess(AtomicPtr::new(Self::owned(value)))
    }

    fn owned(value: T) -> *mut Owned<T> {
        Box::into_raw(Box::new(Owned { pid: pid(), value }))
    }

    /// This process's value; `build` makes it when the one at hand is an ancestor's.
    pub(crate) fn get_or_build<E>(&self, build: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let current = self.0.load(Ordering::Acquire);
        // SAFETY: the pointer came from Box::into_raw and is freed in drop only, which needs
        // exclusive access; values are replaced only in a process that did not make them.
        if unsafe { (*current).pid } == pid() {
            // SAFETY: as above; the reference lives no longer than self.
            return Ok(unsafe { &(*current).value });
        }
        let mine = Self::owned(build()?);
        match self.0.compare_exchange(current, mine, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: as above; the ancestor's value is leaked on purpose.
            Ok(_) => Ok(unsafe { &(*mine).value }),
            Err(theirs) => {
                // SAFETY: mine was never shared; theirs is this process's, made by another thread.
                unsafe {
                    drop(Box::from_raw(mine));
                    Ok(&(*theirs).value)
                }
            }
        }
    }

    /// This process's value, or `None` in a child that has not built its own.
    pub(crate) fn get(&self) -> Option<&T> {
        let current = self.0.load(Ordering::Acquire);
        // SAFETY: see get_or_build.
        unsafe { ((*current).pid == pid()).then(|| &(*current).value) }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let current = *self.0.get_mut();
        // SAFETY: exclusive access; the pointer came from Box::into_raw. An ancestor's value is
        // leaked.
        unsafe {
            if (*current).pid == pid() {
                drop(Box::from_raw(current));
            }
        }
    }
}

pub(crate) fn pid() -> libc::pid_t {
    // SAFETY: getpid has no preconditions.
    unsafe { libc::getpid() }
}
