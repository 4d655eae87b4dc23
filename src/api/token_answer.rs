//! What every authentication and refresh answers with, read leniently.

use serde_json::Value;

use crate::message::Answer;
use crate::secret::Secret;

/// The fields of `user` that may hold a name under which that user stands in a list.
const USER_NAMES: [&str; 8] = [
    "ucloginAccount",
    "thirdAccount",
    "userAccount",
    "account",
    "serviceAccount",
    "userId",
    "cloudUserId",
    "alias1",
];

/// A token as the service gave it.
#[derive(Debug, Clone)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    /// Seconds from now for which the token is valid, where the answer says it.
    pub(crate) valid_seconds: Option<u64>,
    /// Unix seconds of its end, where the answer says it.
    pub(crate) expire_time: Option<u64>,
    /// Names under which the user that is logged in may stand in a list.
    pub(crate) users: Vec<String>,
}

impl TokenAnswer {
    /// Reads only the fields that are needed; a number may be written as text, and one that
    /// cannot be read counts as missing. `None` when there is no access token.
    pub(crate) fn read(answer: &Answer) -> Option<TokenAnswer> {
        let body: Value = serde_json::from_slice(&answer.body).ok()?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        let user = body.get("user");
        let users = USER_NAMES
            .iter()
            .filter_map(|name| user?.get(name)?.as_str())
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        let access_token = Secret::new(text("accessToken")?);
        let refresh_token = text("refreshToken").map(Secret::new);
        for token in [Some(&access_token), refresh_token.as_ref()].into_iter().flatten() {
            answer.secrets.keep(token.expose());
        }
        Some(TokenAnswer {
            access_token,
            refresh_token,
            valid_seconds: number(&body, "validPeriod"),
            expire_time: number(&body, "expireTime"),
            users,
        })
    }
}

fn number(body: &Value, name: &str) -> Option<u64> {
    match body.get(name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
