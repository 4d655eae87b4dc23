//! The extension module `hwm._hwm`, on which the Python package `hwm` stands.
//!
//! It checks and converts arguments, lets the interpreter go for the time of a call, and turns
//! what the core answers into Python objects. What a call does is the core's matter alone.

#![deny(unsafe_code)]

mod accounts;
mod call;
mod cancel;
mod client;
mod failure;
mod interrupt;
mod logging;
mod options;
mod outcome;
mod progress;
mod report;
mod token;

/// The native part of the package `hwm`; use `hwm` itself.
#[pyo3::pymodule(name = "_hwm", gil_used = false)]
mod native {
    use std::sync::OnceLock;

    use pyo3::exceptions::PyImportError;
    use pyo3::prelude::*;

    /// The `sys` of the interpreter that imported this first: what is kept for the process, such as
    /// classes and loggers, is of that one.
    static HOME: OnceLock<usize> = OnceLock::new();

    #[pymodule_export]
    use crate::call::Call;
    #[pymodule_export]
    use crate::cancel::Cancel;
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::logging::{after_fork, before_fork};
    #[pymodule_export]
    use crate::options::option_table;
    #[pymodule_export]
    use crate::outcome::Outcome;
    #[pymodule_export]
    use crate::progress::Progress;
    #[pymodule_export]
    use crate::report::Report;
    #[pymodule_export]
    use crate::token::Withdrawn;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let here = module.py().import("sys")?.as_ptr() as usize;
        if *HOME.get_or_init(|| here) != here {
            return Err(PyImportError::new_err("hwm works in one interpreter of a process alone"));
        }
        crate::logging::install();
        module.add("VERSION", hwm::VERSION)
    }
}
