//! `POST /v2/usg/acs/auth/appauth`: a token for who knows the App ID's key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde::Deserialize;

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::config::{Config, LoginState};
use crate::routes::grant::granted;
use crate::tokens::Holder;
use crate::users::{AccountType, Users};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppAuth {
    app_id: String,
    client_type: i64,
    expire_time: u64,
    nonce: String,
    user_id: Option<String>,
    corp_id: Option<String>,
}

impl AppAuth {
    /// What the signature is made over.
    fn signed_text(&self) -> String {
        let user_id = self.user_id.as_deref().unwrap_or_default();
        let (app_id, expire_time, nonce) = (&self.app_id, self.expire_time, &self.nonce);
        match &self.corp_id {
            None => format!("{app_id}:{user_id}:{expire_time}:{nonce}"),
            Some(corp_id) => format!("{app_id}:{corp_id}:{user_id}:{expire_time}:{nonce}"),
        }
    }
}

pub(crate) fn act(world: &World, arrived: &Arrived) -> Answer {
    let config = world.config();
    let asked = match serde_json::from_slice::<AppAuth>(&arrived.body) {
        Ok(asked) if arrived.says_json() && (32..=64).contains(&asked.nonce.chars().count()) => {
            asked
        }
        _ => return arrived.refuse(400, "USG.000000003"),
    };
    if let Err((status, code)) = check(&asked, arrived, &config, world.clock.now_ms() / 1000) {
        return arrived.refuse(status, code);
    }
    match holder(&asked, &config, &world.users) {
        Ok(holder) => {
            let pair = world.tokens.issue(holder, &config, world.clock.now_ms());
            granted(&pair, &config)
        }
        Err((status, code)) => arrived.refuse(status, code),
    }
}

type Refusal = (u16, &'static str);

/// Whether the request is by who knows the key, for this enterprise, and in time.
fn check(
    asked: &AppAuth,
    arrived: &Arrived,
    config: &Config,
    now_seconds: u64,
) -> Result<(), Refusal> {
    match (&asked.corp_id, &config.corp_id) {
        (Some(_), None) => return Err((400, "SANDBOX.CORP_ID_NOT_ALLOWED")),
        (Some(asked), Some(is)) if asked != is => return Err((401, "SANDBOX.UNKNOWN_CORP_ID")),
        _ => {}
    }
    if asked.app_id != config.app_id {
        return Err((401, "SANDBOX.UNKNOWN_APP_ID"));
    }
    let authorization = arrived.header("authorization").unwrap_or_default();
    let (signature, access) = credentials(authorization).ok_or((401, "SANDBOX.AUTHORIZATION"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, config.app_key.as_bytes());
    if access != asked.app_id.as_bytes()
        || hmac::verify(&key, asked.signed_text().as_bytes(), &signature).is_err()
    {
        return Err((401, "SANDBOX.SIGNATURE"));
    }
    if asked.expire_time != 0 && asked.expire_time < now_seconds {
        return Err((401, "SANDBOX.SIGNATURE_EXPIRED"));
    }
    Ok(())
}

/// The signature and the App ID of `HMAC-SHA256 signature=<hex>,access=<base64>`.
fn credentials(authorization: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, rest) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("HMAC-SHA256") {
        return None;
    }
    let (signature, access) = rest.trim().split_once(',')?;
    let signature = from_hex(signature.trim().strip_prefix("signature=")?)?;
    let access = STANDARD.decode(access.trim().strip_prefix("access=")?).ok()?;
    Some((signature, access))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// The user whom the token shall be for: the one asked for, or the default administrator.
fn holder(asked: &AppAuth, config: &Config, users: &Users) -> Result<Holder, Refusal> {
    let user_id = asked.user_id.as_deref().filter(|id| !id.is_empty());
    let user = match user_id {
        Some(user_id) => users.find(user_id, AccountType::ThirdAccount),
        None => users.default_administrator(),
    };
    let names = [user_id, user.as_ref().map(|user| user.account.as_str())];
    let login = config.logins.iter().find(|login| names.contains(&Some(login.account.as_str())));
    let state = match (&user, login) {
        (Some(user), _) if user.status != 0 => LoginState::Disabled,
        (_, Some(login)) => login.state,
        (_, None) => LoginState::Ok,
    };
    if let Some(refusal) = state.refusal() {
        return Err(refusal);
    }
    match (user, user_id) {
        (Some(user), _) => Ok(Holder::of_user(user, asked.client_type)),
        (None, None) => Ok(Holder::stranger("default-administrator", None, 0, asked.client_type)),
        (None, Some(user_id)) if config.app_admins.iter().any(|admin| admin == user_id) => {
            let account = format!("app-{user_id}");
            Ok(Holder::stranger(&account, Some(user_id), 1, asked.client_type))
        }
        (None, Some(_)) => Err((400, "USG.201040000")),
    }
}
