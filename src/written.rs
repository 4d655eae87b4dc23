//! The characters that a text may mean: as they stand, or as JSON, a URL or HTML write them; the last
//! two also where something else had written them so before.

/// Most bytes that one character takes in any writing: `%25f0%259f%2598%2580`.
pub(crate) const LONGEST: usize = 20;

/// What the beginning of `text` may mean: a character, and how many bytes it takes.
pub(crate) fn ways(text: &str) -> impl Iterator<Item = (char, usize)> {
    let first = text.chars().next();
    let plain = first.map(|c| (c, c.len_utf8()));
    let rest = text.get(1..);
    let coded = match (first, rest) {
        (Some('\\'), Some(rest)) => [in_json(rest), escaped(rest)],
        (Some('%'), Some(_)) => [in_url(text, "%"), in_url(text, "%25")],
        (Some('+'), _) => [Some((' ', 1)), None],
        (Some('&'), Some(rest)) => [in_html(rest), in_html_twice(rest)],
        _ => [None, None],
    };
    plain.into_iter().chain(coded.into_iter().flatten())
}

/// `\c`; `rest` follows the backslash.
fn escaped(rest: &str) -> Option<(char, usize)> {
    let c = rest.chars().next()?;
    Some((c, 1 + c.len_utf8()))
}

/// `\u00e4` or `\ud83d\ude00`; `rest` follows the backslash.
fn in_json(rest: &str) -> Option<(char, usize)> {
    let unit = |text: &str| match text.as_bytes().first()? {
        b'u' | b'U' => number(text.get(1..5)?, 16).map(|unit| unit as u16),
        _ => None,
    };
    let high = unit(rest)?;
    if let Some(c) = char::from_u32(u32::from(high)) {
        return Some((c, 6));
    }
    let low = unit(rest.get(5..)?.strip_prefix('\\')?)?;
    Some((char::decode_utf16([high, low]).next()?.ok()?, 12))
}

/// `%c3%a4`, or `%25c3%25a4` with that sign before each byte.
fn in_url(text: &str, sign: &str) -> Option<(char, usize)> {
    let length = sign.len() + 2;
    let byte = |at: usize| {
        let written = text.get(length * at..length * (at + 1))?.strip_prefix(sign)?;
        number(written, 16).map(|byte| byte as u8)
    };
    let first = byte(0)?;
    let count = match first {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let mut bytes = [first, 0, 0, 0];
    for (at, place) in bytes[..count].iter_mut().enumerate() {
        *place = byte(at)?;
    }
    Some((std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?, length * count))
}

/// `&amp;`, `&#38;` or `&#x26;`; `rest` follows the ampersand.
fn in_html(rest: &str) -> Option<(char, usize)> {
    let end = rest.bytes().take(10).position(|byte| byte == b';')?;
    let name = rest[..end].to_ascii_lowercase();
    let c = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => match name.strip_prefix("#x") {
            Some(digits) => char::from_u32(number(digits, 16)?)?,
            None => char::from_u32(number(name.strip_prefix('#')?, 10)?)?,
        },
    };
    Some((c, end + 2))
}

/// `&amp;amp;`; `rest` follows the ampersand.
fn in_html_twice(rest: &str) -> Option<(char, usize)> {
    let again = rest.get(..4).filter(|name| name.eq_ignore_ascii_case("amp;"))?;
    let (c, length) = in_html(&rest[again.len()..])?;
    Some((c, length + again.len()))
}

/// A number of digits alone: no sign.
fn number(digits: &str, radix: u32) -> Option<u32> {
    let unsigned = !digits.starts_with('+');
    unsigned.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_known_in_every_writing() {
        for (text, c) in [
            ("ä", 'ä'),
            ("\\u00E4", 'ä'),
            ("\\ud83d\\ude00", '😀'),
            ("\\\"", '"'),
            ("%c3%A4", 'ä'),
            ("%f0%9f%98%80", '😀'),
            ("%2540", '@'),
            ("%25f0%259f%2598%2580", '😀'),
            ("+", ' '),
            ("&Amp;", '&'),
            ("&amp;amp;", '&'),
            ("&AMP;#x1F600;", '😀'),
            ("&#0228;", 'ä'),
            ("&#x1F600;", '😀'),
        ] {
            assert!(ways(text).any(|way| way == (c, text.len())), "{text}");
            assert!(text.len() <= LONGEST, "{text}");
        }
    }

    #[test]
    fn what_is_cut_short_or_means_nothing_stands_for_itself() {
        for text in [
            "\\",
            "\\u",
            "\\u00",
            "\\ud83d",
            "\\ud83dx",
            "\\ud83d\\u0041",
            "\\李",
            "%",
            "%c",
            "%c3",
            "%c3%",
            "%c3x",
            "%ff%ff%ff%ff",
            "%+1",
            "%李",
            "&",
            "&amp",
            "&;",
            "&#;",
            "&#x;",
            "&#xd800;",
            "&#+38;",
            "&李;",
            "&#99999999;",
            "李",
        ] {
            let first = text.chars().next().unwrap();
            assert_eq!(ways(text).next(), Some((first, first.len_utf8())), "{text}");
            // A backslash may make any character stand for itself.
            let coded = |(c, length): &(char, usize)| *length > 1 + c.len_utf8();
            assert!(!ways(text).skip(1).any(|way| coded(&way)), "{text}");
        }
        assert_eq!(ways("").next(), None);
    }
}
