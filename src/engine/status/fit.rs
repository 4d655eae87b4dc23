//! How much of a refused batch the capacity allows: its longest prefix that passes.

/// A binary search for the longest passing prefix of a refused batch, in the caller's order.
/// What passed stays applied, so only what follows it is asked about.
#[derive(Debug)]
pub struct Fit {
    accounts: Vec<u32>,
    /// So many of the front have passed.
    applied: usize,
    /// The accounts from `applied` to here were refused together, or are implied to be.
    end: usize,
    asking: usize,
    /// The account at `applied` was refused alone.
    judged: bool,
}

impl Fit {
    /// A search among `accounts`, which were refused together, in the caller's order.
    pub fn new(accounts: Vec<u32>) -> Fit {
        let judged = accounts.len() == 1;
        Fit { end: accounts.len(), accounts, applied: 0, asking: 0, judged }
    }

    /// What to ask about next, at most `most` accounts; `None` when the prefix is found.
    pub fn next(&mut self, most: usize) -> Option<Vec<u32>> {
        let open = self.end - self.applied;
        if open == 0 || (open == 1 && self.judged) {
            return None;
        }
        self.asking = open.div_ceil(2).min(most.max(1));
        Some(self.accounts[self.applied..self.applied + self.asking].to_vec())
    }

    /// What was asked about was applied.
    pub fn passed(&mut self) {
        self.applied += self.asking;
        self.judged = false;
    }

    /// What was asked about was refused.
    pub fn refused(&mut self) {
        self.end = self.applied + self.asking;
        self.judged = self.asking == 1;
    }

    /// The account asked about was refused for what it is: that says nothing of those behind it.
    pub fn skip(&mut self) {
        self.applied += self.asking;
        self.end = self.accounts.len();
        self.judged = false;
    }

    /// Whether every account has passed or was left out.
    pub fn is_over(&self) -> bool {
        self.applied == self.accounts.len()
    }

    /// What was asked about cannot be judged: the search ends.
    pub fn gave_up(&mut self) {
        self.end = self.applied;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_that_fits_is_found_in_few_requests() {
        for n in 1..=100u32 {
            for room in 0..n {
                let mut fit = Fit::new((0..n).collect());
                let mut enabled = 0;
                let mut requests = 0;
                while let Some(group) = fit.next(1000) {
                    requests += 1;
                    assert_eq!(group[0], enabled, "order is priority");
                    if enabled + group.len() as u32 <= room {
                        enabled += group.len() as u32;
                        fit.passed();
                    } else {
                        fit.refused();
                    }
                }
                assert_eq!(enabled, room, "n = {n}");
                assert!(requests <= n.ilog2() + 2, "{requests} requests for {n}");
            }
        }
    }

    #[test]
    fn an_account_that_is_refused_for_what_it_is_does_not_end_the_search() {
        let mut fit = Fit::new((0..100).collect());
        let mut enabled = Vec::new();
        while let Some(group) = fit.next(1000) {
            match group.contains(&33) {
                true if group.len() == 1 => fit.skip(),
                true => fit.refused(),
                false if enabled.len() + group.len() > 60 => fit.refused(),
                false => {
                    enabled.extend(group);
                    fit.passed();
                }
            }
        }
        let first: Vec<u32> = (0..61).filter(|&account| account != 33).collect();
        assert_eq!(enabled, first);
        assert!(!fit.is_over());
    }
}
