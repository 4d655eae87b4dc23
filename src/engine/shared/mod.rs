//! What the calls of one client share.

pub mod pacer;
mod quota;
pub mod quota_words;
