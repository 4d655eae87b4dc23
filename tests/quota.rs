//! A quota that is learnt from the gateway's headers, by a clock that runs fast.
//!
//! How long it takes, and how often two that share a quota meet a 429, is for the bench and for the
//! pacer's simulation to say: on a busy machine a fast clock shows the machine.

#[path = "bench/quota_run.rs"]
mod quota_run;

use quota_run::KINDS;

const WINDOWS: usize = 6;
const SCALE: f64 = 60.0;

#[test]
fn a_learnt_quota_is_kept_in_whichever_way_the_gateway_counts() {
    std::thread::scope(|scope| {
        for kind in KINDS {
            scope.spawn(move || {
                let outcome = quota_run::run(kind, 1, WINDOWS, SCALE);
                assert!(outcome.complete, "{kind:?}");
                assert!(outcome.throttled() <= 1.0, "{kind:?}: {:?}", outcome.clients);
            });
        }
    });
}

#[test]
fn a_quota_that_another_process_uses_too_loses_nothing() {
    std::thread::scope(|scope| {
        for kind in KINDS {
            scope.spawn(move || {
                let outcome = quota_run::run(kind, 2, WINDOWS, SCALE);
                assert!(outcome.complete, "{kind:?}");
            });
        }
    });
}
