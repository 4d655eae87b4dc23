//! What holds for any list, any bad accounts and any schedule of faults.

mod scene;

use std::collections::HashSet;

use hwm::{Call, Client, Outcome, Report, UserStatus};
use hwm_sandbox::{Config, Fault, Sandbox, What, When};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The engine's clock runs this much faster, so that waits for quota take no time.
const SCALE: f64 = 1000.0;

/// Faults after which a try may succeed, and none of which judges an account.
fn passing_fault() -> impl Strategy<Value = What> {
    let status =
        |status| What::Status { status, body: String::new(), headers: vec![], content_type: None };
    prop_oneof![
        Just(What::Error500),
        Just(What::BadGatewayHtml),
        Just(What::Unavailable { retry_after: None }),
        Just(What::Unavailable { retry_after: Some(1) }),
        Just(What::TooMany { retry_after: None }),
        Just(What::TooMany { retry_after: Some(2) }),
        Just(What::ResetBefore),
        Just(What::ResetAfter),
        Just(What::FinBefore),
        Just(What::FinAfter),
        Just(What::TruncatedBody),
        Just(What::OversizeBody),
        Just(What::DelayedEffect { ms: 400 }),
        Just(status(408)),
        Just(status(425)),
    ]
}

#[derive(Debug, Clone)]
struct Scenario {
    /// Indices of accounts, repeats allowed; an odd one in `bad` does not exist.
    list: Vec<u16>,
    bad: HashSet<u16>,
    partial_on_unknown: bool,
    status: UserStatus,
    batch_size: usize,
    concurrency: usize,
    faults: Vec<(u64, What)>,
    seed: u64,
}

fn scenario() -> impl Strategy<Value = Scenario> {
    (
        prop::collection::vec(0u16..80, 1..120),
        prop::collection::hash_set(0u16..80, 0..12),
        any::<bool>(),
        prop::sample::select(vec![UserStatus::Normal, UserStatus::Disabled]),
        1usize..25,
        1usize..9,
        prop::collection::vec((1u64..40, passing_fault()), 0..12),
        any::<u64>(),
    )
        .prop_map(
            |(list, bad, partial_on_unknown, status, batch_size, concurrency, faults, seed)| {
                Scenario {
                    list,
                    bad,
                    partial_on_unknown,
                    status,
                    batch_size,
                    concurrency,
                    faults,
                    seed,
                }
            },
        )
}

fn name(index: u16) -> String {
    format!("u{index:04}")
}

impl Scenario {
    fn start(&self) -> Sandbox {
        let mut config = scene::disabled_users(80);
        config.user_list.retain(|user| !self.bad.iter().any(|&bad| name(bad) == user.account));
        for user in &mut config.user_list {
            user.status = 1 - self.status as u8;
        }
        config.user_list.push(hwm_sandbox::UserSpec::new("somebody-else", 0));
        let faults = self
            .faults
            .iter()
            .map(|(number, what)| Fault::new(When::Requests(vec![*number]), what.clone()));
        scene::start(Config {
            seed: self.seed,
            partial_on_unknown: self.partial_on_unknown,
            faults: faults.collect(),
            ..config
        })
    }

    fn run(&self, sandbox: &Sandbox, attempts: &str) -> Ran {
        let mut options = scene::options(sandbox);
        scene::set(
            &mut options,
            &[
                ("batch_size", &self.batch_size.to_string()),
                ("concurrency", &self.concurrency.to_string()),
                ("attempts", attempts),
                ("request_timeout_ms", "200000"),
            ],
        );
        let client = Client::with_clock_scale(&options, SCALE).unwrap();
        let list = self.list.iter().map(|&index| name(index));
        match client.set_status(self.status, list, Call::new()) {
            Ok(report) => Ran { outcomes: outcomes(&report), ended_early: false },
            Err(error) => {
                let report = error.report().expect("planning succeeded");
                Ran { outcomes: outcomes(report), ended_early: true }
            }
        }
    }

