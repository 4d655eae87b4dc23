//! Tokens that a Python callable gives.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

pyo3::create_exception!(
    hwm._hwm,
    Withdrawn,
    pyo3::exceptions::PyException,
    "Raised by a token callable whose call is about to end and needs no token any more.\n\n\
     That is no failure: other calls that wait for the token ask themselves."
);

/// A Python callable that returns a token, or a token and the seconds that it is valid for.
pub(crate) struct TokenSource {
    callable: Mutex<Option<Py<PyAny>>>,
    /// What the callable raised last: the cause of the error that the call ends with.
    raised: Mutex<Option<PyErr>>,
}

impl TokenSource {
    pub(crate) fn new(callable: Py<PyAny>) -> Arc<Self> {
        Arc::new(TokenSource { callable: Mutex::new(Some(callable)), raised: Mutex::new(None) })
    }

    /// Asks the callable. What it raises becomes the core's refusal, and is kept.
    pub(crate) fn answer(&self, request: &mut hwm::TokenRequest) {
        Python::attach(|py| match self.call(py) {
            Ok((token, valid_seconds)) => request.set(&token, valid_seconds),
            Err(raised) if raised.is_instance_of::<Withdrawn>(py) => request.withdraw(),
            Err(raised) => {
                // The exception's own text may quote a secret; its class does not.
                let class =
                    raised.get_type(py).name().map_or("an exception".into(), |n| n.to_string());
                request.fail(&format!("the token callable raised {class}"));
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(raised);
            }
        });
    }

    fn call(&self, py: Python<'_>) -> PyResult<(String, u64)> {
        let callable = self
            .callable
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|callable| callable.clone_ref(py));
        let Some(callable) = callable else {
            return Err(pyo3::exceptions::PyRuntimeError::new_err("the client is being destroyed"));
        };
        let answer = callable.bind(py).call0()?;
        if let Ok(token) = answer.extract::<String>() {
            return Ok((token, 0));
        }
        answer.extract::<(String, u64)>().map_err(|_| {
            pyo3::exceptions::PyTypeError::new_err(
                "the token callable must return a str, or a tuple of str and seconds",
            )
        })
    }

    /// What the callable raised since this was last asked.
    pub(crate) fn take_raised(&self) -> Option<PyErr> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self.callable.try_lock() {
            Ok(callable) => visit.call(&*callable),
            Err(_) => Ok(()),
        }
    }

    pub(crate) fn clear(&self) {
        drop(self.callable.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
