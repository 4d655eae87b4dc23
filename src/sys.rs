//! The few system calls that std lacks; the only `unsafe` of the core. Every thread starts here.

#![allow(unsafe_code)]

use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU8, Ordering};
use std::thread::JoinHandle;

#[cfg(not(any(all(target_os = "linux", target_env = "gnu"), target_os = "macos")))]
compile_error!("hwm is tried on Linux with glibc and on macOS only");

/// What a thread of ours has for its calls.
const STACK: usize = 1 << 20;

/// Starts a named thread with all signals blocked, so that the host's handlers never run on it.
pub(crate) fn spawn<F>(name: &str, body: F) -> io::Result<JoinHandle<()>>
where
    F: FnOnce() + Send + 'static,
{
    // A thread that finds no memory for its first steps aborts the process.
    if !is_free(2 * STACK) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    let _blocked = SignalsBlocked::new();
    std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(body)
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

/// Size beyond which a write to a file ends the process by a signal, which the host may not expect.
pub(crate) fn file_size_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the structure is owned by this frame. When it fails, no limit is known.
    unsafe {
        libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit);
    }
    limit.rlim_cur
}

/// Whether the process may have so many bytes more. Asked of the system, not of the allocator, which
/// would keep them from other threads.
pub(crate) fn is_free(bytes: usize) -> bool {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON);
    // SAFETY: a new mapping, which nothing refers to when it goes.
    unsafe {
        let room = libc::mmap(ptr::null_mut(), bytes, access, kind, -1, 0);
        room != libc::MAP_FAILED && libc::munmap(room, bytes) == 0
    }
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
    birthmark: Birthmark,
    value: T,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        PerProcess(AtomicPtr::new(Self::owned(value)))
    }

    fn owned(value: T) -> *mut Owned<T> {
        Box::into_raw(Box::new(Owned { birthmark: Birthmark::new(), value }))
    }

    /// This process's value; `build` makes it when the one at hand is an ancestor's.
    pub(crate) fn get_or_build<E>(&self, build: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let current = self.0.load(Ordering::Acquire);
        // SAFETY: the pointer came from Box::into_raw and is freed in drop only, which needs
        // exclusive access; values are replaced only in a process that did not make them.
        if unsafe { (*current).birthmark.is_of_this_process() } {
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
        unsafe { (*current).birthmark.is_of_this_process().then(|| &(*current).value) }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let current = *self.0.get_mut();
        // SAFETY: exclusive access; the pointer came from Box::into_raw. An ancestor's value is
        // leaked.
        unsafe {
            if (*current).birthmark.is_of_this_process() {
                drop(Box::from_raw(current));
            }
        }
    }
}

/// Tells the process that made it from the children that fork carried it into.
///
/// The pid alone does not: a child in a pid namespace of its own may have its parent's. So it has a
/// page of memory besides, which the kernel wipes in every child. Where there is none (macOS, which
/// has no such namespaces, and Linux before 4.14) the pid has to do.
pub(crate) struct Birthmark {
    pid: libc::pid_t,
    page: Option<WipedPage>,
}

impl Birthmark {
    pub(crate) fn new() -> Birthmark {
        Birthmark { pid: pid(), page: WipedPage::new() }
    }

    pub(crate) fn is_of_this_process(&self) -> bool {
        self.pid == pid() && self.page.as_ref().is_none_or(WipedPage::is_written)
    }
}

/// A page that holds a sign in the process that made it, and nothing in its children.
struct WipedPage(ptr::NonNull<AtomicU8>);

// SAFETY: the page is owned, and only read after it was made.
unsafe impl Send for WipedPage {}
// SAFETY: as above.
unsafe impl Sync for WipedPage {}

impl WipedPage {
    #[cfg(target_os = "linux")]
    fn new() -> Option<WipedPage> {
        // SAFETY: an anonymous mapping at an address that the kernel chooses touches nothing else.
        let start = unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            libc::mmap(ptr::null_mut(), Self::size(), protection, flags, -1, 0)
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        let page = WipedPage(ptr::NonNull::new(start.cast())?);
        // SAFETY: the range is the mapping made above.
        let refused = unsafe { libc::madvise(start, Self::size(), libc::MADV_WIPEONFORK) } != 0;
        if refused {
            return None;
        }
        page.sign().store(1, Ordering::Release);
        Some(page)
    }

    #[cfg(not(target_os = "linux"))]
    fn new() -> Option<WipedPage> {
        None
    }

    fn size() -> usize {
        // SAFETY: sysconf has no preconditions.
        usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
    }

    fn sign(&self) -> &AtomicU8 {
        // SAFETY: the page is mapped, zeroed and aligned for as long as self lives.
        unsafe { self.0.as_ref() }
    }

    fn is_written(&self) -> bool {
        self.sign().load(Ordering::Acquire) != 0
    }
}

impl Drop for WipedPage {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by new with this size, and nobody holds a reference to it.
        unsafe {
            libc::munmap(self.0.as_ptr().cast(), Self::size());
        }
    }
}

fn pid() -> libc::pid_t {
    // SAFETY: getpid has no preconditions.
    unsafe { libc::getpid() }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Runs `child` in a forked process, in a new pid namespace if wanted; its exit code.
    fn forked(in_namespace: bool, child: impl FnOnce() -> i32) -> i32 {
        // SAFETY: the child runs on the only thread of its process, allocates (which glibc allows
        // after fork) and ends without running anything of its parent's.
        unsafe {
            let (pids, users) = (libc::CLONE_NEWPID, libc::CLONE_NEWUSER);
            if in_namespace && libc::unshare(pids) != 0 && libc::unshare(pids | users) != 0 {
                return NO_NAMESPACES;
            }
            match libc::fork() {
                -1 => -1,
                0 => libc::_exit(child()),
                pid => {
                    let mut status = 0;
                    libc::waitpid(pid, &mut status, 0);
                    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 }
                }
            }
        }
    }

    const NO_NAMESPACES: i32 = 77;

    /// 0 when what the parent made is not taken for this process's own.
    fn is_told_apart(made: &PerProcess<u8>) -> i32 {
        let told = made.get().is_none() && made.get_or_build(|| Ok::<_, ()>(2)) == Ok(&2);
        i32::from(!(told && made.get() == Some(&2)))
    }

    #[test]
    fn a_forked_child_does_not_take_its_parents_value_for_its_own() {
        let made = PerProcess::new(1);
        assert_eq!(forked(false, || is_told_apart(&made)), 0);
        assert_eq!(made.get(), Some(&1));
    }

    #[test]
    fn nor_does_one_with_the_same_pid_in_another_pid_namespace() {
        // A process apart, because the namespace is for all children of the thread that asks.
        let code = forked(false, || {
            forked(true, || {
                let made = PerProcess::new(1);
                let parent = pid();
                forked(true, || match pid() == parent {
                    true => is_told_apart(&made),
                    false => 2,
                })
            })
        });
        if code == NO_NAMESPACES {
            eprintln!("not tried: neither root nor allowed to make user namespaces");
            return;
        }
        assert_eq!(code, 0, "1: taken for its own, 2: the pids differ");
    }
}
