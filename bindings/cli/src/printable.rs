//! Text of a service or a list, made harmless for terminals.

/// Every character that moves the cursor, ends a line, or changes the direction of what stands
/// around it becomes U+FFFD. What programs read (JSON, CSV) keeps the true text.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { '\u{FFFD}' }).collect()
}

fn is_printable(c: char) -> bool {
    !(c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' // direction marks
            | '\u{2028}' | '\u{2029}' // separators of lines and paragraphs
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // embedding, override, isolation
            | '\u{FEFF}'))
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_that_rules_a_terminal_is_left() {
        assert_eq!(printable("a\x1b[31mb\n张 é"), "a\u{FFFD}[31mb\u{FFFD}张 é");
        let rulers = "\0\x7F\u{85}\u{61C}\u{200E}\u{200F}\u{2028}\u{2029}\u{202A}\u{202E}\u{2066}\u{2069}\u{FEFF}";
        assert!(printable(rulers).chars().all(|c| c == '\u{FFFD}'));
    }
}
