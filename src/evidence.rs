//! What one exchange showed, and what that makes of an account.

use crate::api::said::Said;
use crate::model::Outcome;

/// What one attempt (an HTTP exchange, or the try at one) showed about the accounts it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Evidence {
    /// No byte of the request was written.
    NotSent,
    /// A complete answer that the service gave before it acted.
    Declined,
    /// The service judged the request and said no.
    Refused,
    /// A byte was written, and nothing tells what the service did.
    Ambiguous,
    /// A complete 200 that says that the request was carried out.
    Applied,
}

impl Evidence {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Evidence::NotSent => "not sent",
            Evidence::Declined => "declined",
            Evidence::Refused => "refused",
            Evidence::Ambiguous => "ambiguous",
            Evidence::Applied => "applied",
        }
    }

    /// The evidence in an answer. `said`: what it says, if its status is 200.
    pub(crate) fn of_answer(http_status: u16, said: Option<Said>) -> Evidence {
        match http_status {
            200 if said == Some(Said::Success) => Evidence::Applied,
            200 if said == Some(Said::Refusal) => Evidence::Refused,
            408 => Evidence::Ambiguous,
            400 | 409 | 422 => Evidence::Refused,
            300..=399 | 401 | 403..=405 | 407 | 411..=415 | 421 | 423 | 425 | 429 | 431 => {
                Evidence::Declined
            }
            // Any other answer leaves open what the service did before it.
            _ => Evidence::Ambiguous,
        }
    }
}

/// One attempt as one of its accounts saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) evidence: Evidence,
    /// Whether the request held this account and no other.
    pub(crate) alone: bool,
    /// Whether the refusal's code judges the account itself, whatever happened before.
    pub(crate) judges_account: bool,
}

/// All observations of one account, folded into what its outcome depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct History(u8);

const APPLIED: u8 = 1;
const REJECTED: u8 = 2;
const AMBIGUOUS: u8 = 4;
const REFUSED_WITH_OTHERS: u8 = 8;

impl History {
    pub(crate) const NEW: History = History(0);

    /// The history after one more attempt. Attempts on one account never overlap.
    pub(crate) fn observe(self, seen: Observation) -> History {
        let bits = self.0;
        History(match seen.evidence {
            Evidence::NotSent | Evidence::Declined => bits,
            Evidence::Applied => bits | APPLIED,
            // A refusal that came before this attempt no longer speaks for the account.
            Evidence::Ambiguous => (bits & !REJECTED) | AMBIGUOUS,
            Evidence::Refused if !seen.alone => bits | REFUSED_WITH_OTHERS,
            Evidence::Refused if bits & AMBIGUOUS == 0 || seen.judges_account => bits | REJECTED,
            Evidence::Refused => bits,
        })
    }

    pub(crate) fn outcome(self) -> Outcome {
        if self.0 & APPLIED != 0 {
            Outcome::Applied
        } else if self.0 & REJECTED != 0 {
            Outcome::Rejected
        } else if self.0 & (AMBIGUOUS | REFUSED_WITH_OTHERS) != 0 {
            Outcome::Unknown
        } else {
            Outcome::NotAttempted
        }
    }

    pub(crate) fn was_ambiguous(self) -> bool {
        self.0 & AMBIGUOUS != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule, word by word, over the whole list of attempts.
    fn by_the_rule(attempts: &[Observation]) -> Outcome {
        let any = |found: &dyn Fn(&Observation) -> bool| attempts.iter().any(found);
        if any(&|seen| seen.evidence == Evidence::Applied) {
            return Outcome::Applied;
        }
        let rejected = attempts.iter().enumerate().any(|(i, seen)| {
            let ambiguous = |seen: &Observation| seen.evidence == Evidence::Ambiguous;
            let ambiguous_before = attempts[..i].iter().any(ambiguous);
            let ambiguous_after = attempts[i..].iter().any(ambiguous);
            seen.evidence == Evidence::Refused
                && seen.alone
                && !ambiguous_after
                && (!ambiguous_before || seen.judges_account)
        });
        if rejected {
            return Outcome::Rejected;
        }
        if any(&|seen| seen.evidence == Evidence::Ambiguous)
            || any(&|seen| seen.evidence == Evidence::Refused && !seen.alone)
        {
            return Outcome::Unknown;
        }
        Outcome::NotAttempted
    }

    fn every_observation() -> Vec<Observation> {
        let mut all = Vec::new();
        for evidence in [
            Evidence::NotSent,
            Evidence::Declined,
            Evidence::Refused,
            Evidence::Ambiguous,
            Evidence::Applied,
        ] {
            for alone in [false, true] {
                for judges_account in [false, true] {
                    all.push(Observation { evidence, alone, judges_account });
                }
            }
        }
        all
    }

    #[test]
    fn the_fold_agrees_with_the_rule_on_every_sequence_of_up_to_four_attempts() {
        let all = every_observation();
        let mut sequences: Vec<Vec<Observation>> = vec![vec![]];
        for _ in 0..=4 {
            for sequence in &sequences {
                let folded = sequence.iter().fold(History::NEW, |h, &seen| h.observe(seen));
                // A refusal alone in a sequence after an undecided lone refusal is still undecided.
                assert_eq!(folded.outcome(), by_the_rule(sequence), "{sequence:?}");
            }
            if sequences[0].len() == 4 {
                break;
            }
            sequences = sequences
                .iter()
                .flat_map(|sequence| {
                    all.iter().map(|&seen| {
                        let mut longer = sequence.clone();
                        longer.push(seen);
                        longer
                    })
                })
                .collect();
        }
    }

    #[test]
    fn every_status_gives_the_evidence_of_the_table() {
        for status in 100..600u16 {
            let expected = match status {
                400 | 409 | 422 => Evidence::Refused,
                408 => Evidence::Ambiguous,
                300..=399 => Evidence::Declined,
                401 | 403 | 404 | 405 | 407 | 411 | 412 | 413 | 414 | 415 => Evidence::Declined,
                421 | 423 | 425 | 429 | 431 => Evidence::Declined,
                _ => Evidence::Ambiguous,
            };
            assert_eq!(Evidence::of_answer(status, None), expected, "{status}");
            for said in [Said::Success, Said::Refusal, Said::Accounts, Said::Page] {
                if status != 200 {
                    assert_eq!(Evidence::of_answer(status, Some(said)), expected, "{status}");
                }
            }
        }
        for (said, expected) in [
            (Said::Success, Evidence::Applied),
            (Said::Refusal, Evidence::Refused),
            (Said::Accounts, Evidence::Ambiguous),
            (Said::Page, Evidence::Ambiguous),
            (Said::Undocumented("it is new"), Evidence::Ambiguous),
        ] {
            assert_eq!(Evidence::of_answer(200, Some(said)), expected, "{said:?}");
        }
    }
}
