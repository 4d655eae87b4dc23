//! Rust text as C strings.

use std::borrow::Cow;
use std::ffi::CString;

/// `text` without U+0000, which would end a C string early: U+FFFD takes its place.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// `text` as a C string.
pub(crate) fn c_string(text: &str) -> CString {
    let string = CString::new(without_nul(text).into_owned());
    debug_assert!(string.is_ok(), "a NUL was left");
    string.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_becomes_the_replacement_character() {
        assert_eq!(c_string("a\0b").to_str(), Ok("a\u{fffd}b"));
        assert!(matches!(without_nul("ab"), Cow::Borrowed("ab")));
    }
}
