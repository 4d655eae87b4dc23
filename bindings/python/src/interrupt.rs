//! What Python raises in the middle of a call: Ctrl-C, and exceptions of callbacks.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::logging;
use crate::progress::Progress;

/// Cancels a call for what Python raised, and keeps it until the call has ended.
pub(crate) struct Interrupt {
    cancel: hwm::Cancel,
    first: Mutex<Option<PyErr>>,
}

impl Interrupt {
    pub(crate) fn new(cancel: hwm::Cancel) -> Self {
        Interrupt { cancel, first: Mutex::new(None) }
    }

    /// Looks for signals and hands on the log; the first signal handler that raises cancels the
    /// call, the next one ends its drain.
    pub(crate) fn look(&self) {
        Python::attach(|py| {
            if let Err(raised) = logging::hand_on(py).and_then(|()| py.check_signals()) {
                self.raise(raised);
            }
        });
    }

    /// Runs the progress callback; what it raises, or a result of `False`, cancels the call.
    pub(crate) fn progress(
        &self,
        callback: &Py<PyAny>,
        progress: &hwm::Progress,
    ) -> ControlFlow<()> {
        Python::attach(|py| {
            let seen = Progress::from(progress);
            match callback.bind(py).call1((seen,)) {
                Ok(answer) if answer.is(pyo3::types::PyBool::new(py, false)) => {
                    ControlFlow::Break(())
                }
                Ok(_) => ControlFlow::Continue(()),
                // Ctrl-C while the callback ran; a second one ends the drain here too.
                Err(raised) if !raised.is_instance_of::<PyException>(py) => {
                    self.raise(raised);
                    ControlFlow::Continue(())
                }
                // Cancelled already: a callback that fails once more must not end the drain.
                Err(_) if self.is_raised() => ControlFlow::Continue(()),
                Err(raised) => {
                    self.keep(raised);
                    ControlFlow::Break(())
                }
            }
        })
    }

    fn is_raised(&self) -> bool {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn keep(&self, raised: PyErr) {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(raised);
    }

    /// Keeps what was raised, unless something was before, and cancels the call for it.
    pub(crate) fn raise(&self, raised: PyErr) {
        self.keep(raised);
        self.cancel.trigger();
    }

    /// The exception that ended the call.
    pub(crate) fn into_exception(self) -> Option<PyErr> {
        self.first.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
