//! A value that is made when first asked for, without a lock.

use std::sync::atomic::{AtomicPtr, Ordering};

/// Holds at most one value, made on the first successful [`MadeOnce::get_or_make`].
///
/// A lock that another thread holds at a fork stays held in the child; here there is none. Two
/// threads that ask at once may both make a value: the first to be done wins.
pub(crate) struct MadeOnce<T>(AtomicPtr<T>);

impl<T> MadeOnce<T> {
    pub(crate) const fn new() -> Self {
        MadeOnce(AtomicPtr::new(std::ptr::null_mut()))
    }

    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let current = self.0.load(Ordering::Acquire);
        if !current.is_null() {
            // SAFETY: a value that was made stays until self is dropped.
            return Ok(unsafe { &*current });
        }
        let mine = Box::into_raw(Box::new(make()?));
        match self.0.compare_exchange(
            std::ptr::null_mut(),
            mine,
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            // SAFETY: as above.
            Ok(_) => Ok(unsafe { &*mine }),
            Err(theirs) => {
                // SAFETY: mine was shown to nobody; theirs stays as above.
                unsafe {
                    drop(Box::from_raw(mine));
                    Ok(&*theirs)
                }
            }
        }
    }
}

impl<T> Drop for MadeOnce<T> {
    fn drop(&mut self) {
        let current = *self.0.get_mut();
        if !current.is_null() {
            // SAFETY: exclusive access, and the pointer came from Box::into_raw.
            drop(unsafe { Box::from_raw(current) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_see_one_value() {
        let made = MadeOnce::new();
        let addresses: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|i| {
                    let made = &made;
                    scope.spawn(move || {
                        let value: Result<&String, ()> = made.get_or_make(|| Ok(i.to_string()));
                        std::ptr::from_ref(value.unwrap()) as usize
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(addresses.iter().all(|address| *address == addresses[0]));
    }

    #[test]
    fn a_failure_is_not_kept() {
        let made = MadeOnce::new();
        assert_eq!(made.get_or_make(|| Err("no")), Err("no"));
        assert_eq!(made.get_or_make(|| Ok::<_, ()>(5)), Ok(&5));
    }
}
