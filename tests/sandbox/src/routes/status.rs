//! `PUT /v1/usg/dcs/corp/member/status/{value}`: sets the status of a batch of users.

use serde_json::json;

use crate::answer::Answer;
use crate::arrival::Arrived;
use crate::config::SuccessBody;
use crate::users::{AccountType, BatchRules};
use crate::world::World;

const ILLEGAL: &str = "USG.000000003";

pub(crate) fn act(world: &World, arrived: &Arrived) -> Answer {
    let config = world.config();
    let (Some(status), Some(by), true) =
        (status(arrived), account_type(arrived), arrived.says_json())
    else {
        return arrived.refuse(400, ILLEGAL);
    };
    let Some(accounts) = arrived
        .accounts
        .as_ref()
        .filter(|accounts| !accounts.is_empty() && accounts.iter().all(|a| !a.is_empty()))
    else {
        return arrived.refuse(400, ILLEGAL);
    };
    if accounts.len() > config.batch_limit {
        return arrived.refuse(400, ILLEGAL);
    }
    if let Some((status, code)) = &config.refuse_all {
        return arrived.refuse(*status, code.clone());
    }
    if config.hidden_batch_limit.is_some_and(|limit| accounts.len() > limit) {
        return arrived.refuse(400, "SANDBOX.BATCH_TOO_LARGE");
    }
    let rules = BatchRules {
        capacity: config.capacity,
        capacity_partial: config.capacity_partial,
        partial_on_unknown: config.partial_on_unknown,
    };
    let change = world.users.change(accounts, by, status, rules);
    let mut answer = if change.unknown {
        arrived.refuse(400, "USG.201040000")
    } else if change.full {
        arrived.refuse(400, config.capacity_code.clone())
    } else {
        Answer::ok(success_body(&config.success_body, &arrived.request_id))
    };
    answer.changed = change.changed;
    answer
}

fn status(arrived: &Arrived) -> Option<u8> {
    match arrived.path.rsplit('/').next() {
        Some("0") => Some(0),
        Some("1") => Some(1),
        _ => None,
    }
}

fn account_type(arrived: &Arrived) -> Option<AccountType> {
    match arrived.query_value("accountType").as_deref() {
        None | Some("0") => Some(AccountType::Account),
        Some("1") => Some(AccountType::ThirdAccount),
        Some(_) => None,
    }
}

fn success_body(kind: &SuccessBody, request_id: &str) -> String {
    match kind {
        SuccessBody::Empty => String::new(),
        SuccessBody::Json143 => {
            let bare = json!({"message": "", "request_id": request_id}).to_string();
            let message = "-".repeat(143_usize.saturating_sub(bare.len()));
            json!({"message": message, "request_id": request_id}).to_string()
        }
        SuccessBody::EmptyErrorCode => {
            json!({"error_code": "", "error_msg": "", "request_id": request_id}).to_string()
        }
        SuccessBody::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::success_body;
    use crate::config::SuccessBody;

    #[test]
    fn the_json_success_body_is_as_long_as_the_documented_one() {
        let body = success_body(&SuccessBody::Json143, &"0".repeat(32));
        assert_eq!(body.len(), 143);
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert!(body.get("error_code").is_none());
    }
}
