//! A handle that ends calls from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Ends the calls it was given to. Clones share one state; any thread may use any of them.
///
/// The first [`Cancel::trigger`] starts no new request and gives those in flight `drain_ms` to
/// end; a second one ends the call at once. It stays triggered until [`Cancel::reset`], so a
/// cancel that comes before the call cancels the call too.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicU32>);

impl Cancel {
    /// A handle that is not triggered.
    pub fn new() -> Self {
        Cancel::default()
    }

    /// Cancels. One atomic operation: fit for signal handlers.
    pub fn trigger(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    /// Makes the handle fit for a next call.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Release);
    }

    /// Whether it was triggered since the last reset.
    pub fn is_triggered(&self) -> bool {
        self.times() > 0
    }

    pub(crate) fn times(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
}
