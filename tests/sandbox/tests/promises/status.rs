//! The status operation: what it checks, in which order, and what it changes.

use crate::wire::{Request, send};
use hwm_sandbox::{Config, Sandbox, SuccessBody, UserSpec};
use serde_json::json;

fn small(change: impl FnOnce(&mut Config)) -> Sandbox {
    let mut config = Config {
        user_list: vec![
            UserSpec { third_account: Some("tp-anna".to_owned()), ..UserSpec::new("anna", 1) },
            UserSpec::new("bert", 1),
            UserSpec::new("张伟", 0),
        ],
        forbidden_tokens: vec!["powerless".to_owned()],
        ..Config::default()
    };
    change(&mut config);
    Sandbox::start(config).expect("the sandbox starts")
}

#[test]
fn the_documented_request_changes_the_status() {
    let sandbox = small(|_| {});
    let answer = send(&sandbox.url(), &Request::set_status(0, &["anna", "张伟"]));
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(sandbox.status_of("anna"), Some(0));
    assert_eq!(sandbox.status_of("bert"), Some(1));
    let request = &sandbox.requests()[0];
    assert_eq!(request.accounts, ["anna", "张伟"]);
    assert_eq!(request.changed, ["anna"]);
    assert!(request.accepted && request.answered && request.effective_at_ms > 0);
}

#[test]
fn answers_carry_the_documented_headers() {
    let sandbox = small(|_| {});
    let plain = Request::set_status(1, &["anna"]);
    let answer = send(&sandbox.url(), &plain);
    assert_eq!(answer.header("server"), Some("api-gateway"));
    assert_eq!(answer.header("content-type"), Some("application/json;charset=UTF-8"));
    assert!(answer.header("date").is_some());
    let made = answer.header("x-request-id").expect("an id is made");
    assert_eq!(made.len(), 32);
    assert!(made.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let answer = send(&sandbox.url(), &plain.header("X-Request-Id", "208b6e4c"));
    assert_eq!(answer.header("x-request-id"), Some("208b6e4c"));
}

#[test]
fn the_request_log_keeps_the_request_as_it_was_sent() {
    let sandbox = small(|_| {});
    let request = Request::new("PUT", "/v1/usg/dcs/corp/member/status/0?accountType=0")
        .header("X-Access-Token", "sandbox-token")
        .json(&json!(["anna"]));
    send(&sandbox.url(), &request);
    let logged = &sandbox.requests()[0];
    assert_eq!((logged.n, logged.method.as_str()), (1, "PUT"));
    assert_eq!(logged.path, "/v1/usg/dcs/corp/member/status/0");
    assert_eq!(logged.query, "accountType=0");
    assert_eq!(logged.body, r#"["anna"]"#);
    assert_eq!(logged.header("X-Access-Token"), Some("sandbox-token"));
    let names: Vec<&str> = logged.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "x-access-token", "content-type", "content-length"]);
}

#[test]
fn a_wrong_or_missing_token_is_refused_with_401_before_anything_else() {
    let sandbox = small(|_| {});
    for token in [None, Some("wrong")] {
        let request = Request::set_status(0, &["nobody"]).instead("X-Access-Token", token);
        let answer = send(&sandbox.url(), &request);
        assert_eq!((answer.status, answer.code().as_str()), (401, "USG.000000004"));
    }
    assert!(sandbox.requests().iter().all(|request| !request.accepted));
}

#[test]
fn a_user_without_permission_is_refused_with_403() {
    let sandbox = small(|_| {});
    let request = Request::set_status(0, &["anna"]).instead("X-Access-Token", Some("powerless"));
    let answer = send(&sandbox.url(), &request);
    assert_eq!((answer.status, answer.code().as_str()), (403, "USG.000000004"));
    assert_eq!(answer.json()["error_msg"], "Illegal request");
}

