//! How near a call comes to the rate that latency and concurrency allow.
//!
//! The service answers after 33 ms, 8 requests are under way at a time, and no quota is told: the
//! ideal is 8 requests in every latency.

mod server;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use hwm::{Call, Client, Options, UserStatus};
use hwm_sandbox::Config;
use server::Server;

const ACCOUNTS: usize = 50_000;
const BATCH: usize = 100;
const CONCURRENCY: usize = 8;
const LATENCY: Duration = Duration::from_millis(33);
const ROUNDS: usize = 5;
const GOAL: f64 = 95.0;

fn main() {
    server::serve_if_asked();
    let server = Server::start(&Config {
        latency_ms: LATENCY.as_millis() as u64,
        ..server::with_users(ACCOUNTS)
    });
    let accounts: Vec<_> = (0..ACCOUNTS).map(server::account).collect();
    let latency = measured_latency(&server.url, &accounts[..BATCH]);
    println!(
        "{ACCOUNTS} accounts in batches of {BATCH}, {CONCURRENCY} at a time, median of {ROUNDS}"
    );
    println!(
        "latency of one request over a bare socket: {:.2} ms ({} ms asked for)",
        latency.as_secs_f64() * 1000.0,
        LATENCY.as_millis()
    );
    println!();
    println!("journal   requests/s   of {CONCURRENCY}/measured   of {CONCURRENCY}/33 ms");
    let without = row("without", &server.url, &accounts, None, latency);
    row("with", &server.url, &accounts, Some(&server::scratch("throughput.jsonl")), latency);
    println!();
    println!("goal without a journal: at least {GOAL} % of {CONCURRENCY}/measured");
    println!("{}", if without < GOAL { "MISSED" } else { "met" });
    std::process::exit(i32::from(without < GOAL));
}

/// Prints one line and returns the percentage of the ideal rate.
fn row(
    name: &str,
    url: &str,
    accounts: &[String],
    journal: Option<&Path>,
    latency: Duration,
) -> f64 {
    let mut times: Vec<_> = (0..ROUNDS).map(|_| run(url, accounts, journal)).collect();
    times.sort_unstable();
    let rate = (accounts.len() / BATCH) as f64 / times[ROUNDS / 2].as_secs_f64();
    let share = |latency: Duration| 100.0 * rate * latency.as_secs_f64() / CONCURRENCY as f64;
    println!("{name:8} {rate:11.1} {:13.1} % {:11.1} %", share(latency), share(LATENCY));
    share(latency)
}

/// How long a warm call takes.
fn run(url: &str, accounts: &[String], journal: Option<&Path>) -> Duration {
    let mut options = Options::new();
    let concurrency = CONCURRENCY.to_string();
    for (key, value) in [
        ("endpoint", url),
        ("access_token", "sandbox-token"),
        ("proxy", "none"),
        ("concurrency", &concurrency),
    ] {
        options.set(key, value).expect("a good option");
    }
    let client = Client::new(&options).expect("a client");
    let warm_up = &accounts[..2 * CONCURRENCY * BATCH];
    set_status(&client, warm_up, &Options::new());
    let mut overrides = Options::new();
    if let Some(journal) = journal {
        let _ = std::fs::remove_file(journal);
        overrides.set("journal", journal.to_str()).expect("a path");
    }
    let began = Instant::now();
    set_status(&client, accounts, &overrides);
    began.elapsed()
}

fn set_status(client: &Client, accounts: &[String], overrides: &Options) {
    let call = Call::new().overrides(overrides);
    let report = client.set_status(UserStatus::Normal, accounts, call).expect("a report");
    assert!(report.all_applied(), "{}", report.summary());
}

/// The mean time from the first byte of a request to the last of its answer.
fn measured_latency(url: &str, accounts: &[String]) -> Duration {
    const TIMES: u32 = 60;
    let host = url.strip_prefix("http://").expect("a plain URL");
    let body = serde_json::to_string(accounts).expect("JSON");
    let request = format!(
        "PUT /v1/usg/dcs/corp/member/status/0?accountType=0 HTTP/1.1\r\nHost: {host}\r\n\
         X-Access-Token: sandbox-token\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut input = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut exchange = || {
        let began = Instant::now();
        stream.write_all(request.as_bytes()).expect("the request goes out");
        let mut length = 0;
        let mut line = String::new();
        input.read_line(&mut line).expect("a status line");
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            input.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        input.read_exact(&mut vec![0; length]).expect("the body");
        began.elapsed()
    };
    exchange();
    (0..TIMES).map(|_| exchange()).sum::<Duration>() / TIMES
}
