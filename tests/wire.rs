//! What goes over the wire, and what each answer makes of the accounts.

mod scene;

use hwm::{Call, ErrorKind, Outcome, UserStatus};
use hwm_sandbox::{Config, Fault, SuccessBody, UserSpec, What, When};

#[test]
fn the_documented_example_is_sent_to_the_letter() {
    let config = Config { user_list: vec![UserSpec::new("test010", 1)], ..Config::default() };
    let sandbox = scene::start(config);
    let client = scene::client(&sandbox, &[]);
    let report = client.set_status(UserStatus::Normal, ["test010"], Call::new()).unwrap();
    assert!(report.all_applied());
    let sent = &sandbox.requests()[0];
    assert_eq!(
        (sent.method.as_str(), sent.path.as_str()),
        ("PUT", "/v1/usg/dcs/corp/member/status/0")
    );
    assert_eq!(sent.query, "accountType=0");
    assert_eq!(sent.body, r#"["test010"]"#);
    let request_id = sent.header("x-request-id").unwrap();
    assert_eq!(request_id.len(), 32);
    assert!(request_id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(report.get(0).unwrap().request_id, request_id);
    let mut names: Vec<_> = sent.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected =
        ["accept", "content-length", "content-type", "host", "x-access-token", "x-request-id"];
    assert_eq!(names, expected);
    assert_eq!(sent.header("x-access-token"), Some("sandbox-token"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("content-length"), Some("11"));
    assert_eq!(sandbox.status_of("test010"), Some(0));
}

#[test]
fn language_and_account_type_are_sent_when_they_are_set() {
    let user = UserSpec { third_account: Some("tp".into()), ..UserSpec::new("a", 0) };
    let sandbox = scene::start(Config { user_list: vec![user], ..Config::default() });
    let client = scene::client(&sandbox, &[]);
    let overrides = scene::call(&[("language", "en-US"), ("account_type", "third_party")]);
    let call = Call::new().overrides(&overrides);
    assert!(client.set_status(UserStatus::Disabled, ["tp"], call).unwrap().all_applied());
    let sent = &sandbox.requests()[0];
    assert_eq!(sent.path, "/v1/usg/dcs/corp/member/status/1");
    assert_eq!(sent.query, "accountType=1");
    assert_eq!(sent.header("accept-language"), Some("en-US"));
}

#[test]
fn long_lists_are_cut_into_batches() {
    let sandbox = scene::start(scene::disabled_users(250));
    let client = scene::client(&sandbox, &[("concurrency", "1")]);
    let report = client.set_status(UserStatus::Normal, scene::accounts(250), Call::new()).unwrap();
    assert_eq!(report.count(Outcome::Applied), 250);
    let sizes: Vec<_> = sandbox.requests().iter().map(|sent| sent.accounts.len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert!(sandbox.users().iter().all(|user| user.status == 0));
}

/// What `a` and `b` come to when the only attempt meets `what`.
fn outcomes_after(what: What) -> Vec<Outcome> {
    let mut config = scene::disabled_users(2);
    config.faults = vec![Fault::new(When::All, what)];
    let sandbox = scene::start(config);
    let client = scene::client(
        &sandbox,
        &[("attempts", "1"), ("isolate", "false"), ("request_timeout_ms", "500")],
    );
    let report = match client.set_status(UserStatus::Normal, scene::accounts(2), Call::new()) {
        Ok(report) => return report.iter().map(|entry| entry.outcome).collect(),
        Err(error) => error.report().cloned().expect("a report"),
    };
    report.iter().map(|entry| entry.outcome).collect()
}

#[test]
fn an_answer_decides_only_what_it_shows() {
    let unknown = [Outcome::Unknown; 2];
    for what in [
        What::ProxyHtml200,
        What::Ok200ErrorCode,
        What::TruncatedBody,
        What::ResetBefore,
        What::ResetAfter,
        What::FinBefore,
        What::FinAfter,
        What::Error500,
        What::BadGatewayHtml,
        What::OversizeBody,
        What::Silence { after: true },
        What::Silence { after: false },
    ] {
        assert_eq!(outcomes_after(what.clone()), unknown, "{what:?}");
    }
    for status in [301, 403, 404, 407, 413, 414, 431] {
        let what =
            What::Status { status, body: String::new(), headers: vec![], content_type: None };
        assert_eq!(outcomes_after(what), [Outcome::NotAttempted; 2], "{status}");
    }
}

#[test]
fn a_200_may_carry_a_body() {
    for success_body in [SuccessBody::Empty, SuccessBody::Json143] {
        let sandbox =
            scene::start(Config { success_body: success_body.clone(), ..scene::disabled_users(2) });
        let client = scene::client(&sandbox, &[]);
        let report =
            client.set_status(UserStatus::Normal, scene::accounts(2), Call::new()).unwrap();
        assert!(report.all_applied(), "{success_body:?}");
    }
}

#[test]
fn a_server_that_cannot_be_reached_leaves_everything_unattempted() {
    let gone = scene::start(Config::default()).url();
    let mut options = hwm::Options::new();
    scene::set(
        &mut options,
        &[("endpoint", &gone), ("access_token", "t"), ("proxy", "none"), ("retry_base_ms", "1")],
    );
    let client = hwm::Client::new(&options).unwrap();
    let error = client.set_status(UserStatus::Normal, ["a"], Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert_eq!(error.report().unwrap().count(Outcome::NotAttempted), 1);
}

#[test]
fn tls_works_with_a_private_root_and_only_with_it() {
    let sandbox = scene::start(Config { tls: true, ..scene::disabled_users(3) });
    let client = scene::client(&sandbox, &[]);
    let report = client.set_status(UserStatus::Normal, scene::accounts(3), Call::new()).unwrap();
    assert!(report.all_applied());
    let received = sandbox.bytes_received();
    let mut options = scene::options(&sandbox);
    options.set("ca_file", None).unwrap();
    let stranger = hwm::Client::new(&options).unwrap();
    let error = stranger.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.message().contains("certificate"), "{error}");
    assert_eq!(sandbox.bytes_received(), received, "not one byte may be sent");
}
