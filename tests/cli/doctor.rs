//! `hwm doctor`: what works, what does not, and nothing is changed.

use assert_cmd::Command;
use hwm_sandbox::{Cert, Config, Sandbox};

use crate::{HWM, Run, environment, folder, restrict, run, sandbox, write};

fn doctor(sandbox: &Sandbox, arguments: &[&str], token: &str) -> Run {
    run(Command::new(HWM)
        .env_clear()
        .envs(environment(sandbox))
        .env("HWM_ACCESS_TOKEN", token)
        .arg("doctor")
        .args(arguments))
}

fn tls_sandbox(config: Config) -> (Sandbox, String) {
    let sandbox = Sandbox::start(Config { tls: true, ..config }).unwrap();
    let ca = sandbox.ca_path().unwrap().into_os_string().into_string().unwrap();
    (sandbox, ca)
}

#[test]
fn a_healthy_way_is_ok_at_every_step_and_nothing_is_changed() {
    let (sandbox, ca) = tls_sandbox(Config::default());
    let before = sandbox.users();
    let run = doctor(&sandbox, &["--ca-file", &ca], "sandbox-token");
    assert_eq!(run.code, 0, "{run:?}");
    for line in [
        "ok    options  access_token",
        "ok    name     localhost is ",
        "ok    answer   over TLS in ",
        "ok    clock    as the service's",
        "ok    users    the token may see 300",
    ] {
        assert!(run.stdout.contains(line), "{line}: {run:?}");
    }
    assert_eq!(sandbox.users(), before);
    assert!(sandbox.requests().iter().all(|request| request.method == "GET"));
}

#[test]
fn credentials_are_tried_and_their_failure_is_told() {
    let (sandbox, ca) = tls_sandbox(Config::default());
    let run = run(Command::new(HWM)
        .env_clear()
        .envs(environment(&sandbox))
        .env_remove("HWM_ACCESS_TOKEN")
        .envs([("HWM_LOGIN", "admin"), ("HWM_PASSWORD", "hunter2")])
        .args(["doctor", "--ca-file", &ca]));
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("FAIL  token"), "{run:?}");
    assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"), "{run:?}");
}

#[test]
fn what_does_not_work_is_named_with_its_exit_code() {
    let healthy = sandbox();
    let stale = doctor(&healthy, &[], "stale");
    assert_eq!(stale.code, 3, "{stale:?}");
    assert!(stale.stdout.contains("FAIL  users") && !stale.stdout.contains("stale"), "{stale:?}");

    let config = Config { forbidden_tokens: vec!["powerless".into()], ..Config::default() };
    let powerless = doctor(&Sandbox::start(config).unwrap(), &[], "powerless");
    assert_eq!(powerless.code, 4, "{powerless:?}");

    let (expired, ca) = tls_sandbox(Config { cert: Cert::Expired, ..Config::default() });
    let run = doctor(&expired, &["--ca-file", &ca], "sandbox-token");
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stdout.contains("ok    name"), "{run:?}");
    assert!(run.stderr.starts_with("hwm: answer: ") && run.stderr.contains("expired"), "{run:?}");

    let nowhere = doctor(&healthy, &["--endpoint", "https://nowhere.invalid"], "sandbox-token");
    assert_eq!(nowhere.code, 5, "{nowhere:?}");
    assert!(nowhere.stdout.contains("FAIL  name     nowhere.invalid"), "{nowhere:?}");
}

#[test]
fn a_certificate_of_an_unknown_authority_is_answered_with_how_to_name_it() {
    let (sandbox, _) = tls_sandbox(Config::default());
    let run = doctor(&sandbox, &[], "sandbox-token");
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("name its root in --ca-file"), "{run:?}");
}

#[test]
fn a_clock_that_is_wrong_is_named() {
    let sandbox = Sandbox::start(Config { clock_skew_seconds: 600, ..Config::default() }).unwrap();
    let run = doctor(&sandbox, &[], "sandbox-token");
    assert_eq!(run.code, 7, "{run:?}");
    assert!(run.stdout.contains("FAIL  clock    the service's is 10 min ahead of"), "{run:?}");
}

#[test]
fn a_proxy_is_left_to_look_names_up() {
    let sandbox = sandbox();
    let run = run(Command::new(HWM)
        .env_clear()
        .envs(environment(&sandbox))
        .env("HWM_PROXY", "http://127.0.0.1:9")
        .arg("doctor"));
    assert!(run.stdout.contains("–     name     the proxy looks it up"), "{run:?}");
}

#[test]
fn a_name_is_looked_up_here_where_no_proxy_is_gone_through() {
    let (sandbox, folder) = (sandbox(), folder());
    let none = write(folder.path(), "none.toml", "proxy = 'none'\n");
    restrict(&none, 0o600);
    let (here, elsewhere) = (sandbox.url(), sandbox.url().replace("127.0.0.1", "0.0.0.0"));
    let [http, https] = ["HTTP_PROXY", "HTTPS_PROXY"].map(|name| (name, "http://127.0.0.1:9"));
    let none = ["--config", &none];
    for (url, arguments, variables, direct) in [
        (&here, [].as_slice(), [http].as_slice(), true),
        (&here, &none, &[], true),
        (&elsewhere, &[], &[http], false),
        (&elsewhere, &[], &[https], true),
        (&elsewhere, &[], &[http, ("NO_PROXY", "0.0.0.0")], true),
        (&elsewhere, &none, &[http], true),
    ] {
        let run = run(Command::new(HWM)
            .env_clear()
            .envs(environment(&sandbox))
            .env_remove("HWM_PROXY")
            .envs(variables.iter().copied())
            .args(["doctor", "--allow-http", "--endpoint", url])
            .args(arguments));
        let looked_up = run.stdout.contains("ok    name");
        let left = run.stdout.contains("–     name     the proxy looks it up");
        assert_eq!((looked_up, left), (direct, !direct), "{url} {variables:?} {run:?}");
        assert_eq!(run.code, if direct { 0 } else { 5 }, "{run:?}");
    }
}

#[test]
fn the_service_is_asked_in_the_language_of_the_option_or_the_locale() {
    let sandbox = sandbox();
    for (arguments, locale, expected) in [
        (["doctor"].as_slice(), "zh_CN.UTF-8", "zh-CN"),
        (&["doctor"], "de_DE.UTF-8", "en-US"),
        (&["doctor", "--language", "en-US"], "zh_CN.UTF-8", "en-US"),
        (&["doctor", "--language", "zh-CN"], "C", "zh-CN"),
    ] {
        sandbox.clear_requests();
        let run = run(Command::new(HWM)
            .env_clear()
            .envs(environment(&sandbox))
            .env("LANG", locale)
            .args(arguments));
        assert_eq!(run.code, 0, "{run:?}");
        let requests = sandbox.requests();
        assert!(!requests.is_empty());
        for request in requests {
            assert_eq!(request.header("accept-language"), Some(expected), "{arguments:?} {locale}");
        }
    }
}
