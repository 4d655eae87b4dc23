//! The core's client, as what `hwm.Client` calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::failure;
use crate::logging;
use crate::options;
use crate::token::TokenSource;

/// How often signals are looked for where the core does not do it.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A client held by the library; `hwm.Client` is the face of it.
///
/// Args:
///     keywords: options by their names; None leaves one unset.
///     token: returns a token, or a token and the seconds that it is valid for from now.
///     from_env: whether the environment gives the options that keywords leaves unset.
///
/// Raises:
///     hwm.InvalidOption: an option is unknown, badly valued, missing or in conflict with another.
///     hwm.Io: the platform has no trusted roots, or a thread cannot be started.
#[pyclass(module = "hwm._hwm", frozen)]
pub(crate) struct Client {
    /// There until the drop takes it.
    core: Option<Arc<hwm::Client>>,
    logs_out: bool,
    token: Option<Arc<TokenSource>>,
    shown: String,
    deadline_ms: u64,
}

#[pymethods]
impl Client {
    #[new]
    fn new(
        py: Python<'_>,
        keywords: &Bound<'_, PyDict>,
        token: Option<Py<PyAny>>,
        from_env: bool,
    ) -> PyResult<Self> {
        let mut options = options::from_keywords(keywords)?;
        if from_env {
            options.fill_from_env().map_err(|error| failure::exception(py, &error))?;
        }
        let token = token.map(TokenSource::new);
        if let Some(source) = &token {
            let source = Arc::clone(source);
            options.on_token(Arc::new(move |request| source.answer(request)));
        }
        logging::follow(py)?;
        let shown = format!("{options:?}");
        let made = guarded(py, || hwm::Client::new(&options));
        logging::hand_on(py)?;
        let core = made.map_err(|error| failure::exception(py, &error))?;
        let logs_out = options.get("logout").is_some();
        let deadline_ms = options.get("deadline_ms").and_then(|text| text.parse().ok());
        let deadline_ms = deadline_ms.unwrap_or(0);
        Ok(Client { core: Some(Arc::new(core)), logs_out, token, shown, deadline_ms })
    }

    /// Ends the client: no further calls. Logs out the tokens it fetched if `logout` is set.
    ///
    /// A second close does nothing.
    ///
    /// Raises:
    ///     hwm.Error: by its class, why logging out failed.
    ///     BaseException: what a signal handler raised; logging out goes on.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        logging::follow(py)?;
        let closed = if self.logs_out {
            self.close_watching_signals(py)?
        } else {
            guarded(py, || self.core()?.close())
        };
        logging::hand_on(py)?;
        closed.map_err(|error| failure::exception(py, &error))
    }

    /// The options without any secret, for a repr.
    #[getter]
    fn shown(&self) -> &str {
        &self.shown
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.token.as_ref().map_or(Ok(()), |source| source.traverse(&visit))
    }

    fn __clear__(&self) {
        if let Some(source) = &self.token {
            source.clear();
        }
    }
}

impl Client {
    /// Logging out waits for the network. Ctrl-C ends the waiting, not the logging out.
    fn close_watching_signals(&self, py: Python<'_>) -> PyResult<hwm::Result<()>> {
        let core = match self.core() {
            Ok(core) => Arc::clone(core),
            Err(error) => return Ok(Err(error)),
        };
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new().name("hwm-close".to_owned()).spawn(move || {
            let _ = sender.send(core.close());
        })?;
        // Behind a lock, for a receiver may not be shared with the part that runs detached.
        let receiver = Mutex::new(receiver);
        loop {
            let closed = py.detach(|| {
                let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
                receiver.recv_timeout(LOOK_EVERY)
            });
            match closed {
                Ok(closed) => return Ok(closed),
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                Err(RecvTimeoutError::Disconnected) => {
                    let message = "a defect of hwm, please report it: close panicked";
                    return Ok(Err(hwm::Error::new(hwm::ErrorKind::Panic, message)));
                }
            }
        }
    }

    /// The deadline of calls that have none of their own; 0: none.
    pub(crate) fn deadline_ms(&self) -> u64 {
        self.deadline_ms
    }

    pub(crate) fn core(&self) -> hwm::Result<&Arc<hwm::Client>> {
        self.core.as_ref().ok_or_else(|| {
            hwm::Error::new(hwm::ErrorKind::InvalidArgument, "the client is being destroyed")
        })
    }

    /// `error` of a call as an exception, caused by what the token callable raised, if that was why.
    /// What is no `Exception`, such as a `KeyboardInterrupt`, takes its place.
    pub(crate) fn explained(
        &self,
        py: Python<'_>,
        error: &hwm::Error,
        report: Option<Bound<'_, PyAny>>,
    ) -> PyErr {
        let no_token = error.kind() == hwm::ErrorKind::Authentication;
        let error = failure::with_report(py, error, report);
        let raised = self.token.as_ref().filter(|_| no_token).and_then(|s| s.take_raised());
        let Some(raised) = raised else { return error };
        if raised.is_instance_of::<PyException>(py) {
            error.set_cause(py, Some(raised));
            return error;
        }
        if let Ok(report) = error.value(py).getattr("report") {
            // An exception class may refuse attributes; it is raised all the same.
            let _ = raised.value(py).setattr("report", report);
        }
        raised
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Connections and threads end here; the interpreter need not wait for that.
        let core = self.core.take();
        Python::try_attach(|py| py.detach(|| drop(core)));
    }
}

/// Runs `body` with the interpreter let go. A panic becomes an error like any other.
pub(crate) fn guarded<T: Send>(
    py: Python<'_>,
    body: impl FnOnce() -> hwm::Result<T> + Send,
) -> hwm::Result<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(body))).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let message = format!("a defect of hwm, please report it: {what}");
        Err(hwm::Error::new(hwm::ErrorKind::Panic, message))
    })
}
