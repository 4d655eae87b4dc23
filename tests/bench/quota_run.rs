//! Calls under a quota that the client must learn, by a clock that runs fast.
#![allow(dead_code, unreachable_pub)]

use std::time::{Duration, Instant};

use hwm::{Call, Client, Options, UserStatus};
use hwm_sandbox::{Config, Quota, QuotaKind, Sandbox, UserSpec};

/// Requests that the gateway lets through in a window.
pub const LIMIT: usize = 100;
/// How long a window is, by the fast clock.
pub const WINDOW: Duration = Duration::from_secs(60);
/// The four ways in which gateways count.
pub const KINDS: [QuotaKind; 4] =
    [QuotaKind::FixedFromFirst, QuotaKind::FixedWall, QuotaKind::Sliding, QuotaKind::TokenBucket];

/// What a number of clients took that shared one quota; times are the fast clock's.
pub struct Outcome {
    pub took: Duration,
    /// How long one would take that knows how the gateway counts and where its windows begin.
    pub oracle: Duration,
    /// For each client: requests sent, and how many of them were answered 429.
    pub clients: Vec<(usize, usize)>,
    /// Whether every account of every client was applied.
    pub complete: bool,
}

impl Outcome {
    /// The largest share of 429s among a client's answers, in percent.
    pub fn throttled(&self) -> f64 {
        let share = |&(sent, refused): &(usize, usize)| 100.0 * refused as f64 / sent as f64;
        self.clients.iter().map(share).fold(0.0, f64::max)
    }

    /// How long it may take at most: 1.03 × the oracle's time and one window.
    pub fn allowed(&self) -> Duration {
        self.oracle.mul_f64(1.03) + WINDOW
    }
}

/// Lets `clients` clients send `windows` windows' worth of requests between them, one account in
/// each request.
pub fn run(kind: QuotaKind, clients: usize, windows: usize, scale: f64) -> Outcome {
    let each = windows * LIMIT / clients;
    let account = |client: usize, number: usize| format!("c{client}-{number}");
    let token = |client: usize| format!("token-{client}");
    let everyone = (0..clients).flat_map(|c| (0..each).map(move |n| account(c, n)));
    let sandbox = Sandbox::start(Config {
        user_list: everyone.map(|account| UserSpec::new(account, 1)).collect(),
        tokens: (0..clients).map(token).collect(),
        quota: Some(Quota {
            limit: LIMIT as u32,
            window_ms: WINDOW.as_millis() as u64,
            kind,
            ..Quota::default()
        }),
        time_scale: scale,
        ..Config::default()
    })
    .expect("the sandbox starts");
    let ready: Vec<_> = (0..clients)
        .map(|client| {
            let accounts: Vec<_> = (0..each).map(|number| account(client, number)).collect();
            (self::client(&sandbox, &token(client), scale), accounts)
        })
        .collect();
    let phase_ms = sandbox.now_ms() % WINDOW.as_millis() as u64;
    let began = Instant::now();
    let complete = std::thread::scope(|scope| {
        let running: Vec<_> = ready
            .iter()
            .map(|(client, accounts)| {
                scope.spawn(move || {
                    let result = client.set_status(UserStatus::Normal, accounts, Call::new());
                    result.expect("a report").all_applied()
                })
            })
            .collect();
        running.into_iter().all(|call| call.join().expect("the call returns"))
    });
    let took = began.elapsed().mul_f64(scale);
    let requests = sandbox.requests();
    let counted = |client: usize| {
        let token = token(client);
        let own = requests.iter().filter(|r| r.header("x-access-token") == Some(&token));
        let (mut sent, mut refused) = (0, 0);
        for request in own {
            sent += 1;
            refused += usize::from(request.status == 429);
        }
        (sent, refused)
    };
    let begun = Duration::from_millis(if kind == QuotaKind::FixedWall { phase_ms } else { 0 });
    Outcome {
        took,
        oracle: WINDOW * (windows as u32 - 1) - begun,
        clients: (0..clients).map(counted).collect(),
        complete,
    }
}

fn client(sandbox: &Sandbox, token: &str, scale: f64) -> Client {
    let mut options = Options::new();
    let url = sandbox.url();
    for (key, value) in [
        ("endpoint", url.as_str()),
        ("access_token", token),
        ("proxy", "none"),
        ("batch_size", "1"),
        ("request_timeout_ms", "600000"),
        ("max_wait_ms", "600000"),
    ] {
        options.set(key, value).expect("a good option");
    }
    Client::with_clock_scale(&options, scale).expect("a client")
}
