//! When to send again: what each answer or failure asks for.

use crate::api::said::Said;

/// What to do with a batch after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It has its outcome.
    Settle,
    /// It was refused: find out which accounts are the reason.
    Refused,
    /// Send again after a backoff; a try is counted.
    Again,
    /// A connection that had been kept alive was reset: send again; no try is counted.
    AgainAtOnce,
    /// Send again on a new connection, once; a try is counted.
    AgainElsewhere,
    /// The quota is used up: send again when it allows; no try is counted.
    WaitForQuota,
    /// The token was not accepted: renew it and send again; no try is counted.
    RenewToken,
    /// Too large: send both halves.
    Split,
    /// Success and refusal look otherwise: send again after a backoff, once; then its accounts
    /// stay unknown.
    Undocumented,
    /// It tells something about its accounts that cannot be read: they stay unknown.
    LeaveUnknown,
    /// Neither this batch nor any other will get a better answer: end the run.
    Stop,
}

/// What a 200 to a status request asks for.
pub(crate) fn after_success(said: Said) -> Next {
    match said {
        Said::Success => Next::Settle,
        Said::Refusal => Next::Refused,
        Said::Accounts => Next::LeaveUnknown,
        Said::Page => Next::Again,
        Said::Undocumented(_) => Next::Undocumented,
    }
}

/// What a complete answer asks for. For a 200 to a status request see [`after_success`].
pub(crate) fn after_answer(status: u16, code: &str, is_html: bool, has_retry_after: bool) -> Next {
    match status {
        200 if is_html => Next::Again,
        200 if code.is_empty() => Next::Settle,
        200 | 400 | 422 => Next::Refused,
        401 => Next::RenewToken,
        403 if code == "USG.000000004" => Next::RenewToken,
        409 => Next::Refused,
        413 => Next::Split,
        421 => Next::AgainElsewhere,
        429 => Next::WaitForQuota,
        503 if has_retry_after => Next::WaitForQuota,
        408 | 425 => Next::Again,
        501 | 505 => Next::Stop,
        300..=499 => Next::Stop,
        _ => Next::Again,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_asks_for_what_the_rule_says() {
        for status in 200..600u16 {
            let expected = match status {
                200 => Next::Settle,
                400 | 409 | 422 => Next::Refused,
                401 => Next::RenewToken,
                408 | 425 => Next::Again,
                413 => Next::Split,
                421 => Next::AgainElsewhere,
                429 => Next::WaitForQuota,
                300..=499 | 501 | 505 => Next::Stop,
                _ => Next::Again,
            };
            assert_eq!(after_answer(status, "", false, false), expected, "{status}");
        }
        assert_eq!(after_answer(403, "USG.000000004", false, false), Next::RenewToken);
        assert_eq!(after_answer(503, "", false, true), Next::WaitForQuota);
        assert_eq!(after_answer(200, "USG.1", false, false), Next::Refused);
        assert_eq!(after_answer(200, "", true, false), Next::Again);
    }

    #[test]
    fn a_200_is_sent_again_unless_it_decides_or_names_accounts() {
        for (said, next) in [
            (Said::Success, Next::Settle),
            (Said::Refusal, Next::Refused),
            (Said::Accounts, Next::LeaveUnknown),
            (Said::Page, Next::Again),
            (Said::Undocumented("it is new"), Next::Undocumented),
        ] {
            assert_eq!(after_success(said), next);
        }
    }
}
