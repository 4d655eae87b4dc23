//! Faults, as everything below [`Error`](crate::Error) has them: an error that knows of no report.

pub(crate) use hwm_engine::error_kind::ErrorKind;
pub(crate) use hwm_engine::fault::Fault;

pub(crate) type Result<T> = std::result::Result<T, Fault>;
