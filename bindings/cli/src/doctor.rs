//! `hwm doctor`: what works between here and the service, step by step, without changing anything.
//!
//! The last step asks the service to enable one account whose name nobody has. That takes the same
//! way as real work (proxy, TLS, token, permission), and its right answer is that there is no such
//! account.

use std::env;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::process;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::ArgMatches;
use hwm::{Call, Client, Options, Outcome, UserStatus};

use crate::exit_code::{Exit, Failure};
use crate::settings;

/// The service's answer about an account that does not exist.
const NO_SUCH_ACCOUNT: &str = "USG.201040000";

/// Where the regions are.
const REGIONS: [(&str, &str); 2] = [
    ("cn-north-4", "https://api.meeting.huaweicloud.com"),
    ("ap-southeast-1", "https://api-intl.meeting.huaweicloud.com"),
];

/// Runs all steps that make sense, and fails with the first thing that does not work.
pub(crate) fn run(arguments: &ArgMatches) -> Result<Exit, Failure> {
    let mut steps = Steps::default();
    let mut options = settings::gather(arguments)?;
    // A check leaves no trace, and does not wait longer than a person does.
    for (key, value) in [
        ("journal", None),
        ("dry_run", None),
        ("attempts", Some("2")),
        ("deadline_ms", Some("30000")),
    ] {
        options.set(key, value)?;
    }
    let endpoint = options.get("endpoint").unwrap_or(REGIONS[0].0).to_owned();
    let client = settings::require_credentials(&options)
        .and_then(|()| Client::new(&options).map_err(Failure::from));
    match &client {
        Ok(_) => steps.good("options", &format!("{endpoint}; {}", credentials(&options))),
        Err(failure) => steps.bad("options", failure),
    }
    if goes_direct(&options) {
        let timeout = options.get("connect_timeout_ms").and_then(|ms| ms.parse().ok());
        for url in urls(&endpoint) {
            check_way(&mut steps, &url, Duration::from_millis(timeout.unwrap_or(5000)));
        }
    } else {
        steps.skipped("name", "the proxy looks names up");
    }
    if let Ok(client) = client {
        ask_about_nobody(&mut steps, &client);
        let _ = client.close();
    }
    match steps.first_failure {
        None => Ok(Exit::AllApplied),
        Some(failure) => Err(failure),
    }
}

/// Prints one line a step, and keeps the first failure.
#[derive(Default)]
struct Steps {
    first_failure: Option<Failure>,
}

impl Steps {
    fn line(&self, mark: &str, step: &str, text: &str) {
        let _ = writeln!(io::stdout(), "{mark:<5} {step:<11} {text}");
    }

    fn good(&mut self, step: &str, text: &str) {
        self.line("ok", step, text);
    }

    fn skipped(&mut self, step: &str, text: &str) {
        self.line("–", step, text);
    }

    fn bad(&mut self, step: &str, failure: &Failure) {
        self.line("FAIL", step, &failure.message);
        if self.first_failure.is_none() {
            let message = format!("{step}: {}", failure.message);
            self.first_failure = Some(Failure { exit: failure.exit, message });
        }
    }
}

fn credentials(options: &Options) -> String {
    for key in ["app_id", "login"] {
        if let Some(value) = options.get(key) {
            return format!("{key} {value}");
        }
    }
    "a token obtained elsewhere".into()
}

/// Whether the client connects to the service itself, not through a proxy.
fn goes_direct(options: &Options) -> bool {
    let set = |name: &str| env::var(name).is_ok_and(|value| !value.is_empty());
    if options.is_set("proxy") {
        // The value may hold a password, so that the library does not tell it.
        return env::var("HWM_PROXY").is_ok_and(|proxy| proxy == "none");
    }
    !["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .any(set)
}

fn urls(endpoint: &str) -> Vec<String> {
    match REGIONS.iter().find(|(name, _)| *name == endpoint) {
        Some((_, url)) => vec![(*url).to_owned()],
        None => endpoint.split(',').map(|url| url.trim().to_owned()).collect(),
    }
}

/// Looks the host's name up and connects to it.
fn check_way(steps: &mut Steps, url: &str, timeout: Duration) {
    let (host, port) = host_and_port(url);
    let started = Instant::now();
    let addresses: Vec<SocketAddr> = match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            let message = format!("{host}: {error}; check the endpoint and this machine's DNS");
            return steps.bad("name", &Failure { exit: Exit::Service, message });
        }
    };
    let shown: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    steps.good("name", &format!("{host} is {} ({})", shown.join(", "), since(started)));
    let started = Instant::now();
    let mut last = None;
    for address in &addresses {
        match TcpStream::connect_timeout(address, timeout) {
            Ok(_) => return steps.good("connection", &format!("{address} ({})", since(started))),
            Err(error) => last = Some(format!("{address}: {error}")),
        }
    }
    let message = format!(
        "{}; check the firewall, or whether a proxy is needed (HTTPS_PROXY)",
        last.unwrap_or_else(|| format!("{host} has no address"))
    );
    steps.bad("connection", &Failure { exit: Exit::Service, message });
}

fn since(started: Instant) -> String {
    format!("{} ms", started.elapsed().as_millis())
}

/// The host and port of an endpoint that the library has already accepted.
fn host_and_port(url: &str) -> (String, u16) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let rest = rest.trim_end_matches('/');
    let default = if scheme == "http" { 80 } else { 443 };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(default)),
        _ => (rest, default),
    };
    (host.trim_matches(['[', ']']).to_owned(), port)
}

fn ask_about_nobody(steps: &mut Steps, client: &Client) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let nobody = format!("hwm-doctor-{now:x}-{:x}", process::id());
    let started = Instant::now();
    let report = match client.set_status(UserStatus::Normal, [&nobody], Call::new()) {
        Ok(report) => report,
        Err(error) => return steps.bad("service", &error.into()),
    };
    let Some(entry) = report.get(0) else { return };
    let took = since(started);
    if entry.service_code == NO_SUCH_ACCOUNT {
        let text = "TLS, credentials and permission: it says of an account that nobody has that \
                    there is none";
        return steps.good("service", &format!("{text} ({took})"));
    }
    match entry.outcome {
        Outcome::Applied => steps.good(
            "service",
            &format!("TLS, credentials and permission; but it answered 200 for {nobody} ({took})"),
        ),
        _ => {
            let message = format!(
                "{} {} {} [request {}]",
                entry.http_status, entry.service_code, entry.message, entry.request_id
            );
            steps.bad("service", &Failure { exit: Exit::Service, message });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_taken_apart() {
        for (url, host, port) in [
            ("https://a.example", "a.example", 443),
            ("http://localhost:8080/", "localhost", 8080),
            ("https://[::1]:444", "::1", 444),
            ("http://[::1]", "::1", 80),
        ] {
            assert_eq!(host_and_port(url), (host.to_owned(), port));
        }
    }

    #[test]
    fn regions_are_those_of_the_library() {
        let Ok(row) = hwm::options::find("endpoint") else { panic!("no endpoint") };
        for (name, _) in REGIONS {
            assert!(row.allowed().contains(name));
        }
        assert_eq!(row.default, Some(REGIONS[0].0));
    }
}
