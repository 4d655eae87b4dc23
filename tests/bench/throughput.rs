//! How near a call comes to the rate that latency and concurrency allow.
//!
//! The service answers after 33 ms, 8 requests are under way at a time, and no quota is told. The
//! ideal is what 8 bare sockets reach that send the same requests and do nothing else, measured
//! in turn with the calls: what the machine takes for itself is taken from both.

mod server;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    let journal = server::scratch("throughput.jsonl");
    let mut rounds: Vec<[f64; 3]> = Vec::new();
    println!("{ACCOUNTS} accounts in batches of {BATCH}, {CONCURRENCY} at a time");
    println!();
    println!("round   bare sockets/s   calls/s   of bare   with a journal/s   of bare");
    for round in 1..=ROUNDS {
        let rate = |time: Duration| (ACCOUNTS / BATCH) as f64 / time.as_secs_f64();
        let bare = rate(bare_sockets(&server.url, &accounts));
        let without = rate(run(&server.url, &accounts, None));
        let with = rate(run(&server.url, &accounts, Some(&journal)));
        rounds.push([bare, without / bare, with / bare]);
        println!(
            "{round:5} {bare:16.1} {without:9.1} {:7.1} % {with:18.1} {:7.1} %",
            100.0 * without / bare,
            100.0 * with / bare
        );
    }
    let median = |column: usize| {
        let mut values: Vec<_> = rounds.iter().map(|round| round[column]).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[ROUNDS / 2]
    };
    let (bare, without, with) = (median(0), 100.0 * median(1), 100.0 * median(2));
    let of_33_ms = 100.0 * bare * LATENCY.as_secs_f64() / CONCURRENCY as f64;
    println!();
    println!("median: {without:.1} % of bare sockets, {with:.1} % with a journal");
    println!("bare sockets reach {of_33_ms:.1} % of {CONCURRENCY}/33 ms");
    println!("goal without a journal: at least {GOAL} %");
    println!("{}", if without < GOAL { "MISSED" } else { "met" });
    std::process::exit(i32::from(without < GOAL));
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

/// How long the same requests take over bare sockets.
fn bare_sockets(url: &str, accounts: &[String]) -> Duration {
    let host = url.strip_prefix("http://").expect("a plain URL");
    let requests: Vec<_> = accounts.chunks(BATCH).map(|batch| request(host, batch)).collect();
    let next = AtomicUsize::new(0);
    let mut sockets: Vec<_> = (0..CONCURRENCY).map(|_| Socket::warm(host, &requests[0])).collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for socket in &mut sockets {
            scope.spawn(|| {
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    socket.exchange(request);
                }
            });
        }
    });
    began.elapsed()
}

fn request(host: &str, accounts: &[String]) -> String {
    let body = serde_json::to_string(accounts).expect("JSON");
    format!(
        "PUT /v1/usg/dcs/corp/member/status/0?accountType=0 HTTP/1.1\r\nHost: {host}\r\n\
         X-Access-Token: sandbox-token\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

struct Socket {
    stream: TcpStream,
    input: BufReader<TcpStream>,
}

impl Socket {
    /// A connection over which `request` has gone once.
    fn warm(host: &str, request: &str) -> Socket {
        let stream = TcpStream::connect(host).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let input = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut socket = Socket { stream, input };
        socket.exchange(request);
        socket
    }

    /// Sends a request and reads its answer to the end.
    fn exchange(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).expect("the request goes out");
        let mut length = 0;
        let mut line = String::new();
        self.input.read_line(&mut line).expect("a status line");
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            self.input.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        self.input.read_exact(&mut vec![0; length]).expect("the body");
    }
}
