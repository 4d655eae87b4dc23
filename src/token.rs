//! Where access tokens come from.

use std::sync::Arc;

use crate::secret::Secret;

/// A host's own source of tokens: answers the request through its methods.
pub type TokenCallback = Arc<dyn Fn(&mut TokenRequest) + Send + Sync>;

/// A question for a token, to be answered with [`TokenRequest::set`] or [`TokenRequest::fail`].
#[derive(Debug, Default)]
pub struct TokenRequest {
    pub(crate) answer: Option<Result<(Secret, u64), String>>,
}

impl TokenRequest {
    /// Answers with a token (copied) that is valid for `valid_seconds` from now; 0: unknown.
    pub fn set(&mut self, token: &str, valid_seconds: u64) {
        self.answer = Some(Ok((Secret::new(token), valid_seconds)));
    }

    /// Answers that there is no token, and why. The call ends with `Authentication`.
    pub fn fail(&mut self, message: &str) {
        self.answer = Some(Err(message.to_owned()));
    }
}
