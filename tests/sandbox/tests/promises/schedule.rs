//! Which requests a fault befalls.

use hwm_sandbox::{Config, Fault, Sandbox, Target, UserSpec, What, When};

use crate::wire::{Answer, Request, connect, exchange, send};

fn with(faults: Vec<Fault>) -> Sandbox {
    let config = Config {
        user_list: vec![UserSpec::new("anna", 1), UserSpec::new("bert", 1)],
        faults,
        ..Config::default()
    };
    Sandbox::start(config).expect("the sandbox starts")
}

fn enable_anna() -> Request {
    Request::set_status(0, &["anna"])
}

fn answer(sandbox: &Sandbox) -> Answer {
    send(&sandbox.url(), &enable_anna())
}

#[test]
fn a_fault_in_the_answer_spares_requests_that_are_refused() {
    let sandbox = with(vec![Fault::new(When::All, What::ResetAfter)]);
    let refused = enable_anna().instead("X-Access-Token", None);
    assert_eq!(send(&sandbox.url(), &refused).status, 401);
}

#[test]
fn a_fault_strikes_by_number_and_as_often_as_it_may() {
    let fault = |when| Fault::new(when, What::Error500);
    let sandbox = with(vec![fault(When::Requests(vec![1, 3]))]);
    let mut stream = connect(&sandbox.url());
    let mut run = |sandbox: &Sandbox, faults: Option<Vec<Fault>>| -> Vec<u16> {
        if let Some(faults) = faults {
            sandbox.set_faults(faults);
        }
        (0..4).map(|_| exchange(&mut stream, &enable_anna()).expect("an answer").status).collect()
    };
    assert_eq!(run(&sandbox, None), [500, 200, 500, 200]);
    let faults = vec![fault(When::Every(2))];
    assert_eq!(run(&sandbox, Some(faults)), [200, 500, 200, 500]);
    let faults = vec![fault(When::All).times(1)];
    assert_eq!(run(&sandbox, Some(faults)), [500, 200, 200, 200]);
    assert_eq!(run(&sandbox, Some(Vec::new())), [200; 4]);
}

#[test]
fn a_fault_strikes_by_account_among_others_or_alone() {
    let both = Request::set_status(0, &["anna", "bert"]);
    let account = Fault::new(When::Account("bert".to_owned()), What::Error500);
    let sandbox = with(vec![account]);
    assert_eq!(send(&sandbox.url(), &both).status, 500);
    assert_eq!(answer(&sandbox).status, 200);
    let alone = When::Alone { account: "anna".to_owned() };
    sandbox.set_faults(vec![Fault::new(alone, What::Error500)]);
    assert_eq!(send(&sandbox.url(), &both).status, 200);
    assert_eq!(answer(&sandbox).status, 500);
}

#[test]
fn a_rate_of_faults_follows_from_the_seed() {
    let run = || -> Vec<u16> {
        let sandbox = with(vec![Fault::new(When::Rate(0.5), What::Error500)]);
        let mut stream = connect(&sandbox.url());
        (0..40).map(|_| exchange(&mut stream, &enable_anna()).expect("an answer").status).collect()
    };
    let first = run();
    assert!(first.contains(&200) && first.contains(&500));
    assert_eq!(first, run());
}

#[test]
fn a_fault_of_another_kind_of_request_spares_status_requests() {
    let fault = Fault::new(When::All, What::Error500).on(Target::Token);
    let sandbox = with(vec![fault]);
    assert_eq!(answer(&sandbox).status, 200);
}
