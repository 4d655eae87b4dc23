//! The sandbox's clock: real time, faster, slower, or moved by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Counts milliseconds since the Unix epoch, at its own pace.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    epoch_ms: u64,
    scale: f64,
    advanced_ms: AtomicU64,
}

impl Clock {
    /// A clock that shows the right time now, off by `skew_seconds`, and runs `scale` times as fast as
    /// real time. A scale of 0 stands still until [`Clock::advance`].
    pub(crate) fn new(scale: f64, skew_seconds: i64) -> Clock {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let real_ms = u64::try_from(real.as_millis()).unwrap_or(u64::MAX);
        Clock {
            started: Instant::now(),
            epoch_ms: real_ms.saturating_add_signed(skew_seconds.saturating_mul(1000)),
            scale: scale.max(0.0),
            advanced_ms: AtomicU64::new(0),
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        let elapsed_ms = self.started.elapsed().as_secs_f64() * 1000.0 * self.scale;
        self.epoch_ms + self.advanced_ms.load(Ordering::SeqCst) + elapsed_ms as u64
    }

    /// Moves the clock forward at once.
    pub(crate) fn advance(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.advanced_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// The time as the `Date` header has it.
    pub(crate) fn http_date(&self) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(self.now_ms()))
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use std::time::Duration;

    #[test]
    fn a_clock_of_scale_zero_moves_only_by_hand() {
        let clock = Clock::new(0.0, 0);
        let start = clock.now_ms();
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now_ms(), start + 60_000);
    }

    #[test]
    fn a_skewed_clock_is_off_by_the_skew() {
        let (right, late) = (Clock::new(0.0, 0), Clock::new(0.0, -3600));
        let off = right.now_ms() - late.now_ms();
        assert!((3_590_000..3_610_000).contains(&off), "{off}");
    }
}
