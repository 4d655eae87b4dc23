//! Input that is read whole, up to a bound: a device or a pipe without end is refused in time.

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
}
