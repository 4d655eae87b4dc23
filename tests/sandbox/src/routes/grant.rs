//! The answer to everything that yields a token.

use serde_json::json;

use crate::answer::Answer;
use crate::chance::Chance;
use crate::config::Config;
use crate::tokens::Pair;

/// A new pair of tokens in the service's form, with the fields of its example.
pub(crate) fn granted(pair: &Pair, config: &Config) -> Answer {
    let holder = &pair.holder;
    let seconds = |ms: u64| ms / 1000;
    let body = json!({
        "accessToken": pair.access,
        "clientType": holder.client_type,
        "createTime": pair.created_ms,
        "daysPwdAvailable": -18171,
        "delayDelete": false,
        "expireTime": seconds(pair.access_expires_ms),
        "firstLogin": false,
        "forceLoginInd": null,
        "proxyToken": null,
        "pwdExpired": false,
        "refreshCreateTime": pair.created_ms,
        "refreshExpireTime": refresh_expire_time(pair, config),
        "refreshToken": pair.refresh,
        "refreshValidPeriod": config.refresh_valid_seconds,
        "tokenIp": "127.0.0.1",
        "tokenType": 0,
        "user": {
            "adminType": holder.admin_type,
            "appId": config.app_id,
            "companyId": company(config),
            "corpType": 0,
            "freeUser": false,
            "grayUser": false,
            "name": holder.name,
            "nameEn": null,
            "realm": "huaweicloud.com",
            "spId": null,
            "status": 0,
            "thirdAccount": holder.third_account,
            "tr069Account": "",
            "ucloginAccount": holder.account,
            "userId": Chance::new(config.seed, &holder.account).hex(32),
            "userType": 2,
            "visionAccount": null,
            "weLinkUser": false,
        },
        "validPeriod": config.token_valid_seconds,
    });
    Answer::ok(body.to_string())
}

fn company(config: &Config) -> String {
    match &config.corp_id {
        Some(corp_id) => corp_id.clone(),
        None => Chance::new(config.seed, "company").hex(32),
    }
}

/// A number, or the text with a comma in it that an example of the service shows.
fn refresh_expire_time(pair: &Pair, config: &Config) -> serde_json::Value {
    let seconds = pair.refresh_expires_ms / 1000;
    if config.odd_refresh_expire_time {
        json!(format!("{},{:03}", seconds / 1000, seconds % 1000))
    } else {
        json!(seconds)
    }
}
