//! The report for people: failures first, and what is alike folded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use hwm::{Entry, Outcome, Plan, Report, printable};
use unicode_width::UnicodeWidthStr;

use crate::colour::paint;
use crate::duration;

/// The outcomes in the order of the table, with the most accounts that are listed of those with
/// the same answer. Each rejected one has to be corrected in the list; of the others the number
/// matters more than the names.
const SECTIONS: [(Outcome, usize); 4] = [
    (Outcome::Rejected, 1000),
    (Outcome::Unknown, 20),
    (Outcome::NotAttempted, 20),
    (Outcome::Applied, 20),
];

/// Most different answers of a section that are listed.
const ANSWERS: usize = 50;

/// Widest account that others are aligned to.
const WIDEST: usize = 40;

/// Writes the table and the summary.
pub(crate) fn write(report: &Report, out: &mut impl Write, colours: bool) -> io::Result<()> {
    if report.is_dry_run() {
        let settled = report.iter().filter(|entry| entry.from_journal && is_settled(entry));
        writeln!(out, "{}", report.summary())?;
        return write_plan(report.plan(), settled.count() as u64, out);
    }
    let lines: Vec<_> =
        SECTIONS.into_iter().flat_map(|(outcome, most)| section(report, outcome, most)).collect();
    let accounts = lines.iter().filter(|line| line.reason.is_some());
    let width = accounts.map(|line| line.account.width()).max().unwrap_or(0).min(WIDEST);
    for Line { outcome, account, reason } in lines {
        let name = paint(&format!("{:<13}", outcome.name()), outcome, colours);
        let padding = " ".repeat(width.saturating_sub(account.width()));
        let reason = reason.unwrap_or_default();
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

struct Line {
    outcome: Outcome,
    /// An account, or how many are folded.
    account: String,
    /// Empty for a plain success, `None` for what is folded.
    reason: Option<String>,
}

/// The accounts with `outcome`: up to `most` of each answer, then how many more there are.
fn section(report: &Report, outcome: Outcome, most: usize) -> Vec<Line> {
    let mut numbers = HashMap::new();
    let mut answers: Vec<(Vec<Line>, usize)> = Vec::new();
    let mut beyond = 0;
    for entry in report.iter().filter(|entry| entry.outcome == outcome) {
        // The request ids differ where the answers do not.
        let answer = match outcome {
            Outcome::Applied => (0, "", "", entry.from_journal),
            _ => (entry.http_status, entry.service_code, entry.message, entry.from_journal),
        };
        let number = *numbers.entry(answer).or_insert(answers.len());
        if number >= ANSWERS {
            numbers.remove(&answer);
            beyond += 1;
            continue;
        }
        if number == answers.len() {
            answers.push((Vec::new(), 0));
        }
        let (lines, folded) = &mut answers[number];
        if lines.len() < most {
            let (account, reason) = (printable(entry.account).into_owned(), reason(&entry));
            lines.push(Line { outcome, account, reason: Some(reason) });
        } else {
            *folded += 1;
        }
    }
    let name = outcome.name().replace('_', " ");
    let folded = |count: usize, same: &str| Line {
        outcome,
        account: format!("… and {count} more {name}{same} (--csv or --json lists all)"),
        reason: None,
    };
    let same = if outcome == Outcome::Applied { "" } else { ": same answer" };
    let mut section = Vec::new();
    for (lines, more) in answers {
        section.extend(lines);
        if more > 0 {
            section.push(folded(more, same));
        }
    }
    if beyond > 0 {
        section.push(folded(beyond, ": other answers"));
    }
    section
}

fn is_settled(entry: &Entry<'_>) -> bool {
    matches!(entry.outcome, Outcome::Applied | Outcome::Rejected)
}

/// What a run would do. `settled`: accounts that the journal holds the outcome of.
fn write_plan(plan: Plan, settled: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  accounts  {}", plan.accounts)?;
    if settled > 0 {
        writeln!(out, "  settled   {settled} (by the journal; not sent again)")?;
        writeln!(out, "  left      {}", plan.accounts.saturating_sub(settled))?;
    }
    writeln!(out, "  repeats   {} (sent once)", plan.repeats)?;
    writeln!(out, "  requests  {}", plan.batches)?;
    if plan.estimated_ms > 0 {
        writeln!(out, "  time      about {}", duration::words(plan.estimated_ms))?;
    }
    Ok(())
}

/// `400 USG.201040000 user account does not exist [request 208b…]`; nothing for a plain success.
fn reason(entry: &Entry<'_>) -> String {
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    if entry.outcome != Outcome::Applied {
        if entry.http_status > 0 {
            parts.push(entry.http_status.to_string().into());
        }
        parts.push(printable(entry.service_code));
        parts.push(printable(entry.message));
        if !entry.request_id.is_empty() {
            parts.push(format!("[request {}]", printable(entry.request_id)).into());
        }
    }
    if entry.from_journal {
        parts.push("(from the journal)".into());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_tells_what_the_journal_has_settled_and_what_is_left() {
        let mut plan = Plan::default();
        (plan.accounts, plan.repeats, plan.batches) = (800, 3, 2);
        plan.estimated_ms = 27 * 3_600_000;
        let mut text = Vec::new();
        write_plan(plan, 650, &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "  accounts  800\n  settled   650 (by the journal; not sent again)\n  \
             left      150\n  repeats   3 (sent once)\n  requests  2\n  time      about 1 day 3 h\n"
        );
        let mut text = Vec::new();
        write_plan(plan, 0, &mut text).unwrap();
        assert!(!String::from_utf8(text).unwrap().contains("journal"));
    }
}
