//! Sets the status of the accounts of a text or CSV file, one a line, and prints the report.
//!
//! ```text
//! set_status disabled ACCOUNTS.csv [CA.pem]
//! ```
//!
//! Options come from the environment: HWM_APP_ID and HWM_APP_KEY, HWM_ENDPOINT, …

use std::process::ExitCode;
use std::{env, error, fs};

use hwm::{Call, Client, Options};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [status, file, ca_file @ ..] = &arguments[..] else {
        eprintln!("usage: set_status normal|disabled ACCOUNTS.csv [CA.pem]");
        return ExitCode::from(2);
    };
    match set_status(status, file, ca_file.first().map(String::as_str)) {
        Ok(all_applied) => ExitCode::from(u8::from(!all_applied)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn set_status(
    status: &str,
    file: &str,
    ca_file: Option<&str>,
) -> Result<bool, Box<dyn error::Error>> {
    let accounts = read_accounts(file)?;
    let mut options = Options::from_env()?;
    options.set("ca_file", ca_file)?;
    let client = Client::new(&options)?;
    let report = client.set_status(status.parse()?, &accounts, Call::new())?;
    for entry in report.iter() {
        println!("{}: {} {}", entry.account, entry.outcome, entry.message);
    }
    println!("{}", report.summary());
    Ok(report.all_applied())
}

/// The first field of every line, but for the header `account` of a CSV file.
fn read_accounts(file: &str) -> std::io::Result<Vec<String>> {
    let text = fs::read_to_string(file)?;
    let fields = text.lines().filter_map(|line| line.split(',').next());
    Ok(fields.filter(|field| !field.is_empty() && *field != "account").map(str::to_owned).collect())
}
