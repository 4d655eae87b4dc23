//! Whom a client trusts, and which way it goes: certificates, proxies, the environment.

mod scene;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hwm::{Call, Client, ErrorKind, UserStatus};
use hwm_sandbox::{Cert, Config, Sandbox};

#[test]
fn a_certificate_that_is_not_right_is_refused_and_nothing_is_sent() {
    for (cert, reason) in [
        (Cert::WrongName, "not valid for name"),
        (Cert::Expired, "expired"),
        (Cert::SelfSigned, "UnknownIssuer"),
        (Cert::OtherCa, "UnknownIssuer"),
    ] {
        let config = Config { tls: true, cert, ..scene::disabled_users(3) };
        let sandbox = scene::start(config);
        let client = scene::client(&sandbox, &[]);
        let error = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{cert:?}");
        assert!(error.message().contains(reason), "{cert:?}: {error}");
        assert_eq!((sandbox.bytes_received(), sandbox.request_count()), (0, 0), "{cert:?}");
    }
}

#[test]
fn a_certificate_failure_does_not_go_on_to_the_next_endpoint() {
    let first = scene::start(Config { tls: true, cert: Cert::OtherCa, ..Config::default() });
    let second = scene::start(scene::disabled_users(3));
    let mut options = scene::options(&second);
    options.set("endpoint", format!("{},{}", first.url(), second.url()).as_str()).unwrap();
    let client = Client::new(&options).unwrap();
    let error = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
    assert!(error.message().contains("certificate is not trusted"), "{error}");
    assert_eq!(second.request_count(), 0);
}

/// A real forward proxy on a port of its own.
struct Proxy {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Proxy {
    /// Starts tinyproxy; `login` is what it asks for, as `user password`.
    fn start(login: Option<&str>) -> Proxy {
        let folder = tempfile::tempdir().unwrap();
        // The port is free a moment before the proxy takes it; another one is tried if it was lost.
        for _ in 0..10 {
            let port =
                std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let log = folder.path().join("log");
            let auth = login.map_or(String::new(), |login| format!("BasicAuth {login}\n"));
            let settings = format!(
                "Port {port}\nListen 127.0.0.1\nTimeout 60\nLogFile \"{}\"\nLogLevel Info\n{auth}",
                log.display()
            );
            let file = folder.path().join("tinyproxy.conf");
            std::fs::write(&file, settings).unwrap();
            let mut process = Command::new("tinyproxy")
                .args(["-d", "-c"])
                .arg(&file)
                .stdout(Stdio::null())
                .spawn()
                .expect("tinyproxy is installed (Debian: apt-get install tinyproxy-bin)");
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(10) {
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Proxy { process, port, _folder: folder };
                }
                if process.try_wait().unwrap().is_some() {
                    break;
                }
                std::thread::yield_now();
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("tinyproxy did not start");
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self._folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn through(sandbox: &Sandbox, proxy: &str) -> Client {
    let mut options = scene::options(sandbox);
    scene::set(&mut options, &[("proxy", proxy), ("attempts", "1")]);
    Client::new(&options).unwrap()
}

#[test]
fn a_proxy_is_gone_through_for_http_and_for_tls() {
    let proxy = Proxy::start(None);
    for tls in [false, true] {
        let sandbox = scene::start(Config { tls, ..scene::disabled_users(3) });
        let client = through(&sandbox, &format!("http://127.0.0.1:{}", proxy.port));
        let report =
            client.set_status(UserStatus::Normal, scene::accounts(3), Call::new()).unwrap();
        assert!(report.all_applied());
        let host = sandbox.url().rsplit('/').next().unwrap().to_owned();
        assert!(
            proxy.log().contains(if tls { "CONNECT" } else { "PUT" }),
            "{host}: {}",
            proxy.log()
        );
    }
}

#[test]
fn a_proxy_that_asks_for_credentials_gets_those_of_its_url_and_never_shows_them() {
    let proxy = Proxy::start(Some("clerk hunter2"));
    for tls in [false, true] {
        let sandbox = scene::start(Config { tls, ..scene::disabled_users(3) });
        let good = through(&sandbox, &format!("http://clerk:hunter2@127.0.0.1:{}", proxy.port));
        assert!(good.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap().all_applied());
        let bad = through(&sandbox, &format!("http://clerk:secret3@127.0.0.1:{}", proxy.port));
        let error = bad.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
        assert!(!format!("{error:?} {bad:?}").contains("secret3"));
        // Over plain http the proxy may reset the connection in the middle of its 407.
        assert_eq!(error.report().unwrap().count(hwm::Outcome::Applied), 0, "{error}");
        assert_eq!(sandbox.request_count(), 1);
    }
}

#[test]
fn a_proxy_that_is_gone_means_nothing_was_sent() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sandbox = scene::start(scene::disabled_users(3));
    let client = through(&sandbox, &format!("http://127.0.0.1:{port}"));
    let error = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert_eq!(error.report().unwrap().count(hwm::Outcome::NotAttempted), 1);
}
