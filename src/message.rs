//! What goes over the wire: a request, and the answer to it.

use std::sync::Arc;

use bytes::Bytes;
use hwm_engine::answer::Failure;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::secret::Secrets;

/// What an operation sends, to whichever endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query, without the leading slash.
    pub(crate) target: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What must not be shown of it.
    pub(crate) secrets: Arc<Secrets>,
    /// Whether it may be the answer to an earlier request of its connection.
    pub(crate) may_be_late: bool,
}

pub(crate) type Reply = std::result::Result<Answer, Failure>;
