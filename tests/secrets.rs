//! No secret is ever shown: not in a log, an error, a report, a journal or a `Debug`.

mod scene;

use std::fmt::Write;
use std::sync::Mutex;

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

#[test]
fn nothing_that_can_be_read_holds_a_secret() {
    log::set_logger(&Collector).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
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
