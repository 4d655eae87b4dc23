//! `hwm doctor`: what works, what does not, and nothing is changed.

use assert_cmd::Command;
use hwm_sandbox::{Cert, Config, Sandbox};

use crate::{HWM, Run, environment, run, sandbox};

fn doctor(sandbox: &Sandbox, arguments: &[&str], token: &str) -> Run {
    run(Command::new(HWM)
        .env_clear()
        .envs(environment(sandbox))
        .env("HWM_ACCESS_TOKEN", token)
        .arg("doctor")
        .args(arguments))
}

fn tls_sandbox(cert: Cert) -> (Sandbox, String) {
    let sandbox = Sandbox::start(Config { tls: true, cert, ..Config::default() }).unwrap();
    let ca = sandbox.ca_path().unwrap().into_os_string().into_string().unwrap();
    (sandbox, ca)
}

#[test]
fn a_healthy_way_is_ok_at_every_step_and_nothing_is_changed() {
    let (sandbox, ca) = tls_sandbox(Cert::Good);
    let before = sandbox.users();
    let run = doctor(&sandbox, &["--ca-file", &ca], "sandbox-token");
    assert_eq!(run.code, 0, "{run:?}");
    for step in ["ok    options", "ok    name", "ok    connection", "ok    service"] {
        assert!(run.stdout.contains(step), "{step}: {run:?}");
    }
    assert_eq!(sandbox.users(), before);
}

#[test]
fn what_does_not_work_is_named_with_its_exit_code() {
    let healthy = sandbox();
    let stale = doctor(&healthy, &[], "stale");
    assert_eq!(stale.code, 3, "{stale:?}");
    assert!(stale.stdout.contains("FAIL  service") && !stale.stdout.contains("stale"), "{stale:?}");

    let config = Config { forbidden_tokens: vec!["powerless".into()], ..Config::default() };
    let powerless = doctor(&Sandbox::start(config).unwrap(), &[], "powerless");
    assert_eq!(powerless.code, 4, "{powerless:?}");

    let (expired, ca) = tls_sandbox(Cert::Expired);
    let run = doctor(&expired, &["--ca-file", &ca], "sandbox-token");
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stdout.contains("ok    connection"), "{run:?}");
    assert!(run.stderr.starts_with("hwm: service: ") && run.stderr.contains("expired"), "{run:?}");

    let nowhere = doctor(&healthy, &["--endpoint", "https://nowhere.invalid"], "sandbox-token");
    assert_eq!(nowhere.code, 5, "{nowhere:?}");
    assert!(nowhere.stdout.contains("FAIL  name        nowhere.invalid"), "{nowhere:?}");
}

#[test]
fn a_proxy_is_left_to_look_names_up() {
    let sandbox = sandbox();
    let run = run(Command::new(HWM)
        .env_clear()
        .envs(environment(&sandbox))
        .env("HWM_PROXY", "http://127.0.0.1:9")
        .env("HWM_ATTEMPTS", "1")
        .arg("doctor"));
    assert!(run.stdout.contains("–     name        the proxy looks names up"), "{run:?}");
    assert!(!run.stdout.contains("connection  "), "{run:?}");
}
