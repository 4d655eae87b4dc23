//! `hwm.Outcome`: what became of one account.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

/// What became of one account; an entry of a report.
///
/// A value: it compares, hashes, pickles, and is a dataclass to `dataclasses`, pandas and Polars.
/// Calls make them; a program may make one for its tests, with the attributes as arguments.
///
/// Raises:
///     TypeError: an argument is missing or of another type.
///     OverflowError: a number is negative or too large.
///     UnicodeEncodeError: a text that UTF-8 cannot hold.
#[pyclass(module = "hwm", frozen, get_all, eq, hash)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Outcome {
    /// The position of the account's first mention in the list that the call was given.
    index: usize,
    /// The account.
    account: String,
    /// What became of it: "applied", "rejected", "unknown" or "not_attempted".
    outcome: String,
    /// HTTP status of the deciding answer; 0 when there was none.
    http_status: u16,
    /// Error code of the deciding answer; empty when there was none.
    service_code: String,
    /// The service's message, or what went wrong on the way; empty when all went well.
    message: String,
    /// Request id of the deciding answer, to quote to the vendor's support.
    request_id: String,
    /// Requests that held the account in this call.
    attempts: u32,
    /// When the deciding answer came, in milliseconds since 1970 UTC; 0: there was none.
    time_ms: u64,
    /// Whether the account was judged alone.
    isolated: bool,
    /// Whether the outcome was read from the journal of an earlier call.
    from_journal: bool,
}

impl From<hwm::Entry<'_>> for Outcome {
    fn from(entry: hwm::Entry<'_>) -> Self {
        Outcome {
            index: entry.index,
            account: entry.account.to_owned(),
            outcome: entry.outcome.name().to_owned(),
            http_status: entry.http_status,
            service_code: entry.service_code.to_owned(),
            message: entry.message.to_owned(),
            request_id: entry.request_id.to_owned(),
            attempts: entry.attempts,
            time_ms: entry.time_ms,
            isolated: entry.isolated,
            from_journal: entry.from_journal,
        }
    }
}

/// The attribute `__dataclass_fields__`, made when it is first asked for: pandas, Polars and
/// `dataclasses` itself read dataclasses, but importing that takes longer than all of hwm.
#[pyclass(module = "hwm._hwm", frozen)]
struct DataclassFields(PyOnceLock<Py<PyAny>>);

#[pymethods]
impl DataclassFields {
    fn __get__<'py>(
        &self,
        py: Python<'py>,
        _instance: Option<Bound<'py, PyAny>>,
        _owner: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let made = self.0.get_or_try_init(py, || {
            py.import("hwm._outcome_fields")?.call_method0("dataclass_fields").map(Bound::unbind)
        });
        made.map(|fields| fields.bind(py).clone())
    }
}

#[pymethods]
impl Outcome {
    #[classattr]
    fn __dataclass_fields__() -> DataclassFields {
        DataclassFields(PyOnceLock::new())
    }

    /// As a class written in Python has them; Polars takes the names of its columns from here.
    #[classattr]
    fn __annotations__(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let fields = py.import("hwm._outcome_fields")?.getattr("FIELDS")?.cast_into::<PyDict>()?;
        fields.copy()
    }

    #[classattr]
    #[pyo3(name = "__match_args__")]
    fn match_args() -> (&'static str, &'static str, &'static str) {
        ("index", "account", "outcome")
    }

    #[new]
    #[pyo3(
        signature = (
            index, account, outcome, http_status = 0, service_code = String::new(),
            message = String::new(), request_id = String::new(), attempts = 0, time_ms = 0,
            isolated = false, from_journal = false,
        ),
        text_signature = "(index, account, outcome, http_status=0, service_code='', message='', \
            request_id='', attempts=0, time_ms=0, isolated=False, from_journal=False)",
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        index: usize,
        account: String,
        outcome: String,
        http_status: u16,
        service_code: String,
        message: String,
        request_id: String,
        attempts: u32,
        time_ms: u64,
        isolated: bool,
        from_journal: bool,
    ) -> Self {
        Outcome {
            index,
            account,
            outcome,
            http_status,
            service_code,
            message,
            request_id,
            attempts,
            time_ms,
            isolated,
            from_journal,
        }
    }

    /// Whether the account was applied.
    #[getter]
    fn ok(&self) -> bool {
        self.outcome == hwm::Outcome::Applied.name()
    }

    /// The attributes as a dict, in their order.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("index", self.index)?;
        fields.set_item("account", &self.account)?;
        fields.set_item("outcome", &self.outcome)?;
        fields.set_item("http_status", self.http_status)?;
        fields.set_item("service_code", &self.service_code)?;
        fields.set_item("message", &self.message)?;
        fields.set_item("request_id", &self.request_id)?;
        fields.set_item("attempts", self.attempts)?;
        fields.set_item("time_ms", self.time_ms)?;
        fields.set_item("isolated", self.isolated)?;
        fields.set_item("from_journal", self.from_journal)?;
        Ok(fields)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut text = format!(
            "Outcome({}, {}",
            pyo3::types::PyString::new(py, &self.account).repr()?,
            self.outcome
        );
        for part in [&self.service_code, &self.message] {
            if !part.is_empty() {
                text += ", ";
                text += part;
            }
        }
        Ok(text + ")")
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let values = slf.get().to_dict(slf.py())?.values();
        Ok((slf.get_type().into_any(), values.to_tuple()))
    }
}
