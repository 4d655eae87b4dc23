//! `hwm-sandbox`: a sandbox in a process of its own.
//!
//! Tells where it listens in one JSON line on standard output, and stops when its standard input
//! closes or it is asked to by SIGTERM or SIGINT.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::Parser;
use hwm_sandbox::{Config, Quota, Sandbox};
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Plays the Huawei Cloud Meeting user status API on loopback.
#[derive(Debug, Parser)]
#[command(name = "hwm-sandbox")]
struct Arguments {
    /// How many users to generate.
    #[arg(long)]
    users: Option<usize>,
    /// Where all randomness comes from.
    #[arg(long)]
    seed: Option<u64>,
    /// A CSV file of users: account,status[,third_account][,name].
    #[arg(long, value_name = "FILE")]
    users_csv: Option<PathBuf>,
    /// Serve HTTPS with a certificate of the sandbox's own authority.
    #[arg(long)]
    tls: bool,
    /// The access token that is valid from the start.
    #[arg(long)]
    token: Option<String>,
    /// How long every request takes.
    #[arg(long, value_name = "MS")]
    latency_ms: Option<u64>,
    /// How many requests pass in how many seconds.
    #[arg(long, value_name = "LIMIT/SECONDS", value_parser = quota)]
    quota: Option<Quota>,
    /// The whole configuration as JSON, or @FILE; the other options change it.
    #[arg(long, value_name = "JSON|@FILE")]
    config: Option<String>,
}

fn main() -> io::Result<()> {
    let config = configure(Arguments::parse())?;
    let endings = Endings::listen()?;
    let mut ready = json!({
        "token": config.tokens.first(),
        "app_id": config.app_id,
        "app_key": config.app_key,
        "corp_id": config.corp_id,
        "login": config.logins.first(),
    });
    let sandbox = Sandbox::start(config)?;
    ready["url"] = json!(sandbox.url());
    ready["control"] = json!(sandbox.control_url());
    ready["ca_file"] = json!(sandbox.ca_path());
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    drop(stdout);
    endings.wait();
    Ok(())
}

fn configure(arguments: Arguments) -> io::Result<Config> {
    let mut config: Config = match arguments.config {
        None => Config::default(),
        Some(text) => {
            let text = match text.strip_prefix('@') {
                Some(path) => std::fs::read_to_string(path)?,
                None => text,
            };
            serde_json::from_str(&text)?
        }
    };
    if let Some(users) = arguments.users {
        config.users = users;
    }
    if let Some(seed) = arguments.seed {
        config.seed = seed;
    }
    if let Some(path) = arguments.users_csv {
        config.users_csv = Some(path);
    }
    if arguments.tls {
        config.tls = true;
    }
    if let Some(token) = arguments.token {
        config.tokens = vec![token];
    }
    if let Some(latency_ms) = arguments.latency_ms {
        config.latency_ms = latency_ms;
    }
    if let Some(quota) = arguments.quota {
        config.quota = Some(quota);
    }
    Ok(config)
}

fn quota(text: &str) -> Result<Quota, String> {
    let wrong = || format!("{text:?} is not LIMIT/SECONDS, such as 100/60");
    let (limit, seconds) = text.split_once('/').ok_or_else(wrong)?;
    let seconds: f64 = seconds.parse().map_err(|_| wrong())?;
    if !seconds.is_finite() || seconds <= 0.0 {
        return Err(wrong());
    }
    Ok(Quota {
        limit: limit.parse().map_err(|_| wrong())?,
        window_ms: (seconds * 1000.0) as u64,
        ..Quota::default()
    })
}

/// What ends the process.
struct Endings {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
    input_closed: oneshot::Receiver<()>,
}

impl Endings {
    /// Listens from now on.
    fn listen() -> io::Result<Endings> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (terminate, interrupt) = {
            let _inside = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        let (closed, input_closed) = oneshot::channel();
        // Reading standard input blocks and cannot be called off, so that its thread is left to the
        // process's end.
        std::thread::Builder::new().name("hwm-sandbox-stdin".to_owned()).spawn(move || {
            let mut buffer = [0; 1024];
            while matches!(io::stdin().read(&mut buffer), Ok(1..)) {}
            let _ = closed.send(());
        })?;
        Ok(Endings { runtime, terminate, interrupt, input_closed })
    }

    /// Returns when standard input closes or a signal asks to stop.
    fn wait(mut self) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.input_closed => {}
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
        });
    }
}
