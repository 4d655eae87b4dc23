//! Options out of Python keywords.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};

use crate::failure;

/// The options that `keywords` set; a value of `None` leaves its option unset.
pub(crate) fn from_keywords(keywords: &Bound<'_, PyDict>) -> PyResult<hwm::Options> {
    let py = keywords.py();
    let mut options = hwm::Options::new();
    for (key, value) in keywords.iter() {
        let key: String = key.extract()?;
        let value = text_of(&key, &value)?;
        options.set(&key, value.as_deref()).map_err(|error| failure::exception(py, &error))?;
    }
    Ok(options)
}

/// A value as the table's text: `str`, `bool`, `int` and paths have one.
fn text_of(key: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let py = value.py();
    let bad_text =
        |_| failure::option(py, format!("option {key}: its value is no text that UTF-8 can hold"));
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some(text.to_cow().map_err(bad_text)?.into_owned()));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Some(flag.is_true().to_string()));
    }
    if value.is_instance_of::<PyInt>() {
        // The number itself, also of an enumeration whose text is a name.
        let number = py.get_type::<PyInt>().call1((value,))?;
        return Ok(Some(number.str()?.to_cow()?.into_owned()));
    }
    if value.hasattr("__fspath__")? {
        let path = py.import("os")?.call_method1("fspath", (value,))?;
        if let Ok(path) = path.cast::<PyString>() {
            return Ok(Some(path.to_cow().map_err(bad_text)?.into_owned()));
        }
    }
    let kind = value.get_type().name()?;
    let takes = hwm::options::find(key).map_err(|error| failure::exception(py, &error))?.allowed();
    Err(failure::option(
        py,
        format!("option {key}: a value of type {kind} is not allowed; it takes {takes}"),
    ))
}

/// The table of options: one dict a row.
#[pyfunction]
pub(crate) fn option_table(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    hwm::options::OPTIONS
        .iter()
        .map(|row| {
            let shown = PyDict::new(py);
            let scope = match row.scope {
                hwm::options::Scope::Client => "client",
                hwm::options::Scope::Call => "call",
            };
            let takes = match row.kind {
                hwm::options::Kind::Integer { .. } => "int",
                hwm::options::Kind::Bool => "bool",
                hwm::options::Kind::Path => "path",
                _ => "str",
            };
            shown.set_item("name", row.name)?;
            shown.set_item("scope", scope)?;
            shown.set_item("default", row.default)?;
            shown.set_item("secret", row.secret)?;
            shown.set_item("from_env", row.from_env)?;
            shown.set_item("takes", takes)?;
            shown.set_item("doc", row.doc)?;
            Ok(shown)
        })
        .collect()
}
