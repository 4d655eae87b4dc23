//! Ctrl-C and SIGTERM: the first cancels and lets requests in flight end, the second ends the run.

use std::io;
use std::process;
use std::sync::{Arc, OnceLock};
use std::thread;

use hwm::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::exit_code::Exit;
use crate::progress::Display;

/// What a signal does, from [`watch`] on.
pub(crate) struct Interruption {
    cancel: Cancel,
    display: Arc<OnceLock<Display>>,
}

/// Takes over SIGINT and SIGTERM. Until [`Interruption::guard`] they end the process at once.
pub(crate) fn watch() -> io::Result<Interruption> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    // A report beyond `ulimit -f` is an error that is told, not the end of the process.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    let cancel = Cancel::new();
    let display: Arc<OnceLock<Display>> = Arc::default();
    let interruption = Interruption { cancel: cancel.clone(), display: Arc::clone(&display) };
    thread::Builder::new().name("hwm-signals".into()).spawn(move || {
        let mut times = 0;
        for _ in signals.forever() {
            let Some(display) = display.get() else {
                let _ = io::Write::write_all(&mut io::stderr(), b"\nhwm: nothing was sent\n");
                process::exit(Exit::Cancelled.code().into());
            };
            times += 1;
            match times {
                1 => display.say("cancelling: requests in flight may end; once more ends them"),
                2 => display.say("ending now"),
                _ => process::exit(Exit::Cancelled.code().into()),
            }
            cancel.trigger();
        }
    })?;
    Ok(interruption)
}

impl Interruption {
    /// From here on a signal cancels the call that is given the returned handle.
    pub(crate) fn guard(&self, display: &Display) -> Cancel {
        let _ = self.display.set(display.clone());
        self.cancel.clone()
    }
}
