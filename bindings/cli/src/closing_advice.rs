//! What to do next after a run that ended early: the last line that it prints.

use hwm::{Error, ErrorKind, Outcome};

/// A sentence for a call that ended with `error`, if its kind and its report give reason for one.
///
/// `journal`: whether the call kept one.
pub(crate) fn after(error: &Error, journal: bool) -> Option<String> {
    let report = error.report()?;
    let not_attempted = report.count(Outcome::NotAttempted);
    let left = report.count(Outcome::Unknown) + not_attempted;
    let touched = report.len() - not_attempted;
    advice(error.kind(), journal, left as u64, touched as u64)
}

/// `left`: accounts that are not settled; `touched`: those that the service was asked about.
fn advice(kind: ErrorKind, journal: bool, left: u64, touched: u64) -> Option<String> {
    let interrupted = matches!(kind, ErrorKind::Cancelled | ErrorKind::Timeout);
    match kind {
        ErrorKind::Capacity => Some(
            "there are too few resources for all: disable others first, then run the same command \
             again"
                .into(),
        ),
        ErrorKind::Cancelled
        | ErrorKind::Timeout
        | ErrorKind::Quota
        | ErrorKind::Network
        | ErrorKind::Server
        | ErrorKind::Protocol
        | ErrorKind::Authentication
        | ErrorKind::Permission
            if left > 0 && (touched > 0 || (journal && interrupted)) =>
        {
            Some(if journal {
                let accounts = if left == 1 { "account that is" } else { "accounts that are" };
                format!(
                    "the same command with the same --journal goes on with the {left} {accounts} \
                     left"
                )
            } else {
                "nothing was written down to go on from; to set all of them again does no harm, \
                 and --journal FILE lets a run go on where it ended"
                    .into()
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_named_and_where_nothing_is_nothing_is_said() {
        let cancelled = |journal, left, touched| {
            advice(ErrorKind::Cancelled, journal, left, touched).unwrap_or_default()
        };
        assert!(cancelled(true, 15, 5).ends_with("goes on with the 15 accounts that are left"));
        assert!(cancelled(true, 1, 5).ends_with("the 1 account that is left"));
        assert!(cancelled(false, 15, 5).contains("--journal FILE"));
        assert!(cancelled(true, 20, 0).contains("goes on"));
        assert_eq!(advice(ErrorKind::Authentication, true, 20, 0), None);
        assert_eq!(cancelled(true, 0, 5) + &cancelled(false, 20, 0), "");
        assert_eq!(advice(ErrorKind::Io, true, 15, 5), None);
        let capacity = advice(ErrorKind::Capacity, false, 799, 800).unwrap();
        assert!(capacity.contains("disable others first, then run"));
    }
}
