//! `POST /v1/usg/acs/auth/account`: a token for an account and its password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::config::LoginState;
use crate::routes::grant::granted;
use crate::tokens::Holder;
use crate::users::AccountType;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoginBody {
    account: String,
    client_type: i64,
}

pub(crate) fn act(world: &World, arrived: &Arrived) -> Answer {
    let config = world.config();
    let asked = match serde_json::from_slice::<LoginBody>(&arrived.body) {
        Ok(asked) if arrived.says_json() => asked,
        _ => return arrived.refuse(400, "USG.000000003"),
    };
    let Some((account, password)) = credentials(arrived) else {
        return arrived.refuse(401, "USG.206010000");
    };
    if account != asked.account {
        return arrived.refuse(400, "USG.000000003");
    }
    let known = config.logins.iter().find(|login| login.account == account);
    let Some(login) = known.filter(|login| login.password == password) else {
        return arrived.refuse(401, "USG.206010000");
    };
    let user = world.users.find(&account, AccountType::Account);
    let state = match &user {
        Some(user) if user.status != 0 => LoginState::Disabled,
        _ => login.state,
    };
    if let Some((status, code)) = state.refusal() {
        return arrived.refuse(status, code);
    }
    let holder = match user {
        Some(user) => Holder::of_user(user, asked.client_type),
        None => Holder::stranger(&account, None, 1, asked.client_type),
    };
    let pair = world.tokens.issue(holder, &config, world.clock.now_ms());
    granted(&pair, &config)
}

/// The account and the password of `Basic base64(account:password)`.
fn credentials(arrived: &Arrived) -> Option<(String, String)> {
    let (scheme, encoded) = arrived.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (account, password) = decoded.split_once(':')?;
    Some((account.to_owned(), password.to_owned()))
}
