//! Text from outside, made fit for a terminal, a log or a report.

use std::borrow::Cow;

/// `text` without what would move a terminal's cursor, end its line, turn its direction or stand in
/// it unseen.
///
/// Line ends and tabs become spaces; every other control character, and the characters of Unicode
/// that mark direction, separate lines or paragraphs, or are invisible, become U+FFFD (�), so that
/// what was there can be told from what was not. Letters, marks and signs of all scripts stay, and so
/// do the joiners that some of them need. For names and messages of a list or a service before they
/// are shown.
///
/// ```
/// assert_eq!(hwm::printable("two\nlines"), "two lines");
/// assert_eq!(hwm::printable("gpj\u{202e}.exe"), "gpj\u{fffd}.exe");
/// assert_eq!(hwm::printable("李雷"), "李雷");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| replacement(c).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| replacement(c).unwrap_or(c)).collect())
}

fn replacement(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ if c.is_control() => Some(char::REPLACEMENT_CHARACTER),
        '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_turns_or_breaks_a_line_or_hides_is_left() {
        let unfit = "\0\u{1b}\u{7f}\u{9b}\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\
                     \u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{200b}\u{e0041}";
        for c in unfit.chars() {
            assert_eq!(printable(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        for c in "\t\n\r\u{85}\u{2028}\u{2029}".chars() {
            assert_eq!(printable(&format!("a{c}b")), "a b", "{c:?}");
        }
    }

    #[test]
    fn what_is_fit_is_borrowed_as_it_is() {
        for text in
            ["", "test010", "用户帐号不存在", "محمد", "می\u{200c}خواهم", "👩\u{200d}💻", "e\u{301}"]
        {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
