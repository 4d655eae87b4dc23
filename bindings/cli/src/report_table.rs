//! The report for people: failures first.

use std::io::{self, Write};

use hwm::{Entry, Outcome, Report};
use unicode_width::UnicodeWidthStr;

use crate::colour::paint;
use crate::progress::duration;

/// The outcomes in the order of the table, with the most accounts listed of each.
const SECTIONS: [(Outcome, usize); 4] = [
    (Outcome::Rejected, 1000),
    (Outcome::Unknown, 1000),
    (Outcome::NotAttempted, 20),
    (Outcome::Applied, 20),
];

/// Widest account that others are aligned to.
const WIDEST: usize = 40;

/// Writes the table and the summary.
pub(crate) fn write(report: &Report, out: &mut impl Write, colours: bool) -> io::Result<()> {
    if report.is_dry_run() {
        return write_plan(report, out);
    }
    let mut lines = Vec::new();
    for (outcome, most) in SECTIONS {
        let entries = report.iter().filter(|entry| entry.outcome == outcome).take(most);
        lines.extend(entries.map(|entry| (outcome, harmless(entry.account), reason(&entry))));
        let left = report.count(outcome).saturating_sub(most);
        if left > 0 {
            lines.push((outcome, format!("… and {left} more"), "all of them: --csv FILE".into()));
        }
    }
    let width = lines.iter().map(|(_, account, _)| account.width()).max().unwrap_or(0).min(WIDEST);
    for (outcome, account, reason) in lines {
        let name = paint(&format!("{:<13}", outcome.name()), outcome, colours);
        let padding = " ".repeat(width.saturating_sub(account.width()));
        writeln!(out, "{}", format!("{name}  {account}{padding}  {reason}").trim_end())?;
    }
    writeln!(out, "{}", report.summary())?;
    if report.refusals_not_reproduced() > 0 {
        writeln!(
            out,
            "{} refused batches passed in parts: a smaller --batch-size saves requests",
            report.refusals_not_reproduced()
        )?;
    }
    Ok(())
}

fn write_plan(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let plan = report.plan();
    writeln!(out, "{}", report.summary())?;
    writeln!(out, "  accounts  {}", plan.accounts)?;
    writeln!(out, "  repeats   {} (sent once)", plan.repeats)?;
    if report.from_journal_count() > 0 {
        writeln!(out, "  journal   {} settled before", report.from_journal_count())?;
    }
    writeln!(out, "  requests  {}", plan.batches)?;
    if plan.estimated_ms > 0 {
        writeln!(out, "  time      about {}", duration(plan.estimated_ms))?;
    }
    Ok(())
}

/// `400 USG.201040000 user account does not exist [request 208b…]`; nothing for a plain success.
fn reason(entry: &Entry<'_>) -> String {
    let mut parts = Vec::new();
    if entry.outcome != Outcome::Applied {
        if entry.http_status > 0 {
            parts.push(entry.http_status.to_string());
        }
        parts.push(harmless(entry.service_code));
        parts.push(harmless(entry.message));
        if !entry.request_id.is_empty() {
            parts.push(format!("[request {}]", harmless(entry.request_id)));
        }
    }
    if entry.from_journal {
        parts.push("(from the journal)".into());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// Text of the service, made harmless for a terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_control_character_reaches_the_terminal() {
        assert_eq!(harmless("a\x1b[31mb\n张"), "a\u{FFFD}[31mb\u{FFFD}张");
    }
}
