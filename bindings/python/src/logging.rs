//! The core's log in Python's `logging`, under the name `hwm`.
//!
//! A worker never waits for the interpreter: records queue up here, and the calling thread hands
//! them on at its next look for signals, 50 ms later at most, and before the call returns.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// Records that wait at most; beyond them the oldest are dropped.
const LONGEST_QUEUE: usize = 10_000;

struct Waiting {
    level: Level,
    message: String,
    file: &'static str,
    line: u32,
    time: f64,
}

static QUEUE: Mutex<VecDeque<Waiting>> = Mutex::new(VecDeque::new());

fn queue() -> MutexGuard<'static, VecDeque<Waiting>> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Queueing;

impl Log for Queueing {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Other crates may log what this project would not show.
        let target = metadata.target();
        target == "hwm" || target.starts_with("hwm::")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let time = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut queue = queue();
        if queue.len() == LONGEST_QUEUE {
            queue.pop_front();
        }
        queue.push_back(Waiting {
            level: record.level(),
            message: record.args().to_string(),
            file: record.file_static().unwrap_or("hwm"),
            line: record.line().unwrap_or(0),
            time: time.map_or(0.0, |since| since.as_secs_f64()),
        });
    }

    fn flush(&self) {}
}

/// Takes the place of the process's logger within this module. Off until [`follow`] turns it on.
pub(crate) fn install() {
    // A second interpreter of the process finds it installed.
    let _ = log::set_logger(&Queueing);
}

fn number(level: Level) -> u8 {
    match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug => 10,
        Level::Trace => 5,
    }
}

/// Takes over the level that `logging` has now. Without anyone having imported `logging` there is
/// nobody to log to, and nothing is imported.
pub(crate) fn follow(py: Python<'_>) -> PyResult<()> {
    let wanted = match logger(py)? {
        None => LevelFilter::Off,
        Some(logger) => {
            let mut wanted = LevelFilter::Off;
            for level in Level::iter() {
                if !logger.call_method1("isEnabledFor", (number(level),))?.is_truthy()? {
                    break;
                }
                wanted = level.to_level_filter();
            }
            wanted
        }
    };
    log::set_max_level(wanted);
    Ok(())
}

fn logger(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py).clone()));
    }
    let modules = py.import("sys")?.getattr("modules")?;
    let Some(logging) = modules.cast::<PyDict>()?.get_item("logging")? else {
        return Ok(None);
    };
    let logger = logging.call_method1("getLogger", ("hwm",))?;
    // As libraries do: silent until the program sets up logging.
    logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
    Ok(Some(LOGGER.get_or_init(py, || logger.unbind()).bind(py).clone()))
}

/// Hands the waiting records to Python. A handler that fails costs its record, not the call; but
/// what is no `Exception`, such as Ctrl-C while a handler runs, is the caller's.
pub(crate) fn hand_on(py: Python<'_>) -> PyResult<()> {
    if log::max_level() == LevelFilter::Off {
        return Ok(());
    }
    loop {
        // The lock is not held while Python runs: a handler may start a call of its own.
        let Some(waiting) = queue().pop_front() else { return Ok(()) };
        if let Err(failed) = emit(py, &waiting) {
            if !failed.is_instance_of::<PyException>(py) {
                return Err(failed);
            }
            failed.write_unraisable(py, None);
        }
    }
}

fn emit(py: Python<'_>, waiting: &Waiting) -> PyResult<()> {
    let Some(logger) = logger(py)? else { return Ok(()) };
    let no_arguments = pyo3::types::PyTuple::empty(py);
    let record = logger.call_method1(
        "makeRecord",
        (
            "hwm",
            number(waiting.level),
            waiting.file,
            waiting.line,
            waiting.message.as_str(),
            no_arguments,
            py.None(),
        ),
    )?;
    record.setattr("created", waiting.time)?;
    record.setattr("msecs", (waiting.time.fract() * 1000.0).floor())?;
    logger.call_method1("handle", (record,))?;
    Ok(())
}

thread_local! {
    /// The queue's lock, held by the thread that forks: no other thread can hold it in the child.
    static HELD: RefCell<Option<MutexGuard<'static, VecDeque<Waiting>>>> =
        const { RefCell::new(None) };
}

/// For `os.register_at_fork`: takes the log's lock.
#[pyfunction]
pub(crate) fn before_fork() {
    HELD.set(Some(queue()));
}

/// For `os.register_at_fork`: gives the log's lock back; a child starts with an empty queue.
#[pyfunction]
pub(crate) fn after_fork(in_child: bool) {
    if let Some(mut queue) = HELD.take()
        && in_child
    {
        queue.clear();
    }
}
