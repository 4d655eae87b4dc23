//! Refused batches: parked, then searched for their bad accounts, or fitted to the capacity.

use std::collections::VecDeque;

use crate::status::fit::Fit;
use crate::status::isolate::Isolation;

/// Requests without a 200 that isolation may take when no batch has ever passed.
const HOPELESS_BASE: u64 = 64;

/// What is known of the refused batches of one call.
#[derive(Debug, Default)]
pub struct Refusals {
    parked: VecDeque<Vec<u32>>,
    searches: Vec<Option<Isolation>>,
    /// Batches sent for the first time.
    batches: u64,
    /// Some request of this call was answered 200.
    passed: bool,
    /// Isolation requests since the last 200, those in flight among them.
    without_pass: u64,
    /// The code of the last lone refusals that did not judge an account, and how many in a row.
    same_code: (String, u32),
    /// The search for what the capacity allows, while it runs.
    pub fit: Option<Fit>,
}

/// What a search came to.
pub enum Search {
    /// The next group to ask about.
    Ask(Vec<u32>),
    /// It is over; every part of the batch passed although the whole was refused.
    NotReproduced(usize),
    /// It is over.
    Over,
}

impl Refusals {
    /// A batch goes out for the first time.
    pub fn batch_sent(&mut self) {
        self.batches += 1;
    }

    /// Keeps a refused batch until it can be searched.
    pub fn park(&mut self, positions: Vec<u32>) {
        self.parked.push_back(positions);
    }

    /// Some request of the call was answered with success.
    pub fn passed(&mut self) {
        self.passed = true;
        self.without_pass = 0;
        self.same_code.1 = 0;
    }

    /// Whether some request of this call was answered with success.
    pub fn has_passed(&self) -> bool {
        self.passed
    }

    /// Whether isolation has asked so often in vain that everything is refused alike.
    pub fn is_hopeless(&self) -> bool {
        !self.passed && self.batches >= 2 && self.without_pass >= HOPELESS_BASE + self.batches / 5
    }

    /// A question of a search goes out.
    pub fn probe_sent(&mut self) {
        self.without_pass += 1;
    }

    /// Whether anything refused is still undecided.
    pub fn is_open(&self) -> bool {
        !self.parked.is_empty() || self.searches.iter().any(Option::is_some) || self.fit.is_some()
    }

    /// Begins to search the earliest parked batch; one larger than `most`, today's batch size, may
    /// have been refused for its size. Returns the number of the search.
    pub fn unpark(&mut self, most: usize) -> Option<usize> {
        let positions = self.parked.pop_front()?;
        let number = self.searches.iter().position(Option::is_none).unwrap_or_else(|| {
            self.searches.push(None);
            self.searches.len() - 1
        });
        self.searches[number] = Some(match positions.len() > most {
            true => Isolation::in_parts(positions),
            false => Isolation::new(positions),
        });
        Some(number)
    }

    /// How many searches are under way.
    pub fn searching(&self) -> usize {
        self.searches.iter().flatten().count()
    }

    /// The search with this number.
    pub fn search(&mut self, number: usize) -> Option<&mut Isolation> {
        self.searches.get_mut(number)?.as_mut()
    }

    /// The next question of a search, at most `most` accounts.
    pub fn next_question(&mut self, number: usize, most: usize) -> Search {
        let Some(search) = self.search(number) else { return Search::Over };
        if let Some(group) = search.next(most) {
            return Search::Ask(group);
        }
        let over = self.searches[number].take();
        match over.filter(Isolation::refusal_not_reproduced) {
            Some(search) => Search::NotReproduced(search.size()),
            None => Search::Over,
        }
    }

    /// A lone account was refused with a code that does not judge it; returns how many times in a
    /// row that was so with this code.
    pub fn refused_alone(&mut self, code: &str) -> u32 {
        if self.same_code.0 == code {
            self.same_code.1 += 1;
        } else {
            self.same_code = (code.to_owned(), 1);
        }
        self.same_code.1
    }

    /// The next question of the search for how much of the refused batches fits, at most `most`
    /// accounts, the earliest batch first. It ends at the first batch that does not pass whole.
    pub fn next_fit(&mut self, most: usize) -> Option<Vec<u32>> {
        let undecided = self.searches.drain(..).flatten().map(Isolation::into_rest);
        self.parked.extend(undecided.filter(|batch| !batch.is_empty()));
        self.parked.make_contiguous().sort_unstable_by_key(|batch| batch[0]);
        loop {
            if self.fit.is_none() {
                self.fit = Some(Fit::new(self.parked.pop_front()?));
            }
            let fit = self.fit.as_mut()?;
            let question = fit.next(most);
            if question.is_some() || !fit.is_over() {
                return question;
            }
            self.fit = None;
        }
    }
}
