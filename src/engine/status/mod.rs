//! Setting statuses: how a list is cut into requests, and what is asked after a refusal.

pub mod cut;
pub mod fit;
pub mod isolate;
pub mod refusals;
