//! Reading users and resources back.

use hwm_sandbox::{Config, Sandbox, UserSpec};
use serde_json::{Value, json};

use crate::wire::{Request, send};

/// Twenty-five users, every fifth disabled, and a room.
fn listed() -> Sandbox {
    let mut user_list: Vec<UserSpec> = (0..25)
        .map(|number| UserSpec {
            third_account: Some(format!("tp{number:02}")),
            ..UserSpec::new(format!("user{number:02}"), u8::from(number % 5 == 0))
        })
        .collect();
    user_list[7].name = Some("张伟".to_owned());
    user_list.push(UserSpec { user_type: 14, ..UserSpec::new("room", 0) });
    let config =
        Config { user_list, forbidden_tokens: vec!["powerless".to_owned()], ..Config::default() };
    Sandbox::start(config).expect("the sandbox starts")
}

fn get(sandbox: &Sandbox, target: &str) -> (u16, Value) {
    let request = Request::new("GET", target).header("X-Access-Token", "sandbox-token");
    let answer = send(&sandbox.url(), &request);
    (answer.status, answer.json())
}

fn members(sandbox: &Sandbox, query: &str) -> (Value, Vec<String>) {
    let (status, body) = get(sandbox, &format!("/v1/usg/dcs/corp/member?{query}"));
    assert_eq!(status, 200, "{body}");
    let data = body["data"].as_array().expect("an array");
    let account = |user: &Value| user["userAccount"].as_str().expect("text").to_owned();
    let accounts = data.iter().map(account).collect();
    (body, accounts)
}

#[test]
fn a_page_has_ten_users_unless_told_otherwise() {
    let sandbox = listed();
    let (body, accounts) = members(&sandbox, "");
    assert_eq!(
        (&body["count"], &body["limit"], &body["offset"]),
        (&json!(25), &json!(10), &json!(0))
    );
    assert_eq!((accounts.len(), accounts[0].as_str()), (10, "user00"));
    let (body, accounts) = members(&sandbox, "offset=20&limit=10");
    assert_eq!((&body["offset"], accounts.len()), (&json!(20), 5));
    let first = &body["data"][0];
    assert_eq!(first["thirdAccount"], "tp20");
    assert_eq!((&first["status"], &first["adminType"]), (&json!(1), &json!(2)));
}

#[test]
fn an_offset_past_the_end_gets_the_last_page_again() {
    let sandbox = listed();
    let (_, last) = members(&sandbox, "offset=20&limit=10");
    for offset in [25, 30, 1000] {
        let (body, accounts) = members(&sandbox, &format!("offset={offset}&limit=10"));
        assert_eq!((&body["count"], &accounts), (&json!(25), &last));
    }
    let (body, nobody) = members(&sandbox, "searchKey=nobody&offset=10");
    assert_eq!((&body["count"], nobody.len()), (&json!(0), 0));
}

#[test]
fn filters_narrow_the_listing() {
    let sandbox = listed();
    let accounts = |query: &str| members(&sandbox, query).1;
    assert_eq!(accounts("status=1"), ["user00", "user05", "user10", "user15", "user20"]);
    assert_eq!(accounts("status=0&limit=100").len(), 20);
    assert_eq!(accounts("userType=14"), ["room"]);
    assert_eq!(accounts("userType=14&userType=2&limit=100").len(), 26);
    assert_eq!(accounts("searchKey=tp13"), ["user13"]);
    assert_eq!(accounts("searchKey=%E5%BC%A0"), ["user07"]);
    assert_eq!(accounts("deptCode=elsewhere").len(), 0);
}

#[test]
fn a_listing_that_is_not_legal_is_refused() {
    let sandbox = listed();
    for query in ["limit=0", "limit=501", "offset=-1", "status=2", "userType=x"] {
        let (status, body) = get(&sandbox, &format!("/v1/usg/dcs/corp/member?{query}"));
        assert_eq!((status, &body["error_code"]), (400, &json!("USG.000000003")), "{query}");
    }
}

#[test]
fn only_an_administrator_may_read() {
    let sandbox = listed();
    for target in ["/v1/usg/dcs/corp/member", "/v1/usg/dcs/corp/resource"] {
        for (token, status) in [("wrong", 401), ("powerless", 403)] {
            let request = Request::new("GET", target).header("X-Access-Token", token);
            assert_eq!(send(&sandbox.url(), &request).status, status);
        }
    }
}

#[test]
fn resources_tell_what_there_is_and_what_is_used() {
    let sandbox = listed();
    let (status, body) = get(&sandbox, "/v1/usg/dcs/corp/resource");
    assert_eq!(status, 200);
    assert_eq!(
        (&body["teSoftCount"]["sumCount"], &body["teSoftCount"]["usedCount"]),
        (&json!(25), &json!(20))
    );
    assert_eq!(body["roomCount"]["usedCount"], 1);
    sandbox.reconfigure(|config| config.capacity = Some(21));
    let (_, body) = get(&sandbox, "/v1/usg/dcs/corp/resource");
    assert_eq!(
        (&body["teSoftCount"]["sumCount"], &body["teSoftCount"]["expiredCount"]),
        (&json!(21), &json!(4))
    );
}
