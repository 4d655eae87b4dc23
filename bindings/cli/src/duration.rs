//! Lengths of time in the words that people use.

/// `45 s`, `12 min`, `3 h 20 min`, `1 day 3 h`: at most two units, rounded up to the lesser one.
pub(crate) fn words(ms: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = ms.div_ceil(1000);
    if seconds <= 2 * MINUTE {
        return format!("{seconds} s");
    }
    let minutes = seconds.div_ceil(MINUTE) * MINUTE;
    if minutes < HOUR {
        return format!("{} min", minutes / MINUTE);
    }
    if minutes < DAY {
        return two(minutes / HOUR, "h", minutes % HOUR / MINUTE, "min");
    }
    let hours = seconds.div_ceil(HOUR) * HOUR;
    let days = hours / DAY;
    two(days, if days == 1 { "day" } else { "days" }, hours % DAY / HOUR, "h")
}

fn two(many: u64, unit: &str, rest: u64, lesser: &str) -> String {
    match rest {
        0 => format!("{many} {unit}"),
        _ => format!("{many} {unit} {rest} {lesser}"),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn durations_are_told_in_at_most_two_units() {
        const HOUR: u64 = 3_600_000;
        for (ms, expected) in [
            (0, "0 s"),
            (1, "1 s"),
            (120_000, "120 s"),
            (120_001, "3 min"),
            (12 * 60_000, "12 min"),
            (59 * 60_000 + 1, "1 h"),
            (HOUR, "1 h"),
            (3 * HOUR + 20 * 60_000, "3 h 20 min"),
            (24 * HOUR - 1, "1 day"),
            (24 * HOUR, "1 day"),
            (26 * HOUR + 1, "1 day 3 h"),
            (48 * HOUR, "2 days"),
            (u64::MAX, "213503982334 days 15 h"),
        ] {
            assert_eq!(words(ms), expected, "{ms}");
        }
    }
}
