//! The library's log on standard error, for `--verbose`. No secret is ever part of it.

use std::io::{self, Write};

use hwm::printable;
use log::{LevelFilter, Log, Metadata, Record};

struct Lines;

static LINES: Lines = Lines;

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().split("::").next() == Some("hwm")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let text = record.args().to_string();
            let text = printable(&text);
            let level = record.level().as_str().to_lowercase();
            let _ = writeln!(io::stderr().lock(), "hwm: {level}: {text}");
        }
    }

    fn flush(&self) {}
}

/// Shows warnings and decisions at 1, every attempt at 2, accounts too from 3 on.
pub(crate) fn show(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::Info,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    if log::set_logger(&LINES).is_ok() {
        log::set_max_level(level);
    }
}
