//! The journal: what it says is believed in the order of events, and nothing settled is sent again.

mod scene;

use std::path::Path;

use hwm::{Call, Outcome, UserStatus};
use hwm_sandbox::{Config, Fault, Sandbox, What, When};

fn journaled(sandbox: &Sandbox, journal: &Path, values: &[(&str, &str)]) -> hwm::Client {
    let mut options = scene::options(sandbox);
    scene::set(&mut options, &[("journal", journal.to_str().unwrap())]);
    scene::set(&mut options, values);
    hwm::Client::new(&options).unwrap()
}

#[test]
fn a_rejection_after_a_lost_answer_is_final_for_every_later_run() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("run.jsonl");
    let faults = vec![Fault::new(When::Requests(vec![1]), What::ResetAfter)];
    let sandbox = scene::start(Config { faults, ..scene::disabled_users(3) });
    let list = ["u0000", "ghost", "u0001"];
    let client = journaled(&sandbox, &journal, &[]);
    let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
    assert_eq!(report.get(1).unwrap().outcome, Outcome::Rejected);
    sandbox.clear_requests();
    for _ in 0..2 {
        let report = client.set_status(UserStatus::Normal, list, Call::new()).unwrap();
        assert_eq!(report.requests(), 0, "everything was settled");
        let entry = report.get(1).unwrap();
        assert_eq!((entry.outcome, entry.from_journal), (Outcome::Rejected, true));
        assert_eq!(entry.service_code, "USG.201040000");
    }
    assert_eq!(sandbox.request_count(), 0);
}
