//! hwm
