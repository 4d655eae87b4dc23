//! What the gateway says of its quotas, in headers and in the words of a 429.

use std::time::Duration;

/// `remain:99,limit:100,time:1 minute` as (remain, limit, period); nonsense is `None`.
pub fn parse(value: &str) -> Option<(u64, u64, Duration)> {
    let mut remain = None;
    let mut limit = None;
    let mut period = None;
    for part in value.split(',') {
        let (name, value) = part.split_once(':')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "remain" => remain = Some(value.trim().parse::<i64>().ok()?.max(0) as u64),
            "limit" => limit = value.trim().parse().ok().filter(|limit: &u64| *limit > 0),
            "time" => period = duration(value),
            _ => {}
        }
    }
    Some((remain?, limit?, period?))
}

/// `1 minute`, `30 seconds`, … as a duration; nothing longer than a year.
fn duration(text: &str) -> Option<Duration> {
    let mut words = text.split_whitespace();
    let number: u64 = words.next()?.parse().ok().filter(|number| *number > 0)?;
    let unit = match words.next()?.to_ascii_lowercase().trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    number.checked_mul(unit).filter(|seconds| *seconds <= 366 * 86_400).map(Duration::from_secs)
}

/// The quota named in a 429's words: `… limit:60,time:1 minute`.
pub fn quota_in_message(message: &str) -> Option<(u64, Duration)> {
    let after = |name: &str| message.find(name).map(|at| &message[at + name.len()..]);
    let limit = after("limit:")?.split(',').next()?.trim().parse().ok()?;
    let time = after("time:")?.split([',', '"', '.']).next()?;
    (limit > 0).then_some((limit, duration(time)?))
}
