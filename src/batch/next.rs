//! Which batch goes out next.

use crate::batch::run::{Run, is_wanted};
use crate::batch::task::{Purpose, Task};
use hwm_engine::status::refusals::Search;

impl Run<'_, '_> {
    /// The next batch to send, if one may go now. `starting`: batches about to start.
    pub(crate) fn next_task(&mut self, starting: usize) -> Option<Task> {
        let now = self.now();
        if let Some(due) = self.waiting.iter().position(|task| task.ready_at <= now) {
            return Some(self.waiting.swap_remove(due));
        }
        if let Some(task) = self.ready.pop_front() {
            return Some(task);
        }
        // Batches in backoff keep their place: a dead network is not flooded with first tries.
        let busy = self.in_flight.len() + starting + self.waiting.len();
        if busy >= self.settings.concurrency {
            return None;
        }
        if self.out_of_capacity.is_some() {
            return if busy == 0 { self.next_fit() } else { None };
        }
        let ledger = &self.ledger;
        if let Some(positions) = self.cut.batch(self.batch_size, |p| is_wanted(ledger, p)) {
            self.refusals.batch_sent();
            return Some(self.task(Purpose::Set, positions));
        }
        let setting = |task: &Task| task.purpose == Purpose::Set;
        let first_pass_over = starting == 0
            && !self.in_flight.values().any(|sent| setting(&sent.task))
            && !self.waiting.iter().any(setting);
        if !first_pass_over && self.refusals.searching() == 0 {
            return None;
        }
        if let Some(task) = self.next_search() {
            return Some(task);
        }
        let ledger = &self.ledger;
        let only_last = busy == 0 && !self.refusals.is_open();
        if only_last && self.cut.has_last(|p| is_wanted(ledger, p)) && self.turn.try_last() {
            let last = self.cut.last(|position| is_wanted(ledger, position))?;
            return Some(self.task(Purpose::Set, vec![last]));
        }
        None
    }

    fn next_search(&mut self) -> Option<Task> {
        while self.refusals.searching() < self.settings.concurrency {
            if self.refusals.is_hopeless() {
                self.stop_hopeless();
                return None;
            }
            let number = self.refusals.unpark(self.batch_size)?;
            if let Some(task) = self.next_probe(number) {
                return Some(task);
            }
        }
        None
    }

    /// The next question of a search as a task, unless the search is over.
    pub(crate) fn next_probe(&mut self, number: usize) -> Option<Task> {
        if self.out_of_capacity.is_some() {
            return None;
        }
        match self.refusals.next_question(number, self.batch_size) {
            Search::Ask(positions) => {
                if self.refusals.is_hopeless() {
                    self.stop_hopeless();
                    return None;
                }
                self.refusals.probe_sent();
                Some(self.task(Purpose::Isolate(number), positions))
            }
            Search::NotReproduced(size) => {
                self.not_reproduced += 1;
                self.batch_size = self.batch_size.min(size.div_ceil(2));
                log::warn!(
                    target: "hwm",
                    "refusal_not_reproduced: every part of a batch of {size} passed; \
                     going on with batches of {}",
                    self.batch_size
                );
                None
            }
            Search::Over => None,
        }
    }

    pub(crate) fn task(&mut self, purpose: Purpose, positions: Vec<u32>) -> Task {
        self.batches += 1;
        Task::new(self.batches, purpose, positions, self.endpoint, &self.ledger)
    }
}
