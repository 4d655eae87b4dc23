//! A host's own source of tokens.

use std::sync::Arc;

use crate::fault::{ErrorKind, Fault, Result};
use crate::secret::Secret;

/// A host's own source of tokens: answers the request through its methods.
pub type TokenCallback = Arc<dyn Fn(&mut TokenRequest) + Send + Sync>;

/// A question for a token, to be answered with [`TokenRequest::set`], [`TokenRequest::fail`] or
/// [`TokenRequest::withdraw`].
#[derive(Debug, Default)]
pub struct TokenRequest {
    answer: Option<std::result::Result<(Secret, u64), String>>,
    withdrawn: bool,
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

    /// Answers that the call which asks is about to end, by its cancel or deadline, and needs no
    /// token any more. That is no failure: other calls that wait for the token ask themselves.
    pub fn withdraw(&mut self) {
        self.withdrawn = true;
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        self.withdrawn
    }

    /// The token and the seconds for which it is valid (0: unknown), or why there is none.
    pub(crate) fn into_answer(self) -> Result<(Secret, u64)> {
        let nothing = "the token callback answered neither with a token nor with a failure";
        let unfit =
            "the token callback answered with a token that is empty or holds control characters";
        self.answer
            .unwrap_or_else(|| Err(nothing.to_owned()))
            .and_then(|(token, valid_seconds)| match token.expose() {
                text if text.is_empty() || text.contains(char::is_control) => Err(unfit.to_owned()),
                _ => Ok((token, valid_seconds)),
            })
            .map_err(|message| Fault::new(ErrorKind::Authentication, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_give_a_token_that_no_header_can_hold() {
        for text in ["", "a\r\nX-Evil: 1"] {
            let mut request = TokenRequest::default();
            request.set(text, 0);
            let error = request.into_answer().unwrap_err();
            assert_eq!(error.kind, ErrorKind::Authentication);
            assert!(&error.message.contains("empty or holds control"), "{error}");
        }
    }
}
