//! One call, from its first line to its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};

use crate::accounts::AccountBytes;
use crate::cancel::Cancel;
use crate::client::{Client, guarded};
use crate::failure;
use crate::interrupt::Interrupt;
use crate::logging;
use crate::options;
use crate::report::Report;

/// One call of `hwm.Client` or `hwm.AsyncClient`: takes its accounts, and runs once.
///
/// Its deadline counts from when it was made.
///
/// Args:
///     client: what the call is made with.
///     status: "normal" or "disabled", 0 or 1, or a `hwm.UserStatus`.
///     overrides: options of scope call by their names; None leaves one as the client has it.
///     cancel: ends the call; None: nothing else does.
///
/// Raises:
///     hwm.InvalidArgument: another status.
///     hwm.WrongType: a status of another type, such as a bool.
///     hwm.InvalidOption: an override is unknown or badly valued.
#[pyclass(module = "hwm._hwm", frozen)]
pub(crate) struct Call {
    client: Py<Client>,
    status: hwm::UserStatus,
    overrides: hwm::Options,
    cancel: hwm::Cancel,
    deadline: Option<Instant>,
    accounts: Mutex<Option<AccountBytes>>,
}

impl Call {
    /// The overrides for the core, whose deadline counts from now.
    fn overrides(&self) -> hwm::Result<hwm::Options> {
        let mut overrides = self.overrides.clone();
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now()).as_millis().max(1);
            overrides.set("deadline_ms", left.to_string().as_str())?;
        }
        Ok(overrides)
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

#[pymethods]
impl Call {
    /// Checks all that can be checked without the accounts.
    #[new]
    fn new(
        client: &Bound<'_, Client>,
        status: &Bound<'_, PyAny>,
        overrides: &Bound<'_, PyDict>,
        cancel: Option<PyRef<'_, Cancel>>,
    ) -> PyResult<Call> {
        let began = Instant::now();
        let status = status_of(status)?;
        let overrides = options::from_keywords(overrides)?;
        let time = match overrides.get("deadline_ms") {
            Some(own) => own.parse().unwrap_or(0),
            None => client.get().deadline_ms(),
        };
        let deadline = (time > 0).then(|| began + Duration::from_millis(time));
        Ok(Call {
            client: client.clone().unbind(),
            status,
            overrides,
            cancel: cancel.map_or_else(hwm::Cancel::new, |handle| handle.core.clone()),
            deadline,
            accounts: Mutex::new(None),
        })
    }

    /// Takes the accounts of an iterable of `str`; `run` checks their text.
    ///
    /// Raises:
    ///     hwm.WrongType: an item is no `str`.
    ///     hwm.NoMemory: the list does not fit into memory.
    ///     hwm.Timeout: the deadline passed while the list was read.
    ///     hwm.Cancelled: the call was cancelled while the list was read.
    ///     BaseException: what the iterable or a signal handler raised.
    fn collect(&self, accounts: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = accounts.py();
        let collected = AccountBytes::collect(accounts, || {
            py.check_signals()?;
            self.check(py)
        })?;
        *self.accounts.lock().unwrap_or_else(PoisonError::into_inner) = Some(collected);
        Ok(())
    }

    /// Fails when the call is to end, as long as it has no list that a report could tell about.
    ///
    /// Raises:
    ///     hwm.Timeout: the deadline has passed.
    ///     hwm.Cancelled: the call was cancelled.
    fn check(&self, py: Python<'_>) -> PyResult<()> {
        let (kind, message) = if self.is_late() {
            (
                hwm::ErrorKind::Timeout,
                "the deadline passed while the list of accounts was read; deadline_ms sets it",
            )
        } else if self.cancel.is_triggered() {
            (hwm::ErrorKind::Cancelled, "cancelled while the list of accounts was read")
        } else {
            return Ok(());
        };
        Err(failure::exception(py, &hwm::Error::new(kind, message)))
    }

    /// Whether the call was cancelled, or its deadline has passed.
    #[getter]
    fn is_ending(&self) -> bool {
        self.cancel.is_triggered() || self.is_late()
    }

    /// Sets the status of what was collected.
    ///
    /// Args:
    ///     on_progress: called with a `Progress` at most 20 times a second and once at the end, in
    ///         the calling thread; False as its result cancels the call.
    ///     report: makes the report that is returned, and that exceptions carry, of the native one.
    ///
    /// Returns:
    ///     What `report` made.
    ///
    /// Raises:
    ///     hwm.InvalidArgument: no accounts, or a bad one; the client is closed. Nothing was sent.
    ///     hwm.InvalidOption: a bad override; a journal that is finished, or of another call.
    ///     hwm.Error: by its class, what ended the call before every account was settled.
    ///     BaseException: what on_progress or a signal handler raised; its attribute report is as
    ///         that of a `hwm.Error`.
    fn run<'py>(
        &self,
        py: Python<'py>,
        on_progress: Option<Py<PyAny>>,
        report: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.get();
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner).take();
        let accounts = accounts.unwrap_or_default();
        logging::follow(py)?;

        let interrupt = Interrupt::new(self.cancel.clone());
        let done = guarded(py, || {
            let overrides = self.overrides()?;
            let mut tick = || interrupt.look();
            let mut progress = |seen: &hwm::Progress| match &on_progress {
                Some(callback) => interrupt.progress(callback, seen),
                None => std::ops::ControlFlow::Continue(()),
            };
            let mut call =
                hwm::Call::new().overrides(&overrides).cancel(&self.cancel).on_tick(&mut tick);
            if on_progress.is_some() {
                call = call.on_progress(&mut progress);
            }
            client.core()?.set_status(self.status, accounts.iter(), call)
        })
        .map(Arc::new);
        if let Err(raised) = logging::hand_on(py) {
            interrupt.raise(raised);
        }

        let shown = |known: &Arc<hwm::Report>| report.call1((Report::new(Arc::clone(known)),));
        if let Some(raised) = interrupt.into_exception() {
            let known = done.as_ref().map_or_else(hwm::Error::report, Some);
            if let Ok(attached) = known.map(shown).transpose() {
                // An exception class may refuse attributes; it is raised all the same.
                let _ = raised.value(py).setattr("report", attached);
            }
            return Err(raised);
        }
        match done {
            Ok(done) => shown(&done),
            Err(error) => {
                let known = error.report().map(shown).transpose()?;
                Err(client.explained(py, &error, known))
            }
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.client)
    }
}

fn status_of(status: &Bound<'_, PyAny>) -> PyResult<hwm::UserStatus> {
    let py = status.py();
    let shown = status.repr()?;
    let allowed = "must be \"normal\" (0) or \"disabled\" (1)";
    if status.is_instance_of::<PyBool>() {
        let message = format!(
            "status is {shown}, but {allowed}; a bool does not tell whether enabled or disabled \
             is meant"
        );
        return Err(failure::wrong_type(py, message));
    }
    let message = format!("status is {shown}, but {allowed}");
    if let Ok(name) = status.cast::<PyString>() {
        let known = name.to_string_lossy().parse();
        return known.map_err(|_: hwm::Error| failure::argument(py, message));
    }
    if status.is_instance_of::<PyInt>() {
        // An int beyond 64 bits is no status either.
        let known = status.extract::<i64>().ok().map(hwm::UserStatus::try_from);
        return known.and_then(Result::ok).ok_or_else(|| failure::argument(py, message));
    }
    Err(failure::wrong_type(py, message))
}
