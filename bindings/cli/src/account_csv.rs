//! Accounts out of CSV: which column holds them, on which line each stands, and quotes that do not
//! match, which a lenient parser would let swallow whole lines.

/// One column of a CSV file.
#[derive(Debug)]
pub(crate) struct Column {
    /// The cells below the header with their line numbers, or what is wrong there.
    pub(crate) cells: Vec<(u64, Result<String, String>)>,
    /// What was taken for the column's name though nobody had named it: it may be an account.
    pub(crate) assumed_header: Option<String>,
}

/// The column named `wanted`, else `account`, else the only one there is.
pub(crate) fn column(text: &str, wanted: Option<&str>) -> Result<Column, String> {
    let delimiter = delimiter(text);
    check_quotes(text, delimiter)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut column = Column { cells: Vec::new(), assumed_header: None };
    if header.is_empty() {
        return Ok(column);
    }
    let name = wanted.unwrap_or("account");
    let position = match position(&header, name)? {
        Some(position) => position,
        None if wanted.is_none() && header.len() == 1 => {
            column.assumed_header = header.get(0).map(str::to_owned);
            0
        }
        None => {
            let columns: Vec<_> = header.iter().map(|name| format!("{name:?}")).collect();
            return Err(format!(
                "has no column {name:?}; its first line names {}; say which with --column",
                columns.join(", "),
            ));
        }
    };
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        let line = record.position().map_or(0, |position| line_of(text, position));
        let cell = record.get(position).map(str::to_owned);
        column.cells.push((line, cell.ok_or_else(|| format!("has no column {name:?}"))));
    }
    Ok(column)
}

/// Where the column `wanted` is. Fails when two have that name: either may be meant.
fn position(header: &csv::StringRecord, wanted: &str) -> Result<Option<usize>, String> {
    let mut there = header.iter().enumerate().filter(|(_, name)| *name == wanted);
    match (there.next(), there.next()) {
        (Some((first, _)), Some((second, _))) => Err(format!(
            "has two columns {wanted:?} ({} and {}); rename one of them",
            first + 1,
            second + 1
        )),
        (first, _) => Ok(first.map(|(position, _)| position)),
    }
}

/// The line of a record, whose position is before the empty lines that precede it.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

/// A comma, or what the header line holds instead of any: a semicolon or a tab.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|mark| header.as_bytes().contains(mark)).unwrap_or(b',')
}

/// Fails on a quote that is never closed, and on text behind a closing quote: both mean that a
/// quote is missing. The error is a sentence that names lines.
fn check_quotes(text: &str, delimiter: u8) -> Result<(), String> {
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
    use super::*;

    fn csv(text: &str, wanted: Option<&str>) -> Result<Vec<String>, String> {
        column(text, wanted)?.cells.into_iter().map(|(_, account)| account).collect()
    }

    #[test]
    fn csv_takes_the_column_by_name_with_quotes_and_any_usual_delimiter() {
        for table in [
            "name,account\r\n\"Zhang, Wei\",\"a\"\r\nLi,b\r\n",
            "name;account\n\"Zhang; Wei\";a\nLi;b",
            "\u{FEFF}account\tname\na\tZhang\n\nb\tLi\n",
        ] {
            assert_eq!(csv(table, None).unwrap(), ["a", "b"], "{table}");
        }
        assert_eq!(csv("id,x\n1,a\n", Some("x")).unwrap(), ["a"]);
        assert_eq!(csv("user\na\n", None).unwrap(), ["a"]);
    }

    #[test]
    fn a_missing_column_is_told_with_those_there_are() {
        let error = csv("id,user\n1,a\n", None).unwrap_err();
        assert!(error.contains("no column \"account\"") && error.contains("\"id\", \"user\""));
    }

    #[test]
    fn quotes_that_match_pass() {
        for text in [
            "",
            "a,b\n1,2",
            "\"a\",\"b \"\"c\"\" \"\r\n\"x\ny\" ,z\r\n",
            "5\" disk,b\n",
            "a,\"\"\n\"\",\"\"",
        ] {
            assert_eq!(check_quotes(text, b','), Ok(()), "{text}");
        }
        assert_eq!(check_quotes("\"a;b\";c\n", b';'), Ok(()));
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
            let fault = check_quotes(text, b',').unwrap_err();
            assert!(fault.contains(expected), "{text}: {fault}");
        }
    }
}
