//! How the list is cut into batches.

/// The accounts still to be sent for the first time, in order.
#[derive(Debug)]
pub struct Cut {
    next: u32,
    end: u32,
    /// Names of the account that is logged in, each to be sent after all others and alone.
    last: Vec<u32>,
}

impl Cut {
    /// A list of so many accounts, none of them sent.
    pub fn new(accounts: usize) -> Cut {
        Cut { next: 0, end: accounts as u32, last: Vec::new() }
    }

    /// Sends `position` after all others and alone.
    pub fn keep_for_last(&mut self, position: u32) {
        if !self.last.contains(&position) {
            self.last.push(position);
        }
    }

    /// The next `size` accounts that `wanted` allows; `None` when there are no more.
    pub fn batch(&mut self, size: usize, wanted: impl Fn(u32) -> bool) -> Option<Vec<u32>> {
        let mut batch = Vec::with_capacity(size.min((self.end - self.next) as usize));
        while self.next < self.end && batch.len() < size {
            if !self.last.contains(&self.next) && wanted(self.next) {
                batch.push(self.next);
            }
            self.next += 1;
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Whether any account that is `wanted` is still to come. What is not wanted now never will be,
    /// so it is passed over for good.
    pub fn has_more(&mut self, wanted: impl Fn(u32) -> bool) -> bool {
        while self.next < self.end && (self.last.contains(&self.next) || !wanted(self.next)) {
            self.next += 1;
        }
        self.next < self.end || self.has_last(wanted)
    }

    /// Whether any account that was kept for last is still to come.
    pub fn has_last(&self, wanted: impl Fn(u32) -> bool) -> bool {
        self.last.iter().any(|&position| wanted(position))
    }

    /// One of the accounts kept for last; `None` when there are no more.
    pub fn last(&mut self, wanted: impl Fn(u32) -> bool) -> Option<u32> {
        while !self.last.is_empty() {
            let position = self.last.remove(0);
            if wanted(position) {
                return Some(position);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_the_order_and_leave_out_what_is_not_wanted() {
        let mut cut = Cut::new(7);
        cut.keep_for_last(3);
        cut.keep_for_last(1);
        cut.keep_for_last(3);
        let wanted = |position| position != 4;
        assert_eq!(cut.batch(3, wanted), Some(vec![0, 2, 5]));
        assert!(cut.has_more(wanted));
        assert_eq!(cut.batch(3, wanted), Some(vec![6]));
        assert_eq!(cut.batch(3, wanted), None);
        assert!(cut.has_more(wanted));
        assert_eq!(cut.last(wanted), Some(3));
        assert_eq!(cut.last(wanted), Some(1));
        assert_eq!(cut.last(wanted), None);
    }

    #[test]
    fn what_is_not_wanted_is_passed_over_once() {
        let mut cut = Cut::new(1_000_000);
        let asked = std::cell::Cell::new(0);
        let wanted = |position| {
            asked.set(asked.get() + 1);
            position == 999_999
        };
        for _ in 0..1000 {
            assert!(cut.has_more(wanted));
        }
        assert!(asked.get() < 1_002_000, "{} questions", asked.get());
    }
}
