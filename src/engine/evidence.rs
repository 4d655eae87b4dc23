//! What one exchange showed, and what that makes of an account.

use crate::outcome::Outcome;

/// What one attempt (an HTTP exchange, or the try at one) showed about the accounts it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
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
    /// In words, as journals and logs have it.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::NotSent => "not sent",
            Evidence::Declined => "declined",
            Evidence::Refused => "refused",
            Evidence::Ambiguous => "ambiguous",
            Evidence::Applied => "applied",
        }
    }
}

/// One attempt as one of its accounts saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// What it showed.
    pub evidence: Evidence,
    /// Whether the request held this account and no other.
    pub alone: bool,
    /// Whether the refusal's code judges the account itself, whatever happened before.
    pub judges_account: bool,
}

/// All observations of one account, folded into what its outcome depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History(u8);

const APPLIED: u8 = 1;
const REJECTED: u8 = 2;
const AMBIGUOUS: u8 = 4;
const REFUSED_WITH_OTHERS: u8 = 8;

impl History {
    /// Nothing was observed.
    pub const NEW: History = History(0);

    /// The history after one more attempt. Attempts on one account never overlap.
    pub fn observe(self, seen: Observation) -> History {
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

    /// What became of the account, as far as it was observed.
    pub fn outcome(self) -> Outcome {
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

    /// Whether an answer was lost, so that nothing but a judgement of the account itself rejects it.
    pub fn was_ambiguous(self) -> bool {
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
}
