//! Which accounts to ask about next, to find the bad ones of a refused batch in few requests.

use std::collections::VecDeque;

/// The search for the bad accounts of one refused batch.
///
/// It works from the left. The share of good accounts is estimated from what was judged so far,
/// and each group is sized so that it passes with a probability near one half: that is when an
/// answer tells the most. What an answer implies only chooses the next question; an account is
/// found bad by a refusal of it alone, and by nothing else.
#[derive(Debug)]
pub struct Isolation {
    /// Accounts not yet judged, in the caller's order.
    rest: VecDeque<u32>,
    /// The first so many of `rest` hold at least one bad account; 0: nothing is known.
    suspect: usize,
    /// How many of the front are being asked about.
    asking: usize,
    /// No part was refused yet, and that the whole was says nothing.
    in_parts: bool,
    judged: u32,
    bad: u32,
    good: u32,
    /// Answered requests, the refused original included.
    used: usize,
    budget: usize,
}

impl Isolation {
    /// A search among `accounts`, which were refused together.
    pub fn new(accounts: Vec<u32>) -> Self {
        Isolation {
            suspect: accounts.len(),
            asking: 0,
            in_parts: false,
            judged: 0,
            bad: 0,
            good: 0,
            used: 1,
            budget: 2 * accounts.len(),
            rest: accounts.into(),
        }
    }

    /// A search among `accounts`, which were refused together, perhaps for being too many: as long
    /// as no part is refused, it asks for parts as large as they may be.
    pub fn in_parts(accounts: Vec<u32>) -> Self {
        Isolation { suspect: 0, in_parts: true, ..Isolation::new(accounts) }
    }

    /// The accounts to ask about together now, at most `most`; `None` when all are judged.
    pub fn next(&mut self, most: usize) -> Option<Vec<u32>> {
        if self.rest.is_empty() {
            return None;
        }
        self.asking = self.group().clamp(1, most.max(1));
        Some(self.rest.iter().take(self.asking).copied().collect())
    }

    fn group(&self) -> usize {
        if self.used + 1 + self.rest.len() > self.budget || self.suspect == 1 {
            return 1;
        }
        if self.in_parts {
            return self.rest.len();
        }
        let good = 1.0 - (f64::from(self.bad) + 0.3) / (f64::from(self.judged) + 15.0);
        if self.suspect > 1 {
            let all_good = good.powi(self.suspect as i32);
            let half = (0.5 + all_good / 2.0).ln() / good.ln();
            (half.round() as usize).clamp(1, self.suspect - 1)
        } else {
            let half = 0.5f64.ln() / good.ln();
            (half.round() as usize).clamp(1, self.rest.len())
        }
    }

    /// The group asked about was applied.
    pub fn passed(&mut self) {
        self.used += 1;
        self.good += self.asking as u32;
        self.judge();
        self.suspect = self.suspect.saturating_sub(self.asking);
    }

    /// The group asked about was refused. Returns whether that judged a single account.
    pub fn refused(&mut self) -> bool {
        self.used += 1;
        self.in_parts = false;
        if self.asking > 1 {
            self.suspect = self.asking;
            return false;
        }
        self.bad += 1;
        self.judge();
        self.suspect = 0;
        true
    }

    /// The group asked about cannot be judged: it leaves the search undecided.
    pub fn gave_up(&mut self) {
        self.rest.drain(..self.asking);
        self.suspect = 0;
    }

    fn judge(&mut self) {
        self.rest.drain(..self.asking);
        self.judged += self.asking as u32;
    }

    /// How many accounts the batch had.
    pub fn size(&self) -> usize {
        self.budget / 2
    }

    /// The accounts that are not judged yet.
    pub fn into_rest(self) -> Vec<u32> {
        self.rest.into()
    }

    /// Whether every account has passed, though the batch was refused.
    pub fn refusal_not_reproduced(&self) -> bool {
        self.rest.is_empty() && self.bad == 0 && self.good as usize == self.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests that the search takes, the original included, and whom it finds bad.
    fn run(n: u32, bad: &[u32]) -> (usize, Vec<u32>) {
        let mut search = Isolation::new((0..n).collect());
        let mut found = Vec::new();
        let mut requests = 1;
        while let Some(group) = search.next(1000) {
            requests += 1;
            if !group.iter().any(|account| bad.contains(account)) {
                search.passed();
            } else if search.refused() {
                found.push(group[0]);
            }
        }
        (requests, found)
    }

    #[test]
    fn a_search_in_parts_keeps_the_budget_and_asks_for_whole_parts_while_they_pass() {
        let mut random = fastrand::Rng::with_seed(9);
        for round in 0..2000 {
            let n = random.u32(1..=200);
            let most = random.usize(1..=n as usize);
            let bad: Vec<u32> = match round % 4 {
                0 => vec![],
                1 => (0..n).collect(),
                _ => (0..n).filter(|_| random.f64() < 0.3).collect(),
            };
            let mut search = Isolation::in_parts((0..n).collect());
            let mut requests = 1;
            while let Some(group) = search.next(most) {
                requests += 1;
                assert!(group.len() <= most);
                match group.iter().any(|account| bad.contains(account)) {
                    true => _ = search.refused(),
                    false => search.passed(),
                }
            }
            assert!(requests <= 2 * n as usize, "{requests} for {n} in parts of {most}");
            if bad.is_empty() {
                assert_eq!(requests, 1 + (n as usize).div_ceil(most));
                assert!(search.refusal_not_reproduced());
            }
        }
    }

    #[test]
    fn every_bad_account_is_found_within_the_budget() {
        let mut random = fastrand::Rng::with_seed(7);
        for n in [1, 2, 3, 10, 100, 257] {
            for _ in 0..200 {
                let k = random.u32(1..=n);
                let mut all: Vec<u32> = (0..n).collect();
                random.shuffle(&mut all);
                let mut bad = all[..k as usize].to_vec();
                bad.sort_unstable();
                let (requests, found) = run(n, &bad);
                assert_eq!(found, bad);
                assert!(requests <= 2 * n as usize, "{requests} requests for {k} bad of {n}");
            }
        }
    }

    #[test]
    fn few_bad_accounts_cost_near_the_information_they_carry() {
        let mut random = fastrand::Rng::with_seed(1);
        for k in [1u32, 2, 3, 5] {
            let placements = 2000;
            let total: usize = (0..placements)
                .map(|_| {
                    let mut all: Vec<u32> = (0..100).collect();
                    random.shuffle(&mut all);
                    run(100, &all[..k as usize]).0
                })
                .sum();
            let choices: f64 = (0..k).map(|i| f64::from(100 - i) / f64::from(i + 1)).product();
            let bound = 1.25 * choices.log2() + 3.0;
            let mean = total as f64 / f64::from(placements);
            assert!(mean <= bound, "{k} bad: mean {mean:.2}, bound {bound:.2}");
        }
    }

    #[test]
    fn a_batch_that_passes_in_parts_is_told_apart() {
        let mut search = Isolation::new((0..4).collect());
        while search.next(2).is_some() {
            search.passed();
        }
        assert!(search.refusal_not_reproduced());
    }

    #[test]
    fn what_cannot_be_judged_leaves_the_search() {
        let mut search = Isolation::new((0..4).collect());
        search.next(1000);
        search.gave_up();
        while search.next(1000).is_some() {
            search.passed();
        }
        assert!(!search.refusal_not_reproduced());
    }
}
