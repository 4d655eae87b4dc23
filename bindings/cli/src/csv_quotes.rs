//! Quotes of a CSV text that do not match, which a lenient parser would let swallow whole lines.

/// Fails on a quote that is never closed, and on text behind a closing quote: both mean that a
/// quote is missing. The error is a sentence that names lines.
pub(crate) fn check(text: &str, delimiter: u8) -> Result<(), String> {
    #[derive(PartialEq)]
    enum At {
        FieldStart,
        Plain,
        Quoted,
        /// Behind a quote inside quotes: the end of the field, unless a second one follows.
        Quote,
        Behind,
    }
    let (mut at, mut line, mut opened) = (At::FieldStart, 1_u64, 0_u64);
    for &byte in text.as_bytes() {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) => At::Quoted,
            (At::Quote, b'"') => At::Quoted,
            (At::FieldStart, b'"') => {
                opened = line;
                At::Quoted
            }
            (_, b'\n' | b'\r') => At::FieldStart,
            (_, byte) if byte == delimiter => At::FieldStart,
            (At::Quote | At::Behind, b' ' | b'\t') => At::Behind,
            (At::Quote | At::Behind, _) => {
                return Err(format!(
                    "the quote that opens on line {opened} ends on line {line}, but more text \
                     follows it; a quote is missing or must be doubled (\"\")"
                ));
            }
            (At::FieldStart | At::Plain, _) => At::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    if at == At::Quoted {
        return Err(format!(
            "the quote that opens on line {opened} is never closed, so that all behind it would be \
             one field; close it, or double it (\"\") where it is part of the text"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn quotes_that_match_pass() {
        for text in [
            "",
            "a,b\n1,2",
            "\"a\",\"b \"\"c\"\" \"\r\n\"x\ny\" ,z\r\n",
            "5\" disk,b\n",
            "a,\"\"\n\"\",\"\"",
        ] {
            assert_eq!(check(text, b','), Ok(()), "{text}");
        }
        assert_eq!(check("\"a;b\";c\n", b';'), Ok(()));
    }

    #[test]
    fn a_missing_quote_is_named_by_the_line_where_it_opens() {
        for (text, expected) in [
            ("a,b\n\n1,\"2\n3,4\n", "opens on line 3 is never closed"),
            ("\"", "opens on line 1 is never closed"),
            ("a\n\"b\"\"\n", "opens on line 2 is never closed"),
            ("a,b\n1,\"2\n3,\"4\"\n", "opens on line 2 ends on line 3"),
            ("a\n\"b\"c\n", "opens on line 2 ends on line 2"),
        ] {
            let fault = check(text, b',').unwrap_err();
            assert!(fault.contains(expected), "{text}: {fault}");
        }
    }
}
