//! How long an answer asks to wait.

use std::time::Duration;

use crate::message::Answer;

/// A wait that no call sits out; keeps sums of times far from overflow.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(366 * 86_400);

/// `Retry-After`: seconds, or a date, which is taken against the answer's own so that this machine's
/// clock does not matter. What has passed already counts as absent, and so does 0: the same request
/// would be refused again at once and for ever.
pub(crate) fn retry_after(answer: &Answer) -> Option<Duration> {
    let header = |name| answer.headers.get(name)?.to_str().ok();
    let text = header("retry-after")?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs)
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let now = httpdate::parse_http_date(header("date")?).ok()?;
        until.duration_since(now).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_or_as_a_date_and_never_overflows() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        for (value, date, expected) in [
            ("7", None, seconds(7)),
            (" 7 ", date, seconds(7)),
            ("0", None, None),
            ("-1", None, None),
            ("99999999999", None, Some(LONGEST_RETRY_AFTER)),
            ("18446744073709551615", None, Some(LONGEST_RETRY_AFTER)),
            ("99999999999999999999999", None, Some(LONGEST_RETRY_AFTER)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", date, seconds(30)),
            ("Wednesday, 21-Oct-15 07:29:00 GMT", date, seconds(60)),
            ("Wed Oct 21 07:29:00 2015", date, seconds(60)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", date, None),
            ("Wed, 21 Oct 2015 07:27:00 GMT", date, None),
            ("Fri, 31 Dec 9999 23:59:59 GMT", date, Some(LONGEST_RETRY_AFTER)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", None, None),
            ("soon", date, None),
        ] {
            let mut answer = Answer { status: 429, ..Answer::default() };
            answer.headers.insert("retry-after", value.parse().unwrap());
            date.map(|date| answer.headers.insert("date", date.parse().unwrap()));
            assert_eq!(retry_after(&answer), expected, "{value}");
        }
    }
}
