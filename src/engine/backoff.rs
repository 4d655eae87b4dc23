//! How long to wait before the next try.

use std::time::Duration;

/// Exponential backoff with full jitter.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Bound of the first wait.
    pub base: Duration,
    /// Bound of every wait.
    pub max: Duration,
}

impl Backoff {
    /// The wait before the try that follows `tries` failed ones: a random part of
    /// `base × 2^(tries − 1)`, which is `max` at most.
    pub fn wait(&self, tries: u32, random: &mut fastrand::Rng) -> Duration {
        let doubled = self.base.saturating_mul(1u32 << (tries.saturating_sub(1)).min(30));
        doubled.min(self.max).mul_f64(random.f64())
    }
}

/// The waits for a quota that nobody tells the length of: 2 seconds, doubling to 60.
#[derive(Debug, Clone, Copy, Default)]
pub struct BlindWait {
    in_a_row: u32,
}

impl BlindWait {
    const FIRST: Duration = Duration::from_secs(2);
    const LONGEST: Duration = Duration::from_secs(60);

    /// The wait after one more refusal.
    pub fn longer(&mut self) -> Duration {
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.wait()
    }

    /// The wait after the last refusal that counted.
    pub fn wait(self) -> Duration {
        let doublings = self.in_a_row.saturating_sub(1).min(5);
        (Self::FIRST * 2u32.pow(doublings)).min(Self::LONGEST)
    }

    /// Something else was answered.
    pub fn over(&mut self) {
        self.in_a_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_maximum_and_jitters_down_to_nothing() {
        let backoff = Backoff { base: Duration::from_millis(200), max: Duration::from_secs(20) };
        let mut random = fastrand::Rng::with_seed(3);
        for (tries, bound) in [(1, 200), (2, 400), (4, 1600), (8, 20_000), (60, 20_000)] {
            let waits: Vec<_> = (0..1000).map(|_| backoff.wait(tries, &mut random)).collect();
            let bound = Duration::from_millis(bound);
            assert!(waits.iter().all(|wait| *wait <= bound));
            assert!(waits.iter().any(|wait| *wait > bound.mul_f64(0.9)));
            assert!(waits.iter().any(|wait| *wait < bound.mul_f64(0.1)));
        }
    }
}
