//! The control API, by which another process looks at a sandbox and steers it.

use hwm_sandbox::{Config, Sandbox};
use serde_json::{Value, json};

use crate::wire::{Request, connect, exchange, send};

fn started() -> Sandbox {
    Sandbox::start(Config::default()).expect("the sandbox starts")
}

fn control(sandbox: &Sandbox, method: &str, target: &str, body: Option<Value>) -> (u16, Value) {
    let request = Request::new(method, target);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = send(&sandbox.control_url(), &request);
    (answer.status, answer.json())
}

fn set(sandbox: &Sandbox) -> u16 {
    send(&sandbox.url(), &Request::set_status(1, &["user0001"])).status
}

#[test]
fn users_and_requests_can_be_read() {
    let sandbox = started();
    let (status, users) = control(&sandbox, "GET", "/users", None);
    assert_eq!((status, users.as_array().map(Vec::len)), (200, Some(300)));
    assert_eq!(set(&sandbox), 200);
    let (_, user) = control(&sandbox, "GET", "/users/user0001", None);
    assert_eq!((&user["status"], &user["changes"]), (&json!(1), &json!(1)));
    let (_, requests) = control(&sandbox, "GET", "/requests", None);
    assert_eq!(requests[0]["accounts"], json!(["user0001"]));
    assert_eq!(control(&sandbox, "DELETE", "/requests", None).0, 200);
    assert_eq!(control(&sandbox, "GET", "/requests", None).1, json!([]));
}

#[test]
fn an_account_outside_ascii_is_found_by_its_encoded_name() {
    let sandbox = started();
    let users = sandbox.users();
    let user = users.iter().find(|user| !user.account.is_ascii()).expect("one");
    let encoded: String = user.account.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let (status, found) = control(&sandbox, "GET", &format!("/users/{encoded}"), None);
    assert_eq!((status, &found["account"]), (200, &json!(user.account)));
    assert_eq!(control(&sandbox, "GET", "/users/nobody", None).0, 404);
}

#[test]
fn faults_can_be_set_and_wrong_ones_are_refused() {
    let sandbox = started();
    let faults = json!([{"when": "All", "what": "Error500", "times": 1}]);
    assert_eq!(control(&sandbox, "PUT", "/faults", Some(faults)).0, 200);
    assert_eq!((set(&sandbox), set(&sandbox)), (500, 200));
    let (status, answer) = control(&sandbox, "PUT", "/faults", Some(json!([{"when": "Never"}])));
    assert_eq!(status, 400);
    assert!(answer["error"].to_string().contains("Never"));
}

#[test]
fn the_configuration_can_be_read_and_changed() {
    let sandbox = started();
    let change = json!({"refuse_all": [400, "USG.1"]});
    assert_eq!(control(&sandbox, "PATCH", "/config", Some(change)).0, 200);
    assert_eq!(set(&sandbox), 400);
    let (_, config) = control(&sandbox, "GET", "/config", None);
    assert_eq!(config["refuse_all"], json!([400, "USG.1"]));
    let change = json!({"no_such_field": 1});
    assert_eq!(control(&sandbox, "PATCH", "/config", Some(change)).0, 400);
}

#[test]
fn tokens_can_be_made_to_expire() {
    let sandbox = started();
    assert_eq!(set(&sandbox), 200);
    assert_eq!(control(&sandbox, "POST", "/tokens/expire", None).0, 200);
    assert_eq!(set(&sandbox), 401);
}

#[test]
fn the_clock_can_be_advanced() {
    let sandbox = started();
    let before = sandbox.now_ms();
    assert_eq!(control(&sandbox, "POST", "/clock/advance?ms=60000", None).0, 200);
    assert!(sandbox.now_ms() >= before + 60_000);
}

#[test]
fn stats_count_what_the_api_saw_and_nothing_of_control() {
    let sandbox = started();
    set(&sandbox);
    let (_, stats) = control(&sandbox, "GET", "/stats", None);
    assert_eq!(
        (&stats["requests"], &stats["connections"], &stats["changed"]),
        (&json!(1), &json!(1), &json!(1))
    );
}

#[test]
fn waiting_ends_when_the_requests_have_come() {
    let sandbox = started();
    let mut waiting = connect(&sandbox.control_url());
    let waiter = std::thread::spawn(move || {
        exchange(&mut waiting, &Request::new("GET", "/wait?requests=2")).expect("an answer")
    });
    assert_eq!((set(&sandbox), set(&sandbox)), (200, 200));
    let answer = waiter.join().expect("no panic");
    assert_eq!(answer.json()["requests"], json!(2));
}
