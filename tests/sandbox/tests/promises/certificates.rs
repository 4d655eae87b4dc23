//! HTTPS with the certificate that a client must accept and those that it must refuse.

use hwm_sandbox::{Cert, Config, Sandbox};

use crate::tls;
use crate::wire::{Request, exchange};

fn https(cert: Cert) -> Sandbox {
    let config = Config { tls: true, cert, ..Config::default() };
    Sandbox::start(config).expect("the sandbox starts")
}

#[test]
fn a_client_that_trusts_the_authority_is_served_over_tls() {
    let sandbox = https(Cert::Good);
    let mut stream = tls::connect(&sandbox);
    for _ in 0..2 {
        let answer = exchange(&mut stream, &Request::set_status(1, &["user0001"]));
        assert_eq!(answer.expect("an answer").status, 200);
    }
    assert_eq!(sandbox.status_of("user0001"), Some(1));
    assert_eq!(sandbox.connections(), 1);
    let sent = Request::set_status(1, &["user0001"]).bytes().len() as u64;
    assert_eq!(sandbox.bytes_received(), 2 * sent);
}

#[test]
fn bad_certificates_fail_in_the_handshake_for_their_own_reason() {
    for (cert, reason) in [
        (Cert::WrongName, "NotValidForName"),
        (Cert::Expired, "Expired"),
        (Cert::SelfSigned, "UnknownIssuer"),
        (Cert::OtherCa, "UnknownIssuer"),
    ] {
        let sandbox = https(cert);
        let mut stream = tls::connect(&sandbox);
        let error = exchange(&mut stream, &Request::set_status(1, &["user0001"]))
            .expect_err("the handshake fails");
        let error = format!("{:?}", error.into_inner());
        assert!(error.contains(reason), "{cert:?}: {error}");
        assert_eq!((sandbox.bytes_received(), sandbox.request_count()), (0, 0));
    }
}

#[test]
fn the_authority_is_in_a_file_that_goes_away_with_the_sandbox() {
    let sandbox = https(Cert::Good);
    let path = sandbox.ca_path().expect("a path");
    let text = std::fs::read_to_string(&path).expect("the file is there");
    assert_eq!(Some(text), sandbox.ca_pem());
    assert!(sandbox.url().starts_with("https://localhost:"));
    drop(sandbox);
    assert!(!path.exists());
}

#[test]
fn without_tls_there_is_no_authority() {
    let sandbox = Sandbox::start(Config::default()).expect("the sandbox starts");
    assert_eq!((sandbox.ca_pem(), sandbox.ca_path()), (None, None));
}
