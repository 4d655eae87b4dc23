//! Modifying the user status in batches: `PUT /v1/usg/dcs/corp/member/status/{value}`.
//!
//! Source: the vendor's page "Modifying the User Status in Batches" and its definition of
//! BatchUpdateUserStatus. Success is 200; `said` tells which 200.

use bytes::Bytes;
use reqwest::Method;

use crate::api;
use crate::message::Request;
use crate::model::{AccountType, UserStatus};
use crate::secret::Secret;

/// What all requests of one call have in common.
pub(crate) struct Operation {
    pub(crate) status: UserStatus,
    pub(crate) account_type: AccountType,
    pub(crate) language: Option<&'static str>,
}

/// The body for these accounts: a JSON array of strings.
pub(crate) fn body<'a>(accounts: impl Iterator<Item = &'a str>) -> Bytes {
    let mut body = Vec::from(*b"[");
    for account in accounts {
        if body.len() > 1 {
            body.push(b',');
        }
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(&mut body, account);
    }
    body.push(b']');
    body.into()
}

impl Operation {
    pub(crate) fn request(&self, body: Bytes, token: &Secret, request_id: &str) -> Request {
        let mut headers = api::headers(request_id, Some(token));
        headers.push(api::json_type());
        headers.extend(api::language(self.language));
        Request {
            method: Method::PUT,
            target: format!(
                "v1/usg/dcs/corp/member/status/{}?accountType={}",
                self.status as u8, self.account_type as u8
            ),
            headers,
            body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example_is_built_to_the_letter() {
        let operation = Operation {
            status: UserStatus::Normal,
            account_type: AccountType::Meeting,
            language: None,
        };
        let request = operation.request(body(["test010"].into_iter()), &Secret::new("stb7"), "ab");
        assert_eq!(request.method, Method::PUT);
        assert_eq!(request.target, "v1/usg/dcs/corp/member/status/0?accountType=0");
        assert_eq!(&request.body[..], br#"["test010"]"#);
        let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x-access-token", "x-request-id", "content-type"]);
        assert!(!format!("{request:?}").contains("stb7"), "a token must not be shown");
    }

    #[test]
    fn accounts_are_escaped_as_json() {
        assert_eq!(&body(["a\"b", "李雷"].into_iter())[..], "[\"a\\\"b\",\"李雷\"]".as_bytes());
    }
}
