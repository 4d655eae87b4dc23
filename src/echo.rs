//! Whether an answer belongs to its request.
//!
//! HTTP/1.1 tells answers apart by their order on a connection alone: one too many is taken for the
//! answer to the next request. The service sends `X-Request-Id` back, which tells them apart for sure.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::HeaderMap;

use crate::api::REQUEST_ID;

/// What is known of how an endpoint echoes request ids.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// A request was sent to it.
    asked: AtomicBool,
    /// It has echoed one.
    ever: AtomicBool,
    /// The last answer that could tell did.
    still: AtomicBool,
    /// It no longer did, and connections from before may still be kept.
    lost: AtomicBool,
}

/// Over which connection a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// One that was kept, or a new one that will be.
    Kept,
    /// A new one that is kept afterwards: nobody knows yet whether it may be used again.
    First,
    /// One of its own.
    Alone,
}

/// What an answer's request id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belonging {
    /// It is the answer to the request.
    Proved,
    /// Nothing speaks against it.
    Untold,
    /// It is the answer to another request.
    Another,
}

impl Echo {
    /// Over which connection the next request goes. One is used again only where each answer proves
    /// which request it belongs to; elsewhere every request has its own.
    pub(crate) fn way(&self) -> Way {
        if self.still.load(Ordering::Acquire) {
            Way::Kept
        } else if self.asked.swap(true, Ordering::AcqRel) {
            Way::Alone
        } else {
            Way::First
        }
    }

    /// Whether the connections that are kept must be closed: one of them may hold an answer too
    /// many. True once each time.
    pub(crate) fn must_forget_connections(&self) -> bool {
        self.lost.swap(false, Ordering::AcqRel)
    }

    /// Judges an answer by its headers. `sent`: the request's id.
    pub(crate) fn judge(&self, sent: &str, headers: &HeaderMap, way: Way) -> Belonging {
        let mut told = headers.get_all(REQUEST_ID).iter().peekable();
        let any = told.peek().is_some();
        let ours = told.any(|value| {
            value.as_bytes().split(|byte| *byte == b',').any(|id| is_same(id, sent.as_bytes()))
        });
        if ours {
            self.ever.store(true, Ordering::Release);
            self.still.store(true, Ordering::Release);
            return Belonging::Proved;
        }
        let another = any && self.ever.load(Ordering::Acquire);
        if another || way != Way::Alone {
            self.lost.store(true, Ordering::Release);
            self.still.store(false, Ordering::Release);
        }
        if another { Belonging::Another } else { Belonging::Untold }
    }
}

/// Whether two ids are the same, however they are written: with dashes or without, in either case.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let digits = |id: &[u8]| -> Vec<u8> {
        let id = id.trim_ascii().iter().filter(|byte| **byte != b'-');
        id.map(u8::to_ascii_lowercase).collect()
    };
    digits(one) == digits(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "0ecdde61a9c0aedc6c17ed7add46033c";

    fn headers(ids: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for id in ids {
            headers.append("x-request-id", id.parse().unwrap());
        }
        headers
    }

    #[test]
    fn an_echo_is_known_however_it_is_written() {
        for ids in [
            &[SENT][..],
            &["0ECDDE61-A9C0-AEDC-6C17-ED7ADD46033C"],
            &["of-a-proxy", SENT],
            &["of-a-proxy, 0ecdde61a9c0aedc6c17ed7add46033c"],
        ] {
            let echo = Echo::default();
            assert_eq!((echo.way(), echo.way()), (Way::First, Way::Alone));
            assert_eq!(echo.judge(SENT, &headers(ids), Way::First), Belonging::Proved, "{ids:?}");
            assert_eq!(echo.way(), Way::Kept);
            assert!(!echo.must_forget_connections());
        }
    }

    #[test]
    fn an_endpoint_that_never_echoes_is_believed_and_keeps_no_connection() {
        let echo = Echo::default();
        for ids in [&["of-the-gateway"][..], &[]] {
            let way = echo.way();
            assert_eq!(echo.judge(SENT, &headers(ids), way), Belonging::Untold);
            assert_eq!(echo.must_forget_connections(), way == Way::First);
            assert_eq!(echo.way(), Way::Alone);
        }
    }

    #[test]
    fn another_id_from_one_that_has_echoed_is_of_another_request() {
        let echo = Echo::default();
        echo.judge(SENT, &headers(&[SENT]), echo.way());
        assert_eq!(echo.judge(SENT, &headers(&["another"]), echo.way()), Belonging::Another);
        assert!(echo.must_forget_connections() && !echo.must_forget_connections());
        assert_eq!(echo.way(), Way::Alone);
        assert_eq!(echo.judge(SENT, &headers(&["another"]), Way::Alone), Belonging::Another);
        assert_eq!(echo.judge(SENT, &headers(&[SENT]), Way::Alone), Belonging::Proved);
        assert_eq!(echo.judge(SENT, &headers(&[]), echo.way()), Belonging::Untold);
        assert_eq!(echo.way(), Way::Alone, "until it echoes again");
    }
}
