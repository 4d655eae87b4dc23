//! Seconds and memory for ten thousand, a hundred thousand and a million accounts.
//!
//! A C program calls `libhwm`, a process for each size, against a sandbox that answers at once in
//! another process on loopback. Needs a C compiler (`CC`, else `cc`).

mod server;

use std::path::{Path, PathBuf};
use std::process::Command;

use hwm_sandbox::Config;
use server::Server;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const BATCH: usize = 100;
/// Bytes of every account's name.
const NAME: f64 = 8.0;
const MOST_BYTES: f64 = 64.0;

fn main() {
    server::serve_if_asked();
    let program = program();
    let largest = SIZES[SIZES.len() - 1];
    let server = Server::start(&Config { threads: 1, ..server::with_users(largest) });
    println!("batches of {BATCH}, 8 at a time, through the C ABI; every row a process of its own");
    println!();
    println!(
        "accounts   seconds   requests/s   µs/account   peak MiB: list   + call   report bytes/account"
    );
    let mut missed = false;
    for size in SIZES {
        let took = run(&program, &server, size);
        let per_account = |kib: f64| kib * 1024.0 / size as f64;
        let report = took.with_report - took.without_report;
        let beyond_names = per_account(report) - NAME;
        println!(
            "{size:8} {:9.3} {:12.0} {:12.2} {:16.1} {:8.1} {}",
            took.seconds,
            (size / BATCH) as f64 / took.seconds,
            took.seconds * 1e6 / size as f64,
            took.peak_before / 1024.0,
            (took.peak_after - took.peak_before) / 1024.0,
            match report > 0.0 {
                true => format!("{:.1} + the name's {NAME}", beyond_names),
                false => "not told".to_owned(),
            },
        );
        missed |= size == largest && beyond_names > MOST_BYTES;
    }
    println!();
    println!("goal: the report costs at most {MOST_BYTES} bytes an account beyond the names");
    println!("{}", if missed { "MISSED" } else { "met" });
    std::process::exit(i32::from(missed));
}

struct Took {
    seconds: f64,
    peak_before: f64,
    peak_after: f64,
    with_report: f64,
    without_report: f64,
}

fn run(program: &Path, server: &Server, size: usize) -> Took {
    let output = Command::new(program)
        .arg(size.to_string())
        .env("HWM_ENDPOINT", &server.url)
        .env("HWM_ACCESS_TOKEN", "sandbox-token")
        .env("HWM_PROXY", "none")
        .env("HWM_CONCURRENCY", "8")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = String::from_utf8(output.stdout).expect("text");
    let numbers: Vec<f64> =
        line.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    Took {
        seconds: numbers[0],
        peak_before: numbers[1],
        peak_after: numbers[2],
        with_report: numbers[3],
        without_report: numbers[4],
    }
}

/// Builds the library and the C program against it.
fn program() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    finish(
        Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", "hwm-capi"])
            .current_dir(top),
    );
    // This program is target/release/deps/million-…
    let this = std::env::current_exe().expect("this program");
    let built = this.ancestors().nth(2).expect("the build folder");
    let folder = server::scratch("million");
    std::fs::create_dir_all(&folder).expect("a folder");
    let (library, soname) = if cfg!(target_os = "macos") {
        ("libhwm.dylib", format!("libhwm.{}.dylib", short_version()))
    } else {
        ("libhwm.so", format!("libhwm.so.{}", short_version()))
    };
    std::fs::copy(built.join(library), folder.join(soname)).expect("the library is copied");
    let program = folder.join("million");
    finish(
        Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-o"])
            .arg(&program)
            .arg(top.join("tests/bench/million.c"))
            .arg("-I")
            .arg(top.join("include"))
            .arg(built.join(library))
            .arg(format!("-Wl,-rpath,{}", folder.display())),
    );
    program
}

fn short_version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    version.rsplit_once('.').map_or(version, |(short, _)| short).to_owned()
}

fn finish(command: &mut Command) {
    let status = command.status().expect("the command runs");
    assert!(status.success(), "{command:?}: {status}");
}
