//! The core's client, as what `hwm.Client` calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use crate::accounts::AccountBytes;
use crate::cancel::Cancel;
use crate::failure;
use crate::interrupt::Interrupt;
use crate::logging;
use crate::options;
use crate::report;
use crate::token::TokenSource;

/// How often signals are looked for where the core does not do it.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A client held by the library; `hwm.Client` is the face of it.
#[pyclass(module = "hwm._hwm", frozen)]
pub(crate) struct Client {
    /// There until the drop takes it.
    core: Option<Arc<hwm::Client>>,
    logs_out: bool,
    token: Option<Arc<TokenSource>>,
    shown: String,
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
        Ok(Client { core: Some(Arc::new(core)), logs_out, token, shown })
    }

    /// One call; the report as a `hwm.Report`.
    fn set_status<'py>(
        &self,
        py: Python<'py>,
        status: &Bound<'py, PyAny>,
        accounts: &Bound<'py, PyAny>,
        overrides: &Bound<'py, PyDict>,
        on_progress: Option<Py<PyAny>>,
        cancel: Option<PyRef<'py, Cancel>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let status = status_of(status)?;
        let overrides = options::from_keywords(overrides)?;
        let accounts = AccountBytes::collect(accounts)?;
        let cancel = cancel.map_or_else(hwm::Cancel::new, |handle| handle.core.clone());
        logging::follow(py)?;

        let interrupt = Interrupt::new(cancel.clone());
        let done = guarded(py, || {
            let mut tick = || interrupt.look();
            let mut progress = |seen: &hwm::Progress| match &on_progress {
                Some(callback) => interrupt.progress(callback, seen),
                None => std::ops::ControlFlow::Continue(()),
            };
            let mut call =
                hwm::Call::new().overrides(&overrides).cancel(&cancel).on_tick(&mut tick);
            if on_progress.is_some() {
                call = call.on_progress(&mut progress);
            }
            self.core()?.set_status(status, accounts.iter(), call)
        })
        .map(Arc::new);
        if let Err(raised) = logging::hand_on(py) {
            interrupt.raise(raised);
        }

        let raised = interrupt.into_exception(py, &done);
        if let Some(raised) = raised {
            return Err(raised);
        }
        match done {
            Ok(done) => report::wrap(py, done),
            Err(error) => Err(self.explained(py, failure::exception(py, &error))),
        }
    }

    /// Ends the client.
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

    fn core(&self) -> hwm::Result<&Arc<hwm::Client>> {
        self.core.as_ref().ok_or_else(|| {
            hwm::Error::new(hwm::ErrorKind::InvalidArgument, "the client is being destroyed")
        })
    }

    /// `error`, caused by what the token callable raised, if it did. What is no `Exception`, such as
    /// a `KeyboardInterrupt`, takes its place.
    fn explained(&self, py: Python<'_>, error: PyErr) -> PyErr {
        let Some(raised) = self.token.as_ref().and_then(|source| source.take_raised()) else {
            return error;
        };
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
fn guarded<T: Send>(
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

fn status_of(status: &Bound<'_, PyAny>) -> PyResult<hwm::UserStatus> {
    let py = status.py();
    let raise = |error| failure::exception(py, &error);
    if status.is_instance_of::<PyBool>() {
        let message = format!(
            "status is {status}, a bool, which does not tell whether enabled or disabled is meant; \
             say \"normal\" or \"disabled\""
        );
        return Err(failure::argument(py, message));
    }
    if let Ok(name) = status.cast::<PyString>() {
        let name = name.to_string_lossy();
        return name.parse().map_err(raise);
    }
    if let Ok(number) = status.extract::<i64>() {
        return hwm::UserStatus::try_from(number).map_err(raise);
    }
    let shown = status.repr()?;
    let message = format!("status is {shown}, but must be \"normal\" (0) or \"disabled\" (1)");
    Err(failure::argument(py, message))
}
