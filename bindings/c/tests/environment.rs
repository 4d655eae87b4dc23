//! The environment is read when a client is made, and not again.
//!
//! Here, and not with the tests of the core, because changing the environment is `unsafe`.

#![allow(unsafe_code)]

#[path = "../../../tests/raw/mod.rs"]
mod raw;

use std::io::Write;

use hwm::{Call, Client, UserStatus};
use raw::{Then, answer, serve, serve_bytes};

#[test]
fn a_proxy_that_the_environment_names_later_is_not_gone_through_on_a_new_connection() {
    let proxy = serve_bytes(answer(200, "X-Request-Id: {id}\r\n", b""), false);
    // 421 asks for a new connection.
    let service = serve(|heard, stream| {
        let status = if heard.number == 0 { 421 } else { 200 };
        let _ = stream.write_all(&answer(status, "", b""));
        Then::Keep
    });
    let mut options = service.options(&[("allow_http", "true")]);
    options.set("endpoint", service.url().replace("127.0.0.1", "0.0.0.0").as_str()).unwrap();
    options.set("proxy", None).unwrap();
    // SAFETY: no other thread of this program reads the environment.
    unsafe {
        ["NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"]
            .iter()
            .for_each(|name| std::env::remove_var(name));
    }
    let client = Client::new(&options).unwrap();
    // SAFETY: as above.
    unsafe { std::env::set_var("HTTP_PROXY", proxy.url()) };
    let report = client.set_status(UserStatus::Normal, ["a"], Call::new()).unwrap();
    assert!(report.all_applied());
    assert_eq!((service.heard().len(), proxy.heard().len()), (2, 0));
}
