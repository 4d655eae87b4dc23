//! `hwm doctor`: what works between here and the service, step by step, without changing anything.

use std::io::{self, Write};
use std::net::ToSocketAddrs;

use clap::ArgMatches;
use hwm::{Client, EndpointDiagnosis, ErrorKind, Options, printable};

use crate::duration;
use crate::exit_code::{Exit, Failure};
use crate::{secrets, settings};

/// Most seconds between the clocks that nobody needs to hear of.
const USUAL_SKEW: i64 = 60;

/// Runs all steps that make sense, and fails with the first thing that does not work.
pub(crate) fn run(arguments: &ArgMatches) -> Result<Exit, Failure> {
    let mut steps = Steps::default();
    let mut options = settings::gather(arguments)?;
    // A check leaves no token behind; one that was given is not this command's to end.
    options.set("logout", "true")?;
    let client = secrets::require_credentials(&options)
        .and_then(|()| Client::new(&options).map_err(Failure::from));
    let client = match client {
        Ok(client) => client,
        Err(failure) => {
            steps.bad("options", &failure);
            return steps.end();
        }
    };
    steps.good("options", &credentials(&options));
    let diagnosis = client.diagnose()?;
    match &diagnosis.token {
        Ok(()) if options.is_set("access_token") => steps.skipped("token", "given, not fetched"),
        Ok(()) => steps.good("token", "fetched"),
        Err(error) => steps.bad("token", &error.clone().into()),
    }
    for endpoint in &diagnosis.endpoints {
        steps.line("", "", &endpoint.url);
        if endpoint.direct {
            look_up(&mut steps, &endpoint.url);
        } else {
            steps.skipped("name", "the proxy looks it up");
        }
        tell(&mut steps, endpoint);
    }
    if let Err(error) = client.close() {
        steps.bad("log-out", &error.into());
    }
    steps.end()
}

/// Prints one line a step, and keeps the first failure.
#[derive(Default)]
struct Steps {
    first_failure: Option<Failure>,
}

impl Steps {
    fn line(&self, mark: &str, step: &str, text: &str) {
        let _ = writeln!(io::stdout(), "{mark:<5} {step:<8} {}", printable(text));
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
            self.first_failure = Some(Failure::new(failure.exit, message));
        }
    }

    fn end(self) -> Result<Exit, Failure> {
        match self.first_failure {
            None => Ok(Exit::AllApplied),
            Some(failure) => Err(failure),
        }
    }
}

fn credentials(options: &Options) -> String {
    for key in ["app_id", "login"] {
        if let Some(value) = options.get(key) {
            return format!("{key} {value}");
        }
    }
    "access_token".into()
}

/// Tells the addresses of the endpoint's host.
fn look_up(steps: &mut Steps, url: &str) {
    let (host, port) = host_and_port(url);
    match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.map(|address| address.ip().to_string()).collect();
            steps.good("name", &format!("{host} is {}", addresses.join(", ")));
        }
        Err(error) => {
            let message = format!("{host}: {error}; check the endpoint and this machine's DNS");
            steps.bad("name", &Failure::new(Exit::Service, message));
        }
    }
}

/// The host and port of an endpoint that the library has accepted.
fn host_and_port(url: &str) -> (String, u16) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let default = if scheme == "http" { 80 } else { 443 };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(default)),
        _ => (rest, default),
    };
    (host.trim_matches(['[', ']']).to_owned(), port)
}

fn tell(steps: &mut Steps, endpoint: &EndpointDiagnosis) {
    match &endpoint.reached {
        Ok(ms) if endpoint.url.starts_with("https") => {
            steps.good("answer", &format!("over TLS in {ms} ms"));
        }
        Ok(ms) => steps.good("answer", &format!("in {ms} ms")),
        Err(message) => {
            let advice = match message.contains("UnknownIssuer") {
                true => {
                    "; if the certificate is of an authority of your own, name its root in --ca-file"
                }
                false => "",
            };
            let message = format!("{message}{advice}");
            return steps.bad("answer", &Failure::new(Exit::Service, message));
        }
    }
    match endpoint.clock_skew_seconds {
        Some(seconds) if seconds.abs() > USUAL_SKEW => {
            let message = format!(
                "the service's is {} {} this machine's; set this one right, or signatures may be \
                 refused",
                duration::words(seconds.unsigned_abs().saturating_mul(1000)),
                if seconds > 0 { "ahead of" } else { "behind" },
            );
            steps.bad("clock", &Failure::new(Exit::Local, message));
        }
        Some(_) => steps.good("clock", "as the service's"),
        None => steps.skipped("clock", "the service does not tell its own"),
    }
    match &endpoint.quotas[..] {
        [] => steps.skipped("quota", "none told"),
        quotas => quotas.iter().for_each(|quota| steps.good("quota", quota)),
    }
    match &endpoint.users {
        Some(Ok(count)) => steps.good("users", &format!("the token may see {count}")),
        // A user may be allowed to change statuses, but not to list users, or the reverse.
        Some(Err(error)) if error.kind() == ErrorKind::Server => {
            steps.skipped("users", error.message());
        }
        Some(Err(error)) => steps.bad("users", &error.clone().into()),
        None => steps.skipped("users", "not asked for without a token"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_taken_apart() {
        for (url, host, port) in [
            ("https://a.example", "a.example", 443),
            ("http://localhost:8080", "localhost", 8080),
            ("https://[::1]:444", "::1", 444),
            ("http://[::1]", "::1", 80),
        ] {
            assert_eq!(host_and_port(url), (host.to_owned(), port));
        }
    }
}