#[test]
fn parameters_that_are_not_legal_are_refused_with_400() {
    let sandbox = small(|_| {});
    let good = Request::set_status(0, &["anna"]);
    let at = |target: &str| Request { target: target.to_owned(), ..good.clone() };
    let cases = [
        ("value 2", at("/v1/usg/dcs/corp/member/status/2")),
        ("value x", at("/v1/usg/dcs/corp/member/status/x")),
        ("accountType 2", at("/v1/usg/dcs/corp/member/status/0?accountType=2")),
        ("form", good.clone().instead("Content-Type", Some("text/plain"))),
        ("no type", good.clone().instead("Content-Type", None)),
        ("not JSON", good.clone().text("[")),
        ("no array", good.clone().text("{}")),
        ("numbers", good.clone().text("[1]")),
        ("no accounts", good.clone().text("[]")),
        ("an empty account", good.clone().text(r#"["anna", ""]"#)),
    ];
    for (what, request) in cases {
        let answer = send(&sandbox.url(), &request);
        assert_eq!((answer.status, answer.code().as_str()), (400, "USG.000000003"), "{what}");
    }
    assert_eq!(sandbox.status_of("anna"), Some(1));
}

#[test]
fn a_content_type_with_a_charset_is_good() {
    let sandbox = small(|_| {});
    let request = Request::set_status(0, &["anna"])
        .instead("Content-Type", Some("application/json; charset=utf-8"));
    assert_eq!(send(&sandbox.url(), &request).status, 200);
}

#[test]
fn a_batch_may_hold_a_hundred_accounts_and_no_more() {
    let sandbox = Sandbox::start(Config::default()).expect("the sandbox starts");
    let users = sandbox.users();
    let accounts: Vec<&str> = users.iter().map(|user| user.account.as_str()).collect();
    let answer = send(&sandbox.url(), &Request::set_status(0, &accounts[..101]));
    assert_eq!((answer.status, answer.code().as_str()), (400, "USG.000000003"));
    let answer = send(&sandbox.url(), &Request::set_status(0, &accounts[..100]));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_hidden_limit_refuses_larger_batches() {
    let sandbox = small(|config| config.hidden_batch_limit = Some(1));
    let answer = send(&sandbox.url(), &Request::set_status(0, &["anna", "bert"]));
    assert_eq!((answer.status, answer.code().as_str()), (400, "SANDBOX.BATCH_TOO_LARGE"));
    assert_eq!(send(&sandbox.url(), &Request::set_status(0, &["anna"])).status, 200);
}

#[test]
fn an_unknown_account_refuses_the_batch_and_changes_nothing() {
    let sandbox = small(|_| {});
    let request = Request::set_status(0, &["anna", "nobody"]);
    let answer = send(&sandbox.url(), &request.clone().header("X-Request-Id", "208b"));
    let expected = json!({
        "error_code": "USG.201040000", "error_msg": "用户帐号不存在", "request_id": "208b",
    });
    assert_eq!((answer.status, answer.json()), (400, expected));
    let answer = send(&sandbox.url(), &request.header("Accept-Language", "en-US"));
    assert_eq!(answer.json()["error_msg"], "The user account does not exist");
    assert_eq!(sandbox.status_of("anna"), Some(1));
}

#[test]
fn a_switch_lets_a_refused_batch_change_its_known_accounts() {
    let sandbox = small(|config| config.partial_on_unknown = true);
    let answer = send(&sandbox.url(), &Request::set_status(0, &["anna", "nobody", "bert"]));
    assert_eq!(answer.status, 400);
    assert_eq!(sandbox.requests()[0].changed, ["anna", "bert"]);
}

#[test]
fn account_type_1_goes_by_third_party_ids() {
    let sandbox = small(|_| {});
    let by_third = |account: &str| {
        let request = Request::set_status(0, &[account]);
        let target = format!("{}?accountType=1", request.target);
        send(&sandbox.url(), &Request { target, ..request }).status
    };
    assert_eq!(by_third("anna"), 400);
    assert_eq!(by_third("tp-anna"), 200);
    assert_eq!(sandbox.status_of("anna"), Some(0));
}

#[test]
fn everything_can_be_refused_alike() {
    let sandbox = small(|config| config.refuse_all = Some((400, "USG.201040099".to_owned())));
    for account in ["anna", "nobody"] {
        let answer = send(&sandbox.url(), &Request::set_status(0, &[account]));
        assert_eq!((answer.status, answer.code().as_str()), (400, "USG.201040099"));
    }
}

#[test]
fn capacity_refuses_what_does_not_fit() {
    let sandbox = small(|config| config.capacity = Some(2));
    let answer = send(&sandbox.url(), &Request::set_status(0, &["anna", "bert"]));
    assert_eq!((answer.status, answer.code().as_str()), (400, "USG.201050006"));
    assert_eq!(send(&sandbox.url(), &Request::set_status(0, &["bert"])).status, 200);
    sandbox.reconfigure(|config| config.capacity = None);
    assert_eq!(send(&sandbox.url(), &Request::set_status(0, &["anna"])).status, 200);
}

#[test]
fn partial_capacity_enables_what_fits_and_refuses_the_batch() {
    let sandbox = small(|config| {
        config.capacity = Some(2);
        config.capacity_partial = true;
        config.capacity_code = "SANDBOX.FULL".to_owned();
    });
    let answer = send(&sandbox.url(), &Request::set_status(0, &["bert", "anna"]));
    assert_eq!((answer.status, answer.code().as_str()), (400, "SANDBOX.FULL"));
    assert_eq!(sandbox.requests()[0].changed, ["bert"]);
}

#[test]
fn a_body_beyond_all_measure_is_refused_with_413() {
    let sandbox = small(|_| {});
    let request = Request::set_status(0, &["anna"]).text(&" ".repeat(5 << 20));
    let answer = send(&sandbox.url(), &request);
    assert_eq!((answer.status, answer.code().as_str()), (413, "SANDBOX.BODY_TOO_LARGE"));
}

#[test]
fn contradictory_users_keep_a_sandbox_from_starting() {
    let config = Config {
        user_list: vec![UserSpec::new("anna", 0), UserSpec::new("anna", 1)],
        ..Config::default()
    };
    let error = Sandbox::start(config).expect_err("it does not start");
    assert!(error.to_string().contains("\"anna\""), "{error}");
}

#[test]
fn a_success_body_may_be_anything() {
    for (body, expected) in
        [(SuccessBody::EmptyErrorCode, None), (SuccessBody::Text("null".to_owned()), Some("null"))]
    {
        let sandbox = small(|config| config.success_body = body);
        let answer = send(&sandbox.url(), &Request::set_status(0, &["anna"]));
        assert_eq!(answer.status, 200);
        match expected {
            Some(text) => assert_eq!(answer.body, text.as_bytes()),
            None => assert_eq!(answer.json()["error_code"], ""),
        }
    }
}

#[test]
fn a_success_body_may_be_json_of_143_bytes() {
    let sandbox = small(|config| config.success_body = SuccessBody::Json143);
    let answer = send(&sandbox.url(), &Request::set_status(0, &["anna"]));
    assert_eq!((answer.status, answer.body.len()), (200, 143));
}

#[test]
fn unknown_paths_and_methods_are_told_apart() {
    let sandbox = small(|_| {});
    let answer = send(&sandbox.url(), &Request::new("GET", "/v1/nowhere"));
    assert_eq!((answer.status, answer.code().as_str()), (404, "SANDBOX.NO_SUCH_API"));
    let wrong = Request::new("POST", "/v1/usg/dcs/corp/member/status/0");
    let answer = send(&sandbox.url(), &wrong);
    assert_eq!((answer.status, answer.code().as_str()), (405, "SANDBOX.METHOD_NOT_ALLOWED"));
}

#[test]
fn expired_tokens_are_refused() {
    let sandbox = small(|_| {});
    sandbox.expire_tokens();
    assert_eq!(send(&sandbox.url(), &Request::set_status(0, &["anna"])).status, 401);
}

#[test]
fn latency_delays_what_reaches_the_service() {
    let sandbox = small(|config| config.latency_ms = 60);
    let began = std::time::Instant::now();
    assert_eq!(send(&sandbox.url(), &Request::set_status(0, &["anna"])).status, 200);
    assert!(began.elapsed().as_millis() >= 59);
}

#[test]
fn a_log_without_bodies_still_counts() {
    let sandbox = small(|config| config.log_bodies = false);
    send(&sandbox.url(), &Request::set_status(0, &["anna"]));
    let logged = &sandbox.requests()[0];
    assert!(logged.accounts.is_empty() && logged.body.is_empty() && logged.changed.is_empty());
    assert_eq!((logged.status, sandbox.request_count()), (200, 1));
    assert!(logged.effective_at_ms > 0);
}
