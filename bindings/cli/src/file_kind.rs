//! What a file of accounts is when it is no text: told by its first bytes, not by its name.

/// Fails on `bytes`, the beginning of a file or all of it, that cannot be a list in UTF-8 text.
/// The error is a sentence without the file's name.
///
/// `checked`: how many of the bytes were looked at before.
pub(crate) fn require_text(bytes: &[u8], checked: usize) -> Result<(), String> {
    for (magic, kind) in [
        (b"PK\x03\x04".as_slice(), "an Excel workbook (.xlsx) or another zip archive"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook (.xls)"),
    ] {
        if bytes.starts_with(magic) {
            return Err(format!(
                "is {kind}, not text; open it in Excel or WPS and save it as \"CSV UTF-8\""
            ));
        }
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("is UTF-16; save it as UTF-8 (in Excel: \"CSV UTF-8\"), or convert it: \
                    iconv -f UTF-16 -t UTF-8"
            .into());
    }
    match bytes[checked.min(bytes.len())..].iter().position(|byte| *byte == 0) {
        None => Ok(()),
        Some(position) => Err(format!(
            "holds a NUL byte at offset {}: it is no text, or UTF-16 without its mark (then: \
             iconv -f UTF-16LE -t UTF-8)",
            checked + position
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::require_text;

    #[test]
    fn binary_files_are_named_by_what_they_are() {
        for (bytes, expected) in [
            (b"PK\x03\x04\0\0".as_slice(), ".xlsx"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0", ".xls"),
            (b"\xFF\xFEa\0", "is UTF-16;"),
            (b"ab\0", "offset 2"),
        ] {
            let fault = require_text(bytes, 0).unwrap_err();
            assert!(fault.contains(expected), "{fault}");
        }
        assert_eq!(require_text("PK, 张\n".as_bytes(), 0), Ok(()));
        assert!(require_text(b"abc\0", 3).unwrap_err().contains("offset 3"));
    }
}
