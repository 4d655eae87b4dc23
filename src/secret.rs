//! Text that no formatter shows and that is wiped when dropped, and what keeps it from being told
//! by others.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

/// A token, key or password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Secret(Zeroizing::new(text.to_owned()))
    }

    /// The text itself, for the one place that sends it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What stands in the place of a secret.
const BLANK: &str = "…";
/// A shorter secret is blanked only where it stands as a word of its own: taken out of the middle
/// of words it would be read from the gaps.
const SHORTEST_INSIDE: usize = 4;
/// Tokens and what else passes that are kept; of more, the oldest goes. Few are in use at a time.
const MOST_PASSING: usize = 64;

/// The secrets of one client: what comes from outside is blanked of them before it is shown.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Of the options.
    lasting: Vec<Known>,
    /// Tokens and signatures as they come and go.
    passing: Mutex<VecDeque<Known>>,
}

struct Known {
    secret: Secret,
    /// The secret as it may come back: as it is, and as JSON, a URL, HTML or base64 write it.
    forms: Vec<Secret>,
}

impl Known {
    fn new(secret: &str) -> Known {
        Known { secret: Secret::new(secret), forms: forms(secret) }
    }
}

impl Secrets {
    pub(crate) fn new<'s>(lasting: impl IntoIterator<Item = &'s str>) -> Secrets {
        Secrets {
            lasting: lasting.into_iter().map(Known::new).collect(),
            passing: Mutex::default(),
        }
    }

    /// Keeps a secret, so that it is blanked from now on.
    pub(crate) fn keep(&self, secret: &str) {
        let mut passing = self.lock();
        if passing.iter().any(|known| known.secret.expose() == secret) {
            return;
        }
        if passing.len() >= MOST_PASSING {
            passing.pop_front();
        }
        passing.push_back(Known::new(secret));
    }

    /// Keeps what a header tells that is marked as sensitive: a token, or credentials.
    pub(crate) fn keep_header(&self, value: &HeaderValue) {
        let Ok(text) = value.to_str() else { return };
        self.keep(text);
        if let Some(credentials) = text.strip_prefix("Basic ") {
            self.keep(credentials.trim_end_matches('='));
        }
        if let Some((_, rest)) = text.split_once("signature=") {
            self.keep(rest.split(',').next().unwrap_or(rest));
        }
    }

    /// `text` with a sign in the place of every secret.
    pub(crate) fn blank<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let passing = self.lock();
        let known = self.lasting.iter().chain(passing.iter());
        let mut forms: Vec<&str> =
            known.flat_map(|known| &known.forms).map(Secret::expose).collect();
        // The longest first: of one that holds another the rest would be left standing.
        forms.sort_by_key(|form| Reverse(form.len()));
        let mut blanked = Cow::Borrowed(text);
        for form in forms {
            if let Some(without) = without(&blanked, form) {
                blanked = Cow::Owned(without);
            }
        }
        blanked
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.passing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// `text` without `secret`, whatever its case; `None` when it is not in it.
fn without(text: &str, secret: &str) -> Option<String> {
    let (bytes, sought) = (text.as_bytes(), secret.as_bytes());
    let mut kept = String::new();
    let (mut copied, mut at) = (0, 0);
    while at + sought.len() <= bytes.len() {
        let end = at + sought.len();
        if bytes[at..end].eq_ignore_ascii_case(sought) && may_blank(text, at, end) {
            kept.push_str(&text[copied..at]);
            kept.push_str(BLANK);
            (copied, at) = (end, end);
        } else {
            at += 1;
        }
    }
    (copied > 0).then(|| kept + &text[copied..])
}

fn may_blank(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    end - start >= SHORTEST_INSIDE
        || !joins(text[..start].chars().next_back()) && !joins(text[end..].chars().next())
}

