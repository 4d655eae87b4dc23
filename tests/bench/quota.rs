//! How long calls take under a quota of 100 requests a minute that the client has to learn.
//!
//! Forty windows' worth of requests, in each of the four ways in which gateways count, by a clock
//! that runs 60 times as fast. The oracle knows how the gateway counts and where its windows begin.

mod quota_run;

use quota_run::{KINDS, LIMIT, Outcome};

const WINDOWS: usize = 40;
const SCALE: f64 = 60.0;

fn main() {
    println!(
        "{LIMIT} requests a minute, {} requests in all, times of the fast clock",
        WINDOWS * LIMIT
    );
    println!();
    println!("clients  counted as        took    oracle   allowed   answered 429, each client");
    let mut missed = false;
    for (clients, most) in [(1, 1.0), (2, 5.0)] {
        for kind in KINDS {
            let outcome = quota_run::run(kind, clients, WINDOWS, SCALE);
            let met = outcome.complete
                && outcome.throttled() <= most
                && (clients > 1 || outcome.took <= outcome.allowed());
            missed |= !met;
            println!("{clients:7}  {:14} {}", format!("{kind:?}"), described(&outcome, met));
        }
    }
    println!();
    println!("goals: alone 1.03 × oracle + one window and at most 1 % answered 429;");
    println!("       two clients at most 5 % answered 429; every account applied");
    println!("{}", if missed { "MISSED" } else { "met" });
    std::process::exit(i32::from(missed));
}

fn described(outcome: &Outcome, met: bool) -> String {
    let shares: Vec<_> = outcome
        .clients
        .iter()
        .map(|&(sent, refused)| format!("{:.2} % of {sent}", 100.0 * refused as f64 / sent as f64))
        .collect();
    format!(
        "{:7.1} s {:7.1} s {:7.1} s   {}{}{}",
        outcome.took.as_secs_f64(),
        outcome.oracle.as_secs_f64(),
        outcome.allowed().as_secs_f64(),
        shares.join(", "),
        if outcome.complete { "" } else { "  NOT ALL APPLIED" },
        if met { "" } else { "  <- missed" },
    )
}
