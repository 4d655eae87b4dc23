//! Accounts out of a file: plain text, CSV or JSON. Every bad line is named by its number.

use serde_json::Value;

use crate::account_csv;
use crate::input::require_text;

/// How many bad lines an error lists.
const LISTED: usize = 10;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Csv,
    Json,
}

/// What a file of accounts holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct List {
    /// The accounts in order, repeats among them.
    pub(crate) accounts: Vec<String>,
    /// What was taken for the column's name though nobody had named it: it may be an account.
    pub(crate) assumed_header: Option<String>,
}

/// The accounts of `bytes`: at least one. The error is a sentence without the file's name.
///
/// `format` unset: JSON when the first character is `[` or `{`, CSV when `column` is set or
/// `named_csv`, else plain text.
pub(crate) fn parse(
    bytes: &[u8],
    format: Option<Format>,
    named_csv: bool,
    column: Option<&str>,
) -> Result<List, String> {
    let text = decoded(bytes)?;
    let format = format.unwrap_or_else(|| {
        if text.trim_start().starts_with(['[', '{']) {
            Format::Json
        } else if named_csv || column.is_some() {
            Format::Csv
        } else {
            Format::Text
        }
    });
    let mut assumed_header = None;
    let found = match format {
        Format::Text => lines(text),
        Format::Csv => {
            let column = account_csv::column(text, column)?;
            assumed_header = column.assumed_header;
            let found = |(line, account)| Found { place: format!("line {line}"), account };
            column.cells.into_iter().map(found).collect()
        }
        Format::Json => json_array(text, column)?,
    };
    if found.is_empty() {
        let below = format == Format::Csv && !text.trim().is_empty();
        let why = if below { ": there is nothing below its header" } else { "" };
        return Err(format!("holds no account{why}"));
    }
    Ok(List { accounts: checked(found)?, assumed_header })
}

/// An account, or what is wrong in its place, and where that is.
struct Found {
    place: String,
    account: Result<String, String>,
}

/// UTF-8 without its byte order mark.
fn decoded(bytes: &[u8]) -> Result<&str, String> {
    require_text(bytes, 0)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        format!(
            "is not UTF-8 (line {line}); if it comes from a Chinese Windows, convert it: \
             iconv -f GB18030 -t UTF-8"
        )
    })
}

/// One account a line; blanks around it and empty lines do not count, quotes around it neither.
fn lines(text: &str) -> Vec<Found> {
    text.split('\n')
        .enumerate()
        .map(|(index, line)| (index, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| Found {
            place: format!("line {}", index + 1),
            account: Ok(unquoted(line)),
        })
        .collect()
}

fn unquoted(line: &str) -> String {
    match line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => line.to_owned(),
    }
}

/// An array of strings, or of objects with the key `column`.
fn json_array(text: &str, column: Option<&str>) -> Result<Vec<Found>, String> {
    let elements: Vec<Value> = serde_json::from_str(text)
        .map_err(|error| format!("is not a JSON array of strings: {error}"))?;
    let key = column.unwrap_or("account");
    let account = |element: Value| match element {
        Value::String(account) => Ok(account),
        Value::Object(mut fields) => match fields.remove(key) {
            Some(Value::String(account)) => Ok(account),
            _ => Err(format!("is an object without a string {key:?}; say which key with --column")),
        },
        other => Err(format!("is {other}, but accounts are strings")),
    };
    let places = (1..).map(|number| format!("element {number}"));
    Ok(places
        .zip(elements)
        .map(|(place, element)| Found { place, account: account(element) })
        .collect())
}

/// All accounts, or the first bad places. The rule is the library's; here it names lines.
fn checked(found: Vec<Found>) -> Result<Vec<String>, String> {
    let mut accounts = Vec::with_capacity(found.len());
    let mut bad = Vec::new();
    for Found { place, account } in found {
        match account.and_then(|account| match hwm::check_account(account.as_bytes()) {
            Err(fault) => Err(format!("has an account that {fault}")),
            Ok(account) => Ok(account.to_owned()),
        }) {
            Ok(account) => accounts.push(account),
            Err(fault) => bad.push(format!("{place} {fault}")),
        }
    }
    if bad.is_empty() {
        return Ok(accounts);
    }
    let more = bad.len().saturating_sub(LISTED);
    bad.truncate(LISTED);
    let mut text = bad.join("; ");
    if more > 0 {
        text += &format!("; and {more} more");
    }
    Err(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<Vec<String>, String> {
        parse(bytes, None, false, None).map(|list| list.accounts)
    }

    fn csv(text: &str, column: Option<&str>) -> Result<Vec<String>, String> {
        parse(text.as_bytes(), None, true, column).map(|list| list.accounts)
    }

    #[test]
    fn text_is_one_account_a_line_whatever_the_line_ends() {
        let accounts = text("\u{FEFF}a\r\n\n 张伟 \n\"b, \"\"c\"\"\"\nd".as_bytes()).unwrap();
        assert_eq!(accounts, ["a", "张伟", "b, \"c\"", "d"]);
        assert_eq!(text(b"\n").unwrap_err(), "holds no account");
    }

    #[test]
    fn json_is_an_array_of_strings_or_objects() {
        assert_eq!(text(b" [\"a\", \"b\"]").unwrap(), ["a", "b"]);
        let list = parse(br#"[{"id":"a"}]"#, None, false, Some("id")).unwrap();
        assert_eq!(list, List { accounts: vec!["a".into()], assumed_header: None });
        assert!(text(b"[\"a\", 7]").unwrap_err().starts_with("element 2 is 7"));
        assert!(text(b"{\"id\":\"a\"}").unwrap_err().starts_with("is not a JSON array"));
        assert!(text(b"[\"a\"").unwrap_err().contains("line 1 column 4"));
    }

    #[test]
    fn bad_lines_are_named_by_number() {
        assert_eq!(
            csv("id,account\n1,a\n2,\n\n3\n4,b\n", None).unwrap_err(),
            "line 3 has an account that is empty; an account has at least one character; \
             line 5 has no column \"account\"",
        );
        let error = text(b"a\nb\x01c\n").unwrap_err();
        assert!(error.starts_with("line 2 has an account that holds a control character (U+0001"));
        let long = format!("a\n{}\n", "x".repeat(256));
        assert!(
            text(long.as_bytes())
                .unwrap_err()
                .starts_with("line 2 has an account that has 256 bytes")
        );
        let many = "a\tb\n".repeat(12);
        assert!(text(many.as_bytes()).unwrap_err().ends_with("; and 2 more"));
    }

    #[test]
    fn other_encodings_are_named_with_a_way_out() {
        assert!(text(b"\xFF\xFEa\0").unwrap_err().contains("UTF-16"));
        let error = text(b"a\nb\n\xD5\xC5\xCE\xB0\n").unwrap_err();
        assert!(error.contains("line 3") && error.contains("GB18030"));
    }
}
