//! Sets the status of the accounts in a file, one a line, and prints what became of each.
//!
//! `set_status normal|disabled FILE`, with credentials in `HWM_ACCESS_TOKEN` or the other variables
//! of the options table.

use std::{env, fs, process::ExitCode};

use hwm::{Call, Client, Error, Outcome, UserStatus};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let [_, status, file] = &arguments[..] else {
        eprintln!("usage: set_status normal|disabled FILE");
        return ExitCode::from(2);
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let accounts: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    match set_status(status, &accounts) {
        Ok(all_applied) => ExitCode::from(u8::from(!all_applied)),
        Err(error) => {
            eprintln!("{}: {error}", error.kind());
            ExitCode::FAILURE
        }
    }
}

fn set_status(status: &str, accounts: &[&str]) -> Result<bool, Error> {
    let client = Client::from_env()?; // HWM_ACCESS_TOKEN, HWM_ENDPOINT, …
    let status: UserStatus = status.parse()?;
    let report = client.set_status(status, accounts, Call::new())?;
    println!("{}", report.summary());
    for entry in report.iter().filter(|entry| entry.outcome != Outcome::Applied) {
        println!("{}: {} {}", entry.account, entry.outcome, entry.message);
    }
    client.close()?;
    Ok(report.all_applied())
}
