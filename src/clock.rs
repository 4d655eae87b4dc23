//! Time, passed in, so that tests can run it faster.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that does not jump, and the wall's time for stamps.
///
/// `scale` makes it run faster than real time: tests of quotas and deadlines share it with the
/// sandbox. All durations of the engine are in this clock's time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    origin: Instant,
    scale: f64,
}

impl Clock {
    pub(crate) fn new(scale: f64) -> Self {
        Clock { origin: Instant::now(), scale }
    }

    /// Time since this clock was made.
    pub(crate) fn now(&self) -> Duration {
        let real = self.origin.elapsed();
        if self.scale == 1.0 { real } else { real.mul_f64(self.scale) }
    }

    /// How long `duration` of this clock takes in real time.
    pub(crate) fn real(&self, duration: Duration) -> Duration {
        if self.scale == 1.0 { duration } else { duration.div_f64(self.scale) }
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(crate) fn unix_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }
}
