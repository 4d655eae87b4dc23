//! A diagnosis tells what works and what does not, and changes nothing.

mod scene;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hwm::{Call, Client, ErrorKind, TokenRequest, UserStatus};
use hwm_sandbox::{Config, Quota};

#[test]
fn a_healthy_way_is_told_with_users_skew_and_quota() {
    let config = Config {
        tls: true,
        clock_skew_seconds: 90,
        quota: Some(Quota { on: hwm_sandbox::Target::Any, ..Quota::default() }),
        ..scene::disabled_users(5)
    };
    let sandbox = scene::start(config);
    let diagnosis = scene::client(&sandbox, &[]).diagnose().unwrap();
    assert!(diagnosis.token.is_ok());
    let endpoint = &diagnosis.endpoints[0];
    assert!(endpoint.reached.is_ok());
    assert!((89..=91).contains(&endpoint.clock_skew_seconds.unwrap()));
    assert_eq!(endpoint.users.as_ref().unwrap().as_ref().unwrap(), &5);
    assert!(endpoint.quotas[0].contains("limit:100"), "{:?}", endpoint.quotas);
    assert!(sandbox.users().iter().all(|user| user.changes == 0));
}

#[test]
fn what_does_not_work_is_named() {
    let gone = hwm_sandbox::Sandbox::start(Config::default()).unwrap().url();
    let sandbox = scene::start(scene::disabled_users(1));
    let mut options = scene::options(&sandbox);
    options.set("endpoint", format!("{gone},{}", sandbox.url()).as_str()).unwrap();
    options.set("access_token", "stale").unwrap();
    let diagnosis = Client::new(&options).unwrap().diagnose().unwrap();
    assert!(diagnosis.endpoints[0].reached.as_ref().unwrap_err().contains("refused"));
    let refusal = diagnosis.endpoints[1].users.as_ref().unwrap().as_ref().unwrap_err();
    assert_eq!(refusal.kind(), ErrorKind::Authentication);

    options.set("access_token", None).unwrap();
    scene::set(
        &mut options,
        &[("login", "admin"), ("password", "wrong"), ("endpoint", &sandbox.url())],
    );
    let diagnosis = Client::new(&options).unwrap().diagnose().unwrap();
    assert!(diagnosis.token.unwrap_err().message().contains("check login and password"));
    assert!(diagnosis.endpoints[0].reached.is_ok() && diagnosis.endpoints[0].users.is_none());
}

#[test]
fn a_panic_of_the_host_in_a_diagnosis_leaves_the_client_usable() {
    let sandbox = scene::start(scene::disabled_users(1));
    let mut options = scene::options(&sandbox);
    options.set("access_token", None).unwrap();
    let asked = AtomicBool::new(false);
    options.on_token(Arc::new(move |request: &mut TokenRequest| {
        assert!(asked.swap(true, Ordering::Relaxed), "the first question is one too many");
        request.set("sandbox-token", 0);
    }));
    let client = Client::new(&options).unwrap();
    let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| client.diagnose()));
    assert!(panicked.is_err());
    let overrides = scene::call(&[("deadline_ms", "10000")]);
    let call = Call::new().overrides(&overrides);
    assert!(client.set_status(UserStatus::Normal, ["u0000"], call).unwrap().all_applied());
}

#[test]
fn a_host_that_withdraws_its_answer_ends_a_diagnosis_at_once() {
    let sandbox = scene::start(scene::disabled_users(1));
    let mut options = scene::options(&sandbox);
    options.set("access_token", None).unwrap();
    options.on_token(Arc::new(TokenRequest::withdraw));
    let began = Instant::now();
    let diagnosis = Client::new(&options).unwrap().diagnose().unwrap();
    assert!(diagnosis.token.unwrap_err().message().contains("withdrew"));
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn a_diagnosis_speaks_the_language_of_the_client() {
    for language in ["zh-CN", "en-US"] {
        let sandbox = scene::start(scene::disabled_users(1));
        let mut options = scene::options(&sandbox);
        options.set("access_token", None).unwrap();
        scene::set(&mut options, &[("login", "admin"), ("password", "Sandbox-1")]);
        scene::set(&mut options, &[("language", language)]);
        Client::new(&options).unwrap().diagnose().unwrap();
        let requests = sandbox.requests();
        assert_eq!(requests.len(), 2, "one for the token, one for the users");
        assert!(requests.iter().all(|sent| sent.header("Accept-Language") == Some(language)));
    }
}