fn forms(secret: &str) -> Vec<Secret> {
    let mut forms = vec![Secret::new(secret)];
    if secret.len() >= SHORTEST_INSIDE {
        let json = Zeroizing::new(serde_json::Value::from(secret).to_string());
        let json = &json[1..json.len() - 1];
        forms.extend([
            Secret::new(json),
            Secret::new(&json.replace('/', "\\/")),
            escaped(json, |c| !c.is_ascii(), |unit, text| text.push_str(&format!("\\u{unit:04x}"))),
            percent_encoded(secret, "%20"),
            percent_encoded(secret, "+"),
            html(secret),
            Secret::new(&Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(secret))),
            Secret::new(&Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(secret))),
        ]);
    }
    forms.retain(|form| !form.expose().is_empty());
    forms.dedup();
    forms
}

fn escaped(text: &str, which: fn(char) -> bool, write: fn(u16, &mut String)) -> Secret {
    let mut written = Zeroizing::new(String::new());
    for c in text.chars() {
        if which(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write(*unit, &mut written));
        } else {
            written.push(c);
        }
    }
    Secret(written)
}

fn percent_encoded(text: &str, space: &str) -> Secret {
    let mut written = Zeroizing::new(String::new());
    for byte in text.bytes() {
        match byte {
            b' ' => written.push_str(space),
            b'-' | b'.' | b'_' | b'~' => written.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => written.push(byte.into()),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    Secret(written)
}

fn html(text: &str) -> Secret {
    let mut written = Zeroizing::new(String::new());
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            _ => written.push(c),
        }
    }
    Secret(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(kept: &[&str]) -> Secrets {
        Secrets::new(kept.iter().copied())
    }

    #[test]
    fn a_secret_is_blanked_in_every_form_in_which_it_may_come_back() {
        let secrets = secrets(&["pä/ss \"w<rd&1"]);
        for form in [
            "pä/ss \"w<rd&1",
            "Pä/SS \"W<RD&1",
            "pä/ss \\\"w<rd&1",
            "pä\\/ss \\\"w<rd&1",
            "p\\u00e4/ss \\\"w<rd&1",
            "p%C3%A4%2Fss%20%22w%3Crd%261",
            "p%c3%a4%2fss+%22w%3crd%261",
            "pä/ss &quot;w&lt;rd&amp;1",
            &BASE64_STANDARD_NO_PAD.encode("pä/ss \"w<rd&1"),
            &BASE64_URL_SAFE_NO_PAD.encode("pä/ss \"w<rd&1"),
        ] {
            assert_eq!(secrets.blank(&format!("bad {form}, {form}!")), "bad …, …!", "{form}");
        }
        assert_eq!(secrets.blank("nothing 李雷"), "nothing 李雷");
    }

    #[test]
    fn a_short_secret_is_blanked_as_a_word_and_not_out_of_words() {
        let secrets = secrets(&["er", "a"]);
        assert_eq!(secrets.blank("a user: er, 'er' a"), "… user: …, '…' …");
    }

    #[test]
    fn what_a_sensitive_header_tells_is_kept_in_its_parts() {
        let secrets = Secrets::default();
        secrets.keep_header(&HeaderValue::from_static("Basic YWRtaW46cGFzc3dk=="));
        secrets.keep_header(&HeaderValue::from_static(
            "HMAC-SHA256 signature=C87DC87FC41A28,access=YXBw",
        ));
        assert_eq!(secrets.blank("got YWRtaW46cGFzc3dk"), "got …");
        assert_eq!(secrets.blank("got c87dc87fc41a28 of HMAC-SHA256"), "got … of HMAC-SHA256");
        assert!(!format!("{secrets:?}").contains("YWRt"));
    }

    #[test]
    fn tokens_come_and_go_and_the_secrets_of_the_options_stay() {
        let secrets = secrets(&["pass-word"]);
        (0..1000).for_each(|i| secrets.keep(&format!("token-{i:04}")));
        assert_eq!(secrets.lock().len(), MOST_PASSING);
        assert_eq!(secrets.blank("token-0999 pass-word"), "… …");
    }

    #[test]
    fn a_secret_that_holds_another_is_blanked_whole() {
        assert_eq!(secrets(&["abcd", "abcd-efgh"]).blank("is abcd-efgh"), "is …");
    }
}
