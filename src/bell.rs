//! How one call wakes another.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Wakes a call that waits. Compared by identity: one a call.
pub(crate) type Waker = Arc<dyn Fn() + Send + Sync>;

/// Something to wait for.
pub(crate) struct Bell {
    waker: Waker,
    rung: Receiver<()>,
}

impl Bell {
    pub(crate) fn new() -> Bell {
        let (sender, rung) = channel();
        let sender = Mutex::new(sender);
        let waker: Waker = Arc::new(move || {
            let _ = sender.lock().unwrap_or_else(PoisonError::into_inner).send(());
        });
        Bell { waker, rung }
    }

    /// What rings it.
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Waits until it has rung since the last wait, or for `time`.
    pub(crate) fn wait(&self, time: Duration) {
        let _ = self.rung.recv_timeout(time);
        while self.rung.try_recv().is_ok() {}
    }
}
