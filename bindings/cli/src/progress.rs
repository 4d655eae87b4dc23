//! How a run shows how far it is: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use hwm::{Progress, printable};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::colour;
use crate::duration;

/// How often a run says a line where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Where progress goes. Clones share one bar.
#[derive(Clone)]
pub(crate) enum Display {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Display {
    /// A bar when standard error is a terminal, lines when it is not, nothing when `quiet`.
    pub(crate) fn new(quiet: bool) -> Display {
        if quiet {
            return Display::Nothing;
        }
        if !io::stderr().is_terminal() {
            return Display::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        let bar_part = if colour::on_stderr() { "{bar:24.cyan/dim}" } else { "{bar:24}" };
        if let Ok(style) = ProgressStyle::with_template(&format!("{bar_part} {{wide_msg}}")) {
            bar.set_style(style.progress_chars("━━─"));
        }
        Display::Bar(bar)
    }

    /// Says a sentence without hurting the bar.
    pub(crate) fn say(&self, sentence: &str) {
        let say = || {
            let _ = writeln!(io::stderr(), "hwm: {}", printable(sentence));
        };
        match self {
            Display::Bar(bar) => bar.suspend(say),
            _ => say(),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Display::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }

    /// A callback that shows what it is given.
    pub(crate) fn callback(&self) -> impl FnMut(&Progress) + use<> {
        let display = self.clone();
        let mut last = Instant::now();
        move |progress| match &display {
            Display::Nothing => {}
            Display::Lines => {
                if last.elapsed() >= LINE_EVERY {
                    last = Instant::now();
                    display.say(&sentence(progress));
                }
            }
            Display::Bar(bar) => {
                bar.set_length(progress.total);
                bar.set_position(progress.settled);
                bar.set_message(sentence(progress));
            }
        }
    }
}

/// `1200 of 5000, 3 rejected, 812/s, 5 s left`
fn sentence(progress: &Progress) -> String {
    let mut text = format!("{} of {}", progress.settled, progress.total);
    for (count, what) in [(progress.rejected, "rejected"), (progress.unknown, "unknown")] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    if progress.settled > 0 && progress.elapsed_ms > 0 {
        text += &format!(", {}/s", progress.settled * 1000 / progress.elapsed_ms);
    }
    if progress.settled < progress.total && progress.remaining_ms != u64::MAX {
        text += &format!(", {} left", duration::words(progress.remaining_ms));
    }
    if progress.quota_wait_ms > 0 {
        text += &format!(", waiting {} for quota", duration::words(progress.quota_wait_ms));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_leaves_out_what_is_not_known() {
        assert_eq!(
            sentence(&{
                let mut progress = Progress::default();
                progress.total = 7;
                progress.remaining_ms = u64::MAX;
                progress
            }),
            "0 of 7"
        );
        let mut progress = Progress::default();
        (progress.total, progress.settled, progress.rejected) = (5000, 1200, 3);
        (progress.elapsed_ms, progress.remaining_ms) = (2000, 4500);
        assert_eq!(sentence(&progress), "1200 of 5000, 3 rejected, 600/s, 5 s left");
        progress.quota_wait_ms = 27 * 3_600_000;
        assert!(sentence(&progress).ends_with("waiting 1 day 3 h for quota"));
    }
}
