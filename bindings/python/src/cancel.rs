//! `hwm.Cancel`.

use pyo3::prelude::*;

/// Ends the calls it was given to, from any thread or callback.
///
/// The first `trigger` starts no new request and gives those in flight `drain_ms` to end; a second
/// one ends the call at once. It stays triggered until `reset`: a cancel that comes before the call
/// cancels the call too. Ctrl-C during a call triggers the handle that the call was given.
#[pyclass(module = "hwm", frozen)]
#[derive(Default)]
pub(crate) struct Cancel {
    pub(crate) core: hwm::Cancel,
}

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Cancel::default()
    }

    /// Cancels the calls that this handle was given to.
    fn trigger(&self) {
        self.core.trigger();
    }

    /// Makes the handle fit for a next call.
    fn reset(&self) {
        self.core.reset();
    }

    /// Whether it was triggered since the last reset.
    #[getter]
    fn is_triggered(&self) -> bool {
        self.core.is_triggered()
    }

    fn __repr__(&self) -> &'static str {
        if self.core.is_triggered() { "<hwm.Cancel: triggered>" } else { "<hwm.Cancel>" }
    }
}
