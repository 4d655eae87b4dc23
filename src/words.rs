//! Times in the words that people use.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `0.2 s`, `45 s`, `2 min 5 s`, `3 h 20 min`, `1 day 4 h`: two units at most.
pub(crate) fn time(duration: Duration) -> String {
    let half = Duration::from_millis(if duration.as_secs() < 10 { 0 } else { 500 });
    let seconds = duration.saturating_add(half).as_secs();
    let two = |first: u64, one: &str, second: u64, other: &str| match second {
        0 => format!("{first} {one}"),
        _ => format!("{first} {one} {second} {other}"),
    };
    match seconds {
        0..10 => {
            let text = format!("{:.1}", duration.as_secs_f64());
            format!("{} s", text.strip_suffix(".0").unwrap_or(&text))
        }
        10..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => two(seconds / MINUTE, "min", seconds % MINUTE, "s"),
        HOUR..DAY => two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min"),
        _ => {
            let days = seconds / DAY;
            two(days, if days == 1 { "day" } else { "days" }, seconds % DAY / HOUR, "h")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_units_that_people_use() {
        for (seconds, words) in [
            (0.0, "0 s"),
            (0.25, "0.2 s"),
            (7.0, "7 s"),
            (59.4, "59 s"),
            (59.6, "1 min"),
            (125.0, "2 min 5 s"),
            (12_000.0, "3 h 20 min"),
            (86_400.0, "1 day"),
            (200_000.0, "2 days 7 h"),
        ] {
            assert_eq!(time(Duration::from_secs_f64(seconds)), words);
        }
    }
}