    fn is_bad(&self, account: &str) -> bool {
        self.bad.iter().any(|&bad| name(bad) == account)
    }

    /// What holds however a run ends.
    fn check_truth(&self, sandbox: &Sandbox, ran: &Ran) -> Result<(), TestCaseError> {
        let mut seen = HashSet::new();
        let distinct: Vec<_> =
            self.list.iter().map(|&i| name(i)).filter(|name| seen.insert(name.clone())).collect();
        let listed: Vec<_> = ran.outcomes.iter().map(|(account, _)| account.clone()).collect();
        prop_assert_eq!(listed, distinct, "each account once, in order of first mention");
        let requests = sandbox.requests();
        for (account, outcome) in &ran.outcomes {
            match outcome {
                Outcome::Applied => {
                    prop_assert_eq!(sandbox.status_of(account), Some(self.status as u8));
                    prop_assert!(
                        requests
                            .iter()
                            .any(|sent| sent.status == 200 && sent.accounts.contains(account)),
                        "{} was never answered 200",
                        account
                    );
                }
                Outcome::Rejected => prop_assert!(self.is_bad(account), "{} is good", account),
                Outcome::NotAttempted => prop_assert!(
                    !requests.iter().any(|sent| sent.accepted && sent.accounts.contains(account)),
                    "{} reached the service",
                    account
                ),
                Outcome::Unknown => {}
            }
        }
        Ok(())
    }
}

struct Ran {
    outcomes: Vec<(String, Outcome)>,
    ended_early: bool,
}

fn outcomes(report: &Report) -> Vec<(String, Outcome)> {
    report.iter().map(|entry| (entry.account.to_owned(), entry.outcome)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_tries_enough_every_account_gets_the_outcome_it_deserves(scenario in scenario()) {
        let sandbox = scenario.start();
        let ran = scenario.run(&sandbox, "50");
        scenario.check_truth(&sandbox, &ran)?;
        let good = ran.outcomes.iter().filter(|(account, _)| !scenario.is_bad(account)).count();
        let hopeless = good == 0 && ran.ended_early;
        if !hopeless {
            prop_assert!(!ran.ended_early);
            for (account, outcome) in &ran.outcomes {
                let deserved = if scenario.is_bad(account) { Outcome::Rejected } else { Outcome::Applied };
                prop_assert_eq!(*outcome, deserved, "{}", account);
            }
        }
    }

    #[test]
    fn with_few_tries_nothing_is_lost_and_nothing_guessed(scenario in scenario(), attempts in 1u32..3) {
        let sandbox = scenario.start();
        let ran = scenario.run(&sandbox, &attempts.to_string());
        scenario.check_truth(&sandbox, &ran)?;
    }

    #[test]
    fn with_too_few_resources_nobody_is_enabled_twice_and_every_call_ends(
        scenario in scenario(),
        capacity in 0usize..80,
        capacity_partial in any::<bool>(),
        attempts in 1u32..6,
    ) {
        let scenario = Scenario { status: UserStatus::Normal, ..scenario };
        let sandbox = scenario.start();
        sandbox.reconfigure(|config| {
            config.capacity = Some(capacity);
            config.capacity_partial = capacity_partial;
        });
        let ran = scenario.run(&sandbox, &attempts.to_string());
        let requests = sandbox.requests();
        for (account, outcome) in &ran.outcomes {
            let told = |sent: &&hwm_sandbox::LoggedRequest| sent.accounts.contains(account);
            let passed = requests.iter().filter(told).filter(|sent| sent.status == 200).count();
            match outcome {
                Outcome::Applied => {
                    prop_assert_eq!(sandbox.status_of(account), Some(0));
                    prop_assert!(passed > 0);
                }
                Outcome::Rejected => prop_assert_eq!(passed, 0, "{}", account),
                Outcome::NotAttempted => {
                    prop_assert!(!requests.iter().filter(told).any(|sent| sent.accepted));
                }
                Outcome::Unknown => {}
            }
        }
    }
}
