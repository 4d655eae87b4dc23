//! Input that is read whole, up to a bound, and its first look: a device or a pipe without end is
//! refused in time, and so is what is no text.

use std::io::{self, Read};

/// Most bytes of a list of accounts. A million accounts of the longest kind (255 bytes) and their
/// line ends fit; what is larger is no list that a service of accounts has use for.
pub(crate) const LIST: u64 = 256 << 20;

/// Most bytes of a file of options or secrets.
pub(crate) const SETTINGS: u64 = 1 << 20;

/// How many bytes are looked at together.
const CHUNK: u64 = 64 << 10;

/// All of `input`, of which no more than `most` bytes and a few are ever held. `look` sees what
/// has come so far after each piece, and may refuse the rest. Errors are sentences without the
/// input's name.
pub(crate) fn read(
    mut input: impl Read,
    most: u64,
    mut look: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        let piece = input.by_ref().take(CHUNK).read_to_end(&mut bytes);
        let read = piece.map_err(|error| error.to_string())? as u64;
        look(&bytes)?;
        // The end was seen, and a terminal must not be asked for it twice.
        if read < CHUNK {
            return Ok(bytes);
        }
        if bytes.len() as u64 > most {
            return Err(format!("is larger than {} MiB", most >> 20));
        }
    }
}

/// [`read`] for text in UTF-8.
pub(crate) fn read_text(input: impl Read, most: u64) -> io::Result<String> {
    let bytes = read(input, most, |_| Ok(())).map_err(io::Error::other)?;
    // The bytes may be a secret, so that the error does not show any.
    String::from_utf8(bytes).map_err(|_| io::Error::other("is not UTF-8"))
}

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
    use super::*;

    #[test]
    fn the_bound_is_kept_and_what_fits_is_whole() {
        assert_eq!(read(&[b'a'; 200_000][..], 200_000, |_| Ok(())).unwrap().len(), 200_000);
        let fault = read(io::repeat(b'a'), SETTINGS, |_| Ok(())).unwrap_err();
        assert_eq!(fault, "is larger than 1 MiB");
    }

    #[test]
    fn a_refusal_ends_the_reading_at_once() {
        let mut seen = 0;
        let fault = read(io::repeat(0), LIST, |bytes| {
            seen = bytes.len() as u64;
            Err("zeros".into())
        });
        assert_eq!((fault, seen), (Err("zeros".into()), CHUNK));
    }

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
