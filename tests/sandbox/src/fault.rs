//! Faults on demand: when something goes wrong, and what.

use serde::{Deserialize, Deserializer, Serialize};

use crate::operation::Target;

/// One thing that goes wrong with some requests.
///
/// ```
/// use hwm_sandbox::{Fault, What, When};
///
/// let fault: Fault = serde_json::from_str(
///     r#"{"when": {"Requests": [2, 3]}, "what": {"Unavailable": {"retry_after": 5}}, "times": 1}"#,
/// )?;
/// let same = Fault::new(When::Requests(vec![2, 3]), What::Unavailable { retry_after: Some(5) });
/// assert_eq!(fault, same.times(1));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests it befalls. Where several faults befall one, the first in the list happens.
    pub when: When,
    /// What goes wrong.
    pub what: What,
    /// After how many times it is over; never, when `None`.
    #[serde(default)]
    pub times: Option<u64>,
    /// The kind of request that it befalls.
    #[serde(default)]
    pub on: Target,
}

impl Fault {
    /// A fault of status requests that is never over.
    pub fn new(when: When, what: What) -> Fault {
        Fault { when, what, times: None, on: Target::Status }
    }

    /// The same, over after so many times.
    pub fn times(self, times: u64) -> Fault {
        Fault { times: Some(times), ..self }
    }

    /// The same for another kind of request.
    pub fn on(self, on: Target) -> Fault {
        Fault { on, ..self }
    }
}

/// Which requests a fault befalls. Numbers count from 1 the requests of the fault's kind since the
/// faults were set.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub enum When {
    /// Each with this probability, decided by the seed and the request's number.
    Rate(f64),
    /// Those of these numbers.
    Requests(Vec<u64>),
    /// Those whose number is a multiple of this.
    Every(u64),
    /// Those whose list holds this account.
    Account(String),
    /// Those whose list is this account and nobody else.
    Alone {
        /// The account.
        account: String,
    },
    /// All.
    All,
}

/// What goes wrong. Unless it says otherwise, nothing is changed and the service never sees the
/// request.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub enum What {
    /// An answer to order. A status that is given before a service acts (3xx, 401, 403, 404, 405, 407,
    /// 411 to 415, 421, 423, 425, 429, 431) comes before quota and token are looked at, any other
    /// after.
    Status {
        /// The HTTP status.
        status: u16,
        /// The body as it is.
        #[serde(default)]
        body: String,
        /// Headers on top of the usual ones.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The content type; JSON when `None`.
        #[serde(default)]
        content_type: Option<String>,
    },
    /// 429 `APIG.0308` in the gateway's words, naming the configured quota or 60 a minute.
    TooMany {
        /// The seconds that `Retry-After` says.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 500 by the service, past quota and token.
    Error500,
    /// 502 with a proxy's HTML page.
    BadGatewayHtml,
    /// 503.
    Unavailable {
        /// The seconds that `Retry-After` says.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The connection is reset.
    ResetBefore,
    /// The change is made, and the connection is reset in place of an answer.
    ResetAfter,
    /// The connection is closed in order, without an answer.
    FinBefore,
    /// The change is made, and the connection is closed in order, without an answer.
    FinAfter,
    /// The change is made; the answer's head is whole, half of its body is missing, and the connection
    /// is closed.
    TruncatedBody,
    /// The change is made, and the answer comes in small pieces.
    Trickle {
        /// How large the pieces are.
        bytes_per_interval: usize,
        /// How long after one piece the next comes, in real milliseconds.
        interval_ms: u64,
    },
    /// No answer, until the client goes away.
    Silence {
        /// Whether the change is made.
        #[serde(default)]
        after: bool,
    },
    /// The change is made; the answer's body is longer than its `Content-Length`.
    WrongContentLength,
    /// A 200 whose JSON body has an error code, by the service, past quota and token.
    Ok200ErrorCode,
    /// A 200 with a proxy's HTML page.
    ProxyHtml200,
    /// The change is made, and the answer comes, only after a while, and the change even when the
    /// client has gone.
    DelayedEffect {
        /// The while, in real milliseconds.
        ms: u64,
    },
    /// 302.
    Redirect {
        /// Where to.
        location: String,
    },
    /// The change is made; a 200 carries a JSON body of more than 64 KiB.
    OversizeBody,
    /// These bytes, whatever they are, in place of an answer, and the connection is closed in order.
    RawBytes {
        /// The bytes; in JSON a string, or an array of numbers.
        #[serde(deserialize_with = "text_or_bytes")]
        bytes: Vec<u8>,
        /// Whether the change is made.
        #[serde(default)]
        after: bool,
    },
}

/// Where on a request's way a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Before anything is looked at.
    Network,
    /// Past quota and token, in place of the service.
    Service,
    /// When the service has done its work.
    Answer,
}

impl What {
    pub(crate) fn stage(&self) -> Stage {
        match self {
            What::Status { status, .. } => match status {
                300..=399 | 401 | 403..=405 | 407 | 411..=415 | 421 | 423 | 425 | 429 | 431 => {
                    Stage::Network
                }
                _ => Stage::Service,
            },
            What::Error500 | What::Ok200ErrorCode => Stage::Service,
            What::TooMany { .. }
            | What::BadGatewayHtml
            | What::Unavailable { .. }
            | What::ResetBefore
            | What::FinBefore
            | What::Silence { after: false }
            | What::ProxyHtml200
            | What::Redirect { .. }
            | What::RawBytes { after: false, .. } => Stage::Network,
            What::ResetAfter
            | What::FinAfter
            | What::TruncatedBody
            | What::Trickle { .. }
            | What::Silence { after: true }
            | What::WrongContentLength
            | What::DelayedEffect { .. }
            | What::OversizeBody
            | What::RawBytes { after: true, .. } => Stage::Answer,
        }
    }
}

fn text_or_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Text(String),
        Bytes(Vec<u8>),
    }
    Ok(match Raw::deserialize(deserializer)? {
        Raw::Text(text) => text.into_bytes(),
        Raw::Bytes(bytes) => bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::{Fault, What, When};

    #[test]
    fn every_fault_survives_the_way_through_json() {
        for what in [
            What::Status {
                status: 409,
                body: "x".to_owned(),
                headers: vec![("a".to_owned(), "b".to_owned())],
                content_type: None,
            },
            What::TooMany { retry_after: None },
            What::ResetAfter,
            What::Silence { after: true },
            What::RawBytes { bytes: vec![0, 255], after: false },
        ] {
            let fault = Fault::new(When::Rate(0.25), what).times(3);
            let text = serde_json::to_string(&fault).expect("JSON");
            assert_eq!(serde_json::from_str::<Fault>(&text).expect(&text), fault);
        }
    }

    #[test]
    fn what_may_be_left_out_in_json_may_be_left_out() {
        let text = r#"[{"when": "All", "what": {"TooMany": {}}},
                       {"when": {"Every": 2}, "what": {"RawBytes": {"bytes": "HTTP/1.1 200"}}},
                       {"when": {"Alone": {"account": "a"}}, "what": "ResetBefore", "on": "any"}]"#;
        assert_eq!(serde_json::from_str::<Vec<Fault>>(text).expect("faults").len(), 3);
    }
}
