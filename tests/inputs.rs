//! Bad input is refused with what, where and what is allowed, before anything is sent.

mod scene;

use hwm::{Call, Client, ErrorKind, Options, UserStatus};
use hwm_sandbox::Config;

/// The error of a call with these accounts; nothing may reach the service.
fn refused(accounts: &[&[u8]]) -> String {
    let sandbox = scene::start(Config::default());
    let client = scene::client(&sandbox, &[]);
    let error = client.set_status(UserStatus::Normal, accounts, Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.report().is_none());
    assert_eq!(sandbox.request_count(), 0);
    error.message().to_owned()
}

#[test]
fn no_accounts() {
    assert!(refused(&[]).contains("no accounts"));
}

#[test]
fn an_empty_account() {
    assert!(refused(&[b"a", b""]).starts_with("account 1 is empty"));
}

#[test]
fn a_control_character() {
    assert!(refused(&[b"a\nb"]).starts_with("account 0 holds a control character (U+000A"));
}

#[test]
fn more_than_255_bytes() {
    let long = "é".repeat(128);
    assert!(refused(&[long.as_bytes()]).starts_with("account 0 has 256 bytes"));
}

#[test]
fn not_utf_8() {
    assert!(refused(&[b"a", b"b", b"\xc3("]).starts_with("account 2 is not UTF-8"));
}

#[test]
fn a_status_other_than_0_and_1() {
    for bad in ["2", "-1", "enabled", ""] {
        let error = bad.parse::<UserStatus>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains("must be 0 (normal) or 1 (disabled)"), "{error}");
    }
    assert!(UserStatus::try_from(2).is_err());
}

#[test]
fn an_unknown_option() {
    let error = Options::new().set("batchsize", "3").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.message().contains("\"batchsize\"") && error.message().contains("batch_size"));
}

#[test]
fn a_bad_option_value() {
    for (key, value, allowed) in [
        ("batch_size", "0", "from 1 to 1000"),
        ("batch_size", "1001", "from 1 to 1000"),
        ("batch_size", "ten", "from 1 to 1000"),
        ("batch_size", "+5", "from 1 to 1000"),
        ("isolate", "maybe", "true or false"),
        ("language", "de-DE", "zh-CN, en-US"),
        ("account_type", "2", "third_party"),
        ("endpoint", "mars", "region"),
        ("user_id", "", "text"),
    ] {
        let error = Options::new().set(key, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        for part in [key, allowed] {
            assert!(error.message().contains(part), "{key}={value}: {error}");
        }
    }
}

#[test]
fn a_bad_secret_is_not_shown() {
    for key in ["access_token", "app_key", "password", "proxy"] {
        let error = Options::new().set(key, "hunter2\r\nX-Evil: 1").unwrap_err();
        assert!(error.message().contains(key));
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}

#[test]
fn header_values_with_line_breaks() {
    for key in ["access_token", "user_id", "login", "app_id", "corp_id"] {
        for value in ["a\rb", "a\nb", "a\0b"] {
            assert!(Options::new().set(key, value).is_err(), "{key}");
        }
    }
}

/// The message of a client that cannot be made.
fn no_client(values: &[(&str, &str)]) -> String {
    let mut options = Options::new();
    scene::set(&mut options, values);
    let error = Client::new(&options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption, "{error}");
    error.message().to_owned()
}

#[test]
fn no_credential_and_too_many() {
    assert!(no_client(&[]).contains("no credential"));
    let two = [("access_token", "t"), ("login", "l"), ("password", "p")];
    assert!(no_client(&two).contains("access_token and login"));
    assert!(no_client(&[("app_id", "a")]).contains("needs option app_key"));
    assert!(no_client(&[("app_key", "k")]).contains("needs option app_id"));
    assert!(no_client(&[("login", "l")]).contains("needs option password"));
    assert!(no_client(&[("access_token", "t"), ("corp_id", "c")]).contains("needs option app_id"));
}

#[test]
fn plain_http_to_a_stranger() {
    let far = [("endpoint", "http://meeting.example"), ("access_token", "t")];
    assert!(no_client(&far).contains("allow_http"));
    let mut allowed = far.to_vec();
    allowed.push(("allow_http", "true"));
    let mut options = Options::new();
    scene::set(&mut options, &allowed);
    assert!(Client::new(&options).is_ok());
}

#[test]
fn a_client_option_among_a_calls_overrides() {
    let sandbox = scene::start(Config::default());
    let client = scene::client(&sandbox, &[]);
    let overrides = scene::call(&[("endpoint", "cn-north-4")]);
    let call = Call::new().overrides(&overrides);
    let error = client.set_status(UserStatus::Normal, ["a"], call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.message().contains("endpoint belongs to the client"));
}

#[test]
fn a_ca_file_that_is_none() {
    let sandbox = scene::start(Config { tls: true, ..Config::default() });
    for path in ["/nonexistent/ca.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let mut options = scene::options(&sandbox);
        options.set("ca_file", path).unwrap();
        let error = Client::new(&options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption);
        assert!(error.message().contains(path), "{error}");
    }
}
