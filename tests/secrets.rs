//! No secret is ever shown: not in a log, an error, a report, a journal or a `Debug`.

mod raw;
mod scene;

use std::fmt::Write;
use std::io::Write as _;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hwm::{Call, Client, Options, UserStatus};
use hwm_sandbox::{Config, Fault, Login, What, When};

/// Everything that was logged.
static LOG: Mutex<String> = Mutex::new(String::new());

struct Collector;

impl log::Log for Collector {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut log = LOG.lock().unwrap();
        let _ = writeln!(log, "{} {} {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

const TOKEN: &str = "unmistakable-token-5d41402abc4b2a76";
const KEY: &str = "unmistakable-key-7d793037a0760186";
const PASSWORD: &str = "unmistakable-password-1f8ac10f23c5b5bc";

fn collect_the_log() {
    let _ = log::set_logger(&Collector);
    log::set_max_level(log::LevelFilter::Trace);
}

/// Answers `status` with everything that the request told, wherever an answer has words.
fn echoing(status: u16) -> raw::RawServer {
    raw::serve(move |heard, stream| {
        let told = ["x-access-token", "authorization"].map(|name| heard.header(name));
        let mut echo = told.concat();
        if let Some(credentials) = echo.strip_prefix("Basic ") {
            let pair = BASE64_STANDARD.decode(credentials).unwrap();
            write!(echo, " {}", String::from_utf8(pair).unwrap()).unwrap();
        } else if echo.starts_with("HMAC") {
            write!(echo, " {KEY}").unwrap();
        }
        let (escaped, coded) = (echo.replace('-', "%2d"), BASE64_STANDARD.encode(&echo));
        let body = format!(
            r#"{{"error_code":"{echo}","error_msg":"{echo} {escaped} {coded}","request_id":"{echo}"}}"#
        );
        let headers = format!("X-Request-Id: {echo}\r\nX-APIG-Ratelimit-Api: {echo}\r\n");
        let _ = stream.write_all(&raw::answer(status, &headers, body.as_bytes()));
        raw::Then::Keep
    })
}

#[test]
fn what_a_service_echoes_of_a_secret_is_shown_nowhere() {
    collect_the_log();
    let mut seen = String::new();
    for status in [200, 400, 401, 403, 500] {
        let server = echoing(status);
        let credentials: [&[(&str, &str)]; 3] = [
            &[("access_token", TOKEN)],
            &[("app_id", "app"), ("app_key", KEY)],
            &[("login", "admin"), ("password", PASSWORD)],
        ];
        for credential in credentials {
            let mut options = server.options(&[("attempts", "2")]);
            options.set("access_token", None).unwrap();
            scene::set(&mut options, credential);
            let client = Client::new(&options).unwrap();
            match client.set_status(UserStatus::Normal, ["a", "b"], Call::new()) {
                Ok(report) => write!(seen, "{}{report:?}", report.to_json().unwrap()).unwrap(),
                Err(error) => write!(seen, "{error} {error:?}").unwrap(),
            }
            write!(seen, "{:?}", client.diagnose()).unwrap();
        }
        let heard = server.heard();
        let headers = heard.iter().map(|heard| heard.header("authorization"));
        for header in headers.filter(|header| !header.is_empty()) {
            let signature =
                header.split("signature=").nth(1).and_then(|rest| rest.split(',').next());
            let secret = signature.unwrap_or(header.trim_start_matches("Basic "));
            assert!(!seen.contains(secret), "{secret} of {header}");
            assert!(!LOG.lock().unwrap().contains(secret), "{secret} of {header}");
        }
    }
    assert!(seen.contains('…'), "{seen}");
    let log = LOG.lock().unwrap();
    for secret in [TOKEN, KEY, PASSWORD] {
        for form in [secret.to_owned(), secret.replace('-', "%2d"), secret.replace('-', "%2D")] {
            assert!(!seen.contains(&form) && !log.contains(&form), "{form} in {seen}");
        }
        let coded = BASE64_STANDARD.encode(secret);
        assert!(!seen.contains(&coded[..24]) && !log.contains(&coded[..24]), "{coded}");
    }
}

#[test]
fn nothing_that_can_be_read_holds_a_secret() {
    collect_the_log();
    let folder = tempfile::tempdir().unwrap();
    let mut seen = String::new();
    let credentials: [&[(&str, &str)]; 3] = [
        &[("access_token", TOKEN)],
        &[("app_id", "app"), ("app_key", KEY)],
        &[("login", "admin"), ("password", PASSWORD)],
    ];
    for (number, credential) in credentials.into_iter().enumerate() {
        for what in [None, Some(What::Error500), Some(What::ProxyHtml200), Some(What::ResetAfter)] {
            let faults = what.map(|what| Fault::new(When::Every(2), what)).into_iter().collect();
            let sandbox = scene::start(Config {
                app_id: "app".into(),
                app_key: KEY.into(),
                logins: vec![Login::new("admin", PASSWORD)],
                tokens: vec![TOKEN.into()],
                faults,
                ..scene::disabled_users(150)
            });
            let mut options = scene::options(&sandbox);
            options.set("access_token", None).unwrap();
            scene::set(&mut options, credential);
            let journal = folder.path().join(format!("{number}-{}.jsonl", sandbox.connections()));
            let _ = std::fs::remove_file(&journal);
            options.set("journal", journal.to_str()).unwrap();
            options.set("logout", "true").unwrap();
            let client = Client::new(&options).unwrap();
            let mut list = scene::accounts(150);
            list.push("ghost".into());
            match client.set_status(UserStatus::Normal, &list, Call::new()) {
                Ok(report) => {
                    write!(seen, "{} {report:?} {}", report.to_json().unwrap(), report.summary())
                        .unwrap()
                }
                Err(error) => write!(seen, "{error} {error:?}").unwrap(),
            }
            write!(seen, "{options:?} {client:?} {:?}", client.close()).unwrap();
            seen += &std::fs::read_to_string(&journal).unwrap();
        }
    }
    for (key, value) in [("access_token", TOKEN), ("app_key", KEY), ("password", PASSWORD)] {
        let mut options = Options::new();
        options.set(key, value).unwrap();
        let refused = options.clone().set(key, format!("{value}\n").as_str()).unwrap_err();
        write!(seen, "{options:?} {refused:?}").unwrap();
        write!(seen, "{:?}", Client::new(&options)).unwrap();
        assert_eq!(options.get(key), None);
    }
    let log = LOG.lock().unwrap();
    assert!(log.contains("DEBUG hwm batch 1 (accounts 1–100) try 1: applied"), "{log}");
    assert!(log.contains("TRACE hwm   u0000: applied"), "account names only at the most talkative");
    assert!(!log.lines().any(|line| line.starts_with("DEBUG hwm ") && line.contains("u0000")));
    for secret in [TOKEN, KEY, PASSWORD] {
        assert!(!log.contains(secret), "{secret} in the log");
        assert!(!seen.contains(secret), "{secret} in a report, an error or a journal");
    }
    for issued in ["accessToken", "refreshToken", "signature=", "Basic "] {
        assert!(!log.contains(issued) && !seen.contains(issued), "{issued}");
    }
}
