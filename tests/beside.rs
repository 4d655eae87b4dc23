//! Many calls of one client at once, with faults, ended tokens, cancels, deadlines and diagnoses in
//! between: every call returns, every outcome is true, and afterwards nothing is left in the way.
//!
//! A round follows from its seed but for the threads' timing; `HWM_SEED=n cargo test --test beside`
//! runs the rounds from n on, `HWM_ROUNDS=n` more of them.

mod scene;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hwm::{Call, Cancel, Client, Error, Options, Outcome, Report, TokenRequest, UserStatus};
use hwm_sandbox::{Config, Fault, LoggedRequest, Sandbox, Target, What, When};

const USERS: usize = 60;
const THREADS: u64 = 4;
const CALLS: u64 = 4;

/// The rounds to run, by their seeds.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let first = number("HWM_SEED", 1);
    first..first + number("HWM_ROUNDS", 8)
}

fn status(status: u16) -> What {
    What::Status { status, body: String::new(), headers: vec![], content_type: None }
}

fn faults(random: &mut fastrand::Rng) -> Vec<Fault> {
    let kinds = [
        What::Error500,
        What::BadGatewayHtml,
        What::Unavailable { retry_after: None },
        What::ResetBefore,
        What::ResetAfter,
        What::FinBefore,
        What::FinAfter,
        What::TruncatedBody,
        What::Silence { after: false },
        What::Silence { after: true },
        status(401),
        status(409),
        status(413),
        status(421),
        status(425),
    ];
    let one = |on: Target, random: &mut fastrand::Rng| {
        let what = kinds[random.usize(..kinds.len())].clone();
        Fault::new(When::Rate(random.f64() * 0.15), what).on(on)
    };
    let count = random.usize(1..4);
    let mut all: Vec<_> = (0..count).map(|_| one(Target::Status, random)).collect();
    if random.bool() {
        all.push(one(Target::Token, random));
    }
    all
}

fn options(sandbox: &Sandbox, random: &mut fastrand::Rng) -> Options {
    let config = Config::default();
    let mut options = scene::options(sandbox);
    options.set("access_token", None).unwrap();
    match random.u8(0..3) {
        0 => scene::set(&mut options, &[("login", "admin"), ("password", "Sandbox-1")]),
        1 => scene::set(&mut options, &[("app_id", &config.app_id), ("app_key", &config.app_key)]),
        _ => {
            let seed = random.u64(..);
            let calls = std::sync::atomic::AtomicU64::new(0);
            options.on_token(std::sync::Arc::new(move |request: &mut TokenRequest| {
                let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                match fastrand::Rng::with_seed(seed ^ call).u8(0..8) {
                    0 => request.fail("the vault is sealed"),
                    1 => request.withdraw(),
                    2 => request.set("stale", 0),
                    _ => request.set("sandbox-token", 1),
                }
            }));
        }
    }
    let (batch_size, concurrency) = (random.u32(1..20), random.u32(1..6));
    scene::set(
        &mut options,
        &[
            ("batch_size", &batch_size.to_string()),
            ("concurrency", &concurrency.to_string()),
            ("request_timeout_ms", "150"),
            ("drain_ms", "20"),
        ],
    );
    options
}

/// What one thread does: calls, some of them cancelled or with little time, and diagnoses.
fn work(client: &Client, sandbox: &Sandbox, seed: u64) -> Vec<Result<Report, Error>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut results = Vec::new();
    for _ in 0..CALLS {
        if random.u8(0..6) == 0 {
            let _ = client.diagnose();
            continue;
        }
        // The token that the host's own source gives is one that the sandbox cannot give again.
        if random.u8(0..6) == 0 && sandbox.requests().iter().any(|sent| sent.path.contains("auth"))
        {
            sandbox.expire_tokens();
        }
        let mut list = scene::accounts(USERS);
        random.shuffle(&mut list);
        list.truncate(random.usize(1..USERS));
        let deadline = if random.bool() { 3000 } else { random.u32(1..300) };
        let overrides = scene::call(&[("deadline_ms", &deadline.to_string())]);
        let cancel = Cancel::new();
        let cancelled_at = random.u64(0..400);
        let mut ticks = 0;
        let mut on_tick = || {
            ticks += 1;
            if ticks * 10 > cancelled_at && cancelled_at < 150 {
                cancel.trigger();
            }
        };
        let call = Call::new().overrides(&overrides).cancel(&cancel).on_tick(&mut on_tick);
        let to = if random.u8(0..4) == 0 { UserStatus::Disabled } else { UserStatus::Normal };
        let began = Instant::now();
        let result = client.set_status(to, &list, call);
        let late = began.elapsed().saturating_sub(Duration::from_millis(u64::from(deadline)));
        assert!(late < Duration::from_secs(5), "{late:?} after the deadline");
        results.push(result);
    }
    results
}

/// Every outcome against what the sandbox answered to the request that it names.
fn check(report: &Report, log: &HashMap<&str, &LoggedRequest>) {
    for entry in report.iter() {
        let sent = log.get(entry.request_id);
        let held = |sent: &LoggedRequest| sent.accounts.iter().any(|sent| sent == entry.account);
        match entry.outcome {
            Outcome::Applied => {
                let sent = sent.expect("the request of an applied account arrived");
                assert!(sent.status == 200 && held(sent), "{entry:?}: {sent:?}");
            }
            Outcome::Rejected => {
                let sent = sent.expect("the request of a rejected account arrived");
                assert!(matches!(sent.status, 400 | 409) && sent.accounts == [entry.account]);
            }
            Outcome::Unknown | Outcome::NotAttempted => {}
        }
    }
}

#[test]
fn every_call_returns_with_the_truth_and_leaves_nothing_in_the_way() {
    for seed in seeds() {
        let mut random = fastrand::Rng::with_seed(seed);
        let config = Config {
            seed,
            latency_ms: random.u64(0..10),
            token_valid_seconds: 3600,
            ..scene::disabled_users(USERS)
        };
        let sandbox = scene::start(config);
        sandbox.set_faults(faults(&mut random));
        let client = Client::new(&options(&sandbox, &mut random)).unwrap();
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (client, sandbox) = (&client, &sandbox);
                    scope.spawn(move || work(client, sandbox, seed * 1000 + thread))
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let requests = sandbox.requests();
        let log: HashMap<&str, &LoggedRequest> =
            requests.iter().filter_map(|sent| Some((sent.header("X-Request-Id")?, sent))).collect();
        for result in &results {
            match result {
                Ok(report) => check(report, &log),
                Err(error) => error.report().into_iter().for_each(|report| check(report, &log)),
            }
        }
        // Faults cease: whoever comes now must get through, however the others ended.
        sandbox.set_faults(Vec::new());
        let overrides = scene::call(&[("deadline_ms", "20000"), ("request_timeout_ms", "5000")]);
        let mut errors = Vec::new();
        let last = (0..20).find_map(|_| {
            let call = Call::new().overrides(&overrides);
            let result = client.set_status(UserStatus::Normal, scene::accounts(USERS), call);
            result.map_err(|error| errors.push(error)).ok()
        });
        assert!(last.is_some_and(|report| report.all_applied()), "seed {seed}: {errors:#?}");
        client.close().unwrap();
    }
}
