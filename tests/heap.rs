//! A secret is wiped from memory when its client is gone.
//!
//! That is promised for what the library keeps: keys, passwords and tokens in options and
//! clients. What was sent was also in buffers of HTTP and TLS, which free without wiping; the App
//! Key is never sent, so nothing of it may be left.
#![cfg(target_os = "linux")]

mod scene;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use hwm::{Call, Client, ErrorKind, UserStatus};

const MASK: u8 = 0xa5;

/// How often the masked secret stands unmasked in the writable memory of this process.
fn occurrences(masked: &[u8]) -> usize {
    let maps = BufReader::new(File::open("/proc/self/maps").unwrap());
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    for line in maps.lines().map(Result::unwrap).filter(|line| line.contains(" rw-p ")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let (from, to) =
            (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        memory.seek(SeekFrom::Start(from)).unwrap();
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        let first = masked[0] ^ MASK;
        for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == first) {
            let rest = bytes[at..].iter().map(|byte| byte ^ MASK);
            found += usize::from(rest.take(masked.len()).eq(masked.iter().copied()));
        }
        bytes.fill(0);
    }
    found
}

#[test]
fn an_app_key_is_gone_with_its_client() {
    let masked: Vec<u8> = (0..32u8).map(|i| (b'a' + (i * 7) % 26) ^ MASK).collect();
    let sandbox = scene::start(scene::disabled_users(1));
    let mut key: Vec<u8> = masked.iter().map(|byte| byte ^ MASK).collect();
    let mut options = scene::options(&sandbox);
    options.set("access_token", None).unwrap();
    scene::set(
        &mut options,
        &[("app_id", "some-app"), ("app_key", std::str::from_utf8(&key).unwrap())],
    );
    key.fill(0);
    std::hint::black_box(&key);
    let client = Client::new(&options).unwrap();
    let error = client.set_status(UserStatus::Normal, ["u0000"], Call::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "signed with it, and refused: {error}");
    assert!(occurrences(&masked) >= 2, "options and client hold it, so the search can find it");
    drop(client);
    drop(options);
    assert_eq!(occurrences(&masked), 0);
}
