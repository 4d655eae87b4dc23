//! Errors of the core as Python exceptions.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The exception for `error`, which has no report: the class of its kind, with all that is known.
pub(crate) fn exception(py: Python<'_>, error: &hwm::Error) -> PyErr {
    with_report(py, error, None)
}

/// As [`exception`], with the report of the call that ended so, as a `hwm.Report`.
pub(crate) fn with_report(
    py: Python<'_>,
    error: &hwm::Error,
    report: Option<Bound<'_, PyAny>>,
) -> PyErr {
    build(py, error, report).unwrap_or_else(|failed| failed)
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

fn build(py: Python<'_>, error: &hwm::Error, report: Option<Bound<'_, PyAny>>) -> PyResult<PyErr> {
    static OF_KIND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
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
