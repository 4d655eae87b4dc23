//! Errors of the core as Python exceptions.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::report;

/// The exception for `error`: the class of its kind, with all that is known about it.
pub(crate) fn exception(py: Python<'_>, error: &hwm::Error) -> PyErr {
    build(py, error).unwrap_or_else(|failed| failed)
}

/// An `InvalidArgument` that reads `message`.
pub(crate) fn argument(py: Python<'_>, message: String) -> PyErr {
    exception(py, &hwm::Error::new(hwm::ErrorKind::InvalidArgument, message))
}

/// An `InvalidArgument` that is a `TypeError` too.
pub(crate) fn wrong_type(py: Python<'_>, message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CLASS
        .import(py, "hwm._errors", "WrongType")
        .and_then(|class| class.call1((message,)))
        .map_or_else(|failed| failed, PyErr::from_value)
}

/// No memory for the account at `index` of a list.
pub(crate) fn no_memory(py: Python<'_>, index: usize) -> PyErr {
    let message = format!("not enough memory for the list of accounts: no room beyond {index}");
    exception(py, &hwm::Error::new(hwm::ErrorKind::NoMemory, message))
}

/// An `InvalidOption` that reads `message`.
pub(crate) fn option(py: Python<'_>, message: String) -> PyErr {
    exception(py, &hwm::Error::new(hwm::ErrorKind::InvalidOption, message))
}

fn build(py: Python<'_>, error: &hwm::Error) -> PyResult<PyErr> {
    static OF_KIND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let report = match error.report() {
        Some(report) => Some(report::wrap(py, Arc::clone(report))?),
        None => None,
    };
    let value = OF_KIND.import(py, "hwm._errors", "of_kind")?.call1((
        error.kind().name(),
        error.message(),
        error.http_status(),
        error.service_code(),
        error.request_id(),
        report,
    ))?;
    Ok(PyErr::from_value(value))
}
