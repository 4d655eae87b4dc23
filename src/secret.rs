//! Text that no formatter shows and that is wiped when dropped, and what keeps it from being told
//! by others.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::written::{self, ways};

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
    /// The secret as it is and as base64 writes it.
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

    /// `text` with a sign in the place of every secret. `is_cut`: more followed, so that what it ends
    /// with may be the beginning of a secret.
    pub(crate) fn blank<'t>(&self, text: &'t str, is_cut: bool) -> Cow<'t, str> {
        let passing = self.lock();
        // By their first character: what is looked at must not take long, however much is known.
        let mut forms: HashMap<char, Vec<&str>> = HashMap::new();
        for form in self.lasting.iter().chain(passing.iter()).flat_map(|known| &known.forms) {
            let Some(first) = form.expose().chars().next() else { continue };
            forms.entry(first.to_ascii_lowercase()).or_default().push(form.expose());
        }
        let end_at = |at: usize| {
            let firsts = ways(&text[at..]).filter_map(|(c, _)| forms.get(&c.to_ascii_lowercase()));
            let found = firsts.flatten().filter_map(|form| {
                let end = at + written_at(&text[at..], form, is_cut)?;
                may_blank(text, at, end, form).then_some(end)
            });
            found.max()
        };
        let mut kept = String::new();
        let mut covered = 0;
        for (at, _) in text.char_indices() {
            let Some(end) = end_at(at) else { continue };
            if at >= covered {
                kept.push_str(&text[covered..at]);
                kept.push_str(BLANK);
            }
            covered = covered.max(end);
        }
        if covered == 0 { Cow::Borrowed(text) } else { Cow::Owned(kept + &text[covered..]) }
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

fn forms(secret: &str) -> Vec<Secret> {
    let mut forms = vec![Secret::new(secret)];
    if secret.len() >= SHORTEST_INSIDE {
        forms.extend((0..3).map(|before| in_base64(&BASE64_STANDARD_NO_PAD, secret, before)));
        forms.extend((0..3).map(|before| in_base64(&BASE64_URL_SAFE_NO_PAD, secret, before)));
    }
    forms.retain(|form| !form.expose().is_empty());
    forms.dedup();
    forms
}

/// What base64 makes of a secret that follows so many other bytes: the digits that are its alone.
fn in_base64(engine: &impl Engine, secret: &str, before: usize) -> Secret {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(secret.as_bytes());
    let digits = Zeroizing::new(engine.encode(&*bytes));
    Secret::new(&digits[(8 * before).div_ceil(6)..8 * bytes.len() / 6])
}

fn may_blank(text: &str, start: usize, end: usize, secret: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    secret.len() >= SHORTEST_INSIDE
        || !joins(text[..start].chars().next_back()) && !joins(text[end..].chars().next())
}

/// How much of the beginning of `text` is `secret`, each character of it written in whichever way.
fn written_at(text: &str, secret: &str, is_cut: bool) -> Option<usize> {
    let mut ends = vec![0];
    for c in secret.chars() {
        let is_at_cut = |end: &usize| *end > 0 && text.len() - end < written::LONGEST;
        if is_cut && ends.iter().any(is_at_cut) {
            return Some(text.len());
        }
        let further = ends.iter().flat_map(|end| {
            let same = ways(&text[*end..]).filter(move |(read, _)| read.eq_ignore_ascii_case(&c));
            same.map(move |(_, length)| end + length)
        });
        let mut further: Vec<usize> = further.collect();
        further.sort_unstable();
        further.dedup();
        ends = further;
        if ends.is_empty() {
            break;
        }
    }
    ends.last().copied()
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
            "p&#228;/ss &#34;w&#x3C;rd&#038;1",
            "%70%c3%A4%2f%73%73%20%22%77%3c%72%64%26%31",
            "\\u0070\\u00E4\\u002Fss \\u0022w<rd&1",
        ] {
            assert_eq!(
                secrets.blank(&format!("bad {form}, {form}!"), false),
                "bad …, …!",
                "{form}"
            );
        }
        for before in ["", "a", "ab", "abc"] {
            let coded = BASE64_URL_SAFE_NO_PAD.encode(format!("{before}pä/ss \"w<rd&1:rest"));
            let blanked = secrets.blank(&coded, false).into_owned();
            assert!(blanked.contains(BLANK) && blanked.len() < coded.len() - 12, "{blanked}");
        }
        assert_eq!(secrets.blank("nothing 李雷", false), "nothing 李雷");
    }

    #[test]
    fn a_short_secret_is_blanked_as_a_word_and_not_out_of_words() {
        let secrets = secrets(&["er", "a"]);
        assert_eq!(secrets.blank("a user: er, 'er' a", false), "… user: …, '…' …");
    }

    #[test]
    fn what_a_sensitive_header_tells_is_kept_in_its_parts() {
        let secrets = Secrets::default();
        secrets.keep_header(&HeaderValue::from_static("Basic YWRtaW46cGFzc3dk=="));
        secrets.keep_header(&HeaderValue::from_static(
            "HMAC-SHA256 signature=C87DC87FC41A28,access=YXBw",
        ));
        assert_eq!(secrets.blank("got YWRtaW46cGFzc3dk", false), "got …");
        assert_eq!(
            secrets.blank("got c87dc87fc41a28 of HMAC-SHA256", false),
            "got … of HMAC-SHA256"
        );
        assert!(!format!("{secrets:?}").contains("YWRt"));
    }

    #[test]
    fn tokens_come_and_go_and_the_secrets_of_the_options_stay() {
        let secrets = secrets(&["pass-word"]);
        (0..1000).for_each(|i| secrets.keep(&format!("token-{i:04}")));
        assert_eq!(secrets.lock().len(), MOST_PASSING);
        assert_eq!(secrets.blank("token-0999 pass-word", false), "… …");
    }

    #[test]
    fn a_secret_is_blanked_also_where_it_is_cut_or_overlaps_another() {
        let secrets = secrets(&["abcd-efgh", "efgh-ijkl"]);
        for cut in ["abc", "abcd-efg", "\\u0061b\\u00", "ab%63", "ab&#9"] {
            assert_eq!(secrets.blank(&format!("is {cut}"), true), "is …", "{cut}");
            assert_eq!(secrets.blank(&format!("is {cut}"), false), format!("is {cut}"));
        }
        assert_eq!(secrets.blank("abcd-efgh-ijkl!", false), "…!");
    }

    #[test]
    fn a_secret_that_holds_another_is_blanked_whole() {
        assert_eq!(secrets(&["abcd", "abcd-efgh"]).blank("is abcd-efgh", false), "is …");
    }
}
