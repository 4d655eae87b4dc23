//! How the list is cut into batches.

/// The accounts still to be sent for the first time, in order.
#[derive(Debug)]
pub(crate) struct Cut {
    next: u32,
    end: u32,
    /// The account that is logged in, to be sent after all others and alone.
    last: Option<u32>,
}

impl Cut {
    pub(crate) fn new(accounts: usize) -> Cut {
        Cut { next: 0, end: accounts as u32, last: None }
    }

    /// Sends `position` after all others and alone.
    pub(crate) fn keep_for_last(&mut self, position: u32) {
        self.last = Some(position);
    }

    /// The next `size` accounts that `wanted` allows; `None` when there are no more.
    pub(crate) fn batch(&mut self, size: usize, wanted: impl Fn(u32) -> bool) -> Option<Vec<u32>> {
        let mut batch = Vec::with_capacity(size.min((self.end - self.next) as usize));
        while self.next < self.end && batch.len() < size {
            if self.last != Some(self.next) && wanted(self.next) {
                batch.push(self.next);
            }
            self.next += 1;
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Whether any account that is `wanted` is still to come.
    pub(crate) fn has_more(&self, wanted: impl Fn(u32) -> bool) -> bool {
        (self.next..self.end).any(&wanted) || self.last.is_some_and(wanted)
    }

    /// The account kept for last, once; `None` when there is none.
    pub(crate) fn last(&mut self, wanted: impl Fn(u32) -> bool) -> Option<u32> {
        self.last.take().filter(|&position| wanted(position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_the_order_and_leave_out_what_is_not_wanted() {
        let mut cut = Cut::new(7);
        cut.keep_for_last(1);
        let wanted = |position| position != 4;
        assert_eq!(cut.batch(3, wanted), Some(vec![0, 2, 3]));
        assert_eq!(cut.batch(3, wanted), Some(vec![5, 6]));
        assert_eq!(cut.batch(3, wanted), None);
        assert_eq!(cut.last(wanted), Some(1));
        assert_eq!(cut.last(wanted), None);
    }
}
