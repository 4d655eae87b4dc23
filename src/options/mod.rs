//! Options: a set of values, each checked against its row of the one table when it is set.

pub(crate) mod row;
pub(crate) mod table;

use crate::endpoint;
use crate::error;
use crate::fault::{Fault, Result};
use crate::secret::Secret;
use crate::sys;
use crate::token_source::TokenCallback;

pub use row::{Kind, OptionKey, Scope};
pub use table::OPTIONS;

/// The row of `key`; an error that lists the keys when there is none.
pub fn find(key: &str) -> error::Result<&'static OptionKey> {
    Ok(&OPTIONS[index_of(key)?])
}

/// The environment variable `name` where it counts: `None` when it is unset or empty, and in a
/// set-user-ID program, whose caller must not choose what it does.
///
/// Fails with `InvalidOption` when it is not UTF-8.
pub fn variable(name: &str) -> error::Result<Option<String>> {
    match sys::environment(name) {
        Some(Ok(value)) => Ok(Some(value).filter(|value| !value.is_empty())),
        Some(Err(())) => Err(Fault::option(format!("{name} is not UTF-8")).into()),
        None => Ok(None),
    }
}

fn index_of(key: &str) -> Result<usize> {
    let is_named = |row: &OptionKey| row.name == key || row.aliases.contains(&key);
    OPTIONS.iter().position(is_named).ok_or_else(|| {
        let known: Vec<_> = OPTIONS.iter().map(|row| row.name).collect();
        Fault::option(format!("unknown option {key:?}; there are: {}", known.join(", ")))
    })
}

/// A set of option values, each checked when it is set.
///
/// ```
/// let mut options = hwm::Options::new();
/// options.set("access_token", "stb7…")?.set("batch_size", "50")?;
/// options.set("batch_size", None)?; // unset: back to the default
/// # Ok::<(), hwm::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Options {
    values: Vec<Option<Secret>>,
    pub(crate) token_callback: Option<TokenCallback>,
}

impl Options {
    /// No option set: every key has its default.
    pub fn new() -> Self {
        Options::default()
    }

    /// Sets `key` to `value`, or unsets it with `None`.
    ///
    /// Fails with `InvalidOption` on an unknown key or a value that the key does not take; the
    /// error names the key, the value (unless secret) and what is allowed.
    pub fn set<'v>(
        &mut self,
        key: &str,
        value: impl Into<Option<&'v str>>,
    ) -> error::Result<&mut Self> {
        let index = index_of(key)?;
        let value = match value.into() {
            Some(value) => {
                check(&OPTIONS[index], value)?;
                Some(Secret::new(value))
            }
            None => None,
        };
        if self.values.is_empty() {
            self.values.resize(OPTIONS.len(), None);
        }
        self.values[index] = value;
        Ok(self)
    }

    /// Asks `callback` for tokens instead of fetching them; no other credential may be set beside it.
    ///
    /// It runs on the calling thread of one call that needs a token.
    pub fn on_token(&mut self, callback: TokenCallback) -> &mut Self {
        self.token_callback = Some(callback);
        self
    }

    /// Options from the environment: `HWM_<KEY>` for every key of the table that may come from there.
    pub fn from_env() -> error::Result<Self> {
        let mut options = Options::new();
        options.fill_from_env()?;
        Ok(options)
    }

    /// Sets from the environment every key that is not set yet. Empty variables count as unset.
    ///
    /// `ca_file` and `allow_http` are not taken from there, and nothing is in a set-uid program.
    pub fn fill_from_env(&mut self) -> error::Result<&mut Self> {
        for (index, row) in OPTIONS.iter().enumerate() {
            if !row.from_env || self.values.get(index).is_some_and(Option::is_some) {
                continue;
            }
            let name = row.env_name();
            if let Some(value) = variable(&name)? {
                self.set(row.name, value.as_str())
                    .map_err(|error| Fault::option(format!("{name}: {error}")))?;
            }
        }
        Ok(self)
    }

    /// The value of `key` when it is set and not secret.
    pub fn get(&self, key: &str) -> Option<&str> {
        find(key).ok().filter(|row| !row.secret).and_then(|row| self.raw(row.name))
    }

    /// Whether `key` is set.
    pub fn is_set(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    pub(crate) fn raw(&self, key: &str) -> Option<&str> {
        let index = OPTIONS.iter().position(|row| row.name == key)?;
        self.values.get(index)?.as_ref().map(Secret::expose)
    }

    /// The first key set here that belongs to clients.
    pub(crate) fn first_client_key(&self) -> Option<&'static str> {
        OPTIONS
            .iter()
            .find(|row| row.scope == Scope::Client && self.is_set(row.name))
            .map(|row| row.name)
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut map = f.debug_map();
        for row in OPTIONS {
            if let Some(value) = self.raw(row.name) {
                map.entry(&row.name, &if row.secret { "…" } else { value });
            }
        }
        map.finish()
    }
}

/// What the value of an option of [`Kind::Bool`] says; `None` when it is none of the words allowed.
pub fn parse_bool(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn check(row: &OptionKey, value: &str) -> Result<()> {
    let allowed = match row.kind {
        Kind::Text | Kind::Path => !value.is_empty() && !value.chars().any(char::is_control),
        Kind::Integer { min, max } => {
            value.bytes().all(|byte| byte.is_ascii_digit())
                && value.parse::<u64>().is_ok_and(|number| (min..=max).contains(&number))
        }
        Kind::Bool => parse_bool(value).is_some(),
        Kind::Choice(words) => words.contains(&value),
        Kind::Endpoint => return endpoint::parse(value).map(drop),
        Kind::Proxy => {
            value == "none" || (reqwest::Proxy::all(value).is_ok() && value.starts_with("http"))
        }
    };
    if allowed {
        return Ok(());
    }
    let shown = if row.secret { "its value".to_owned() } else { format!("{value:?}") };
    Err(Fault::option(format!(
        "option {}: {shown} is not allowed; it takes {}",
        row.name,
        row.allowed()
    )))
}

/// The table as Markdown, for the README.
pub fn markdown() -> String {
    let mut text = String::from(
        "| option | scope | default | takes | what it does |\n|---|---|---|---|---|\n",
    );
    for row in OPTIONS {
        let scope = if row.scope == Scope::Client { "client" } else { "call" };
        let secret = if row.secret { " (secret)" } else { "" };
        text += &format!(
            "| `{}`{secret} | {scope} | {} | {} | {} |\n",
            row.name,
            row.default.map_or("–".to_owned(), |value| format!("`{value}`")),
            row.allowed(),
            row.manual(),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_its_option_takes() {
        for row in OPTIONS {
            if let Some(value) = row.default {
                check(row, value).unwrap();
            }
        }
    }

    #[test]
    fn no_two_rows_share_a_name() {
        let names = OPTIONS.iter().flat_map(|row| row.aliases.iter().chain([&row.name]));
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }

    #[test]
    fn every_value_is_checked_against_its_row_and_the_error_says_what_is_allowed() {
        for (key, value, allowed) in [
            ("batch_size", "0", "a whole number from 1 to 1000"),
            ("batch_size", "1001", "a whole number from 1 to 1000"),
            ("batch_size", "+5", "a whole number from 1 to 1000"),
            ("batch_size", "99999999999999999999999", "a whole number from 1 to 1000"),
            ("isolate", "maybe", "true or false"),
            ("language", "en", "zh-CN, en-US"),
            ("login", "", "text without control characters"),
            ("login", "a\nb", "text without control characters"),
            ("proxy", "ftp://x", "an http:// or https:// URL, or none"),
        ] {
            let error = Options::new().set(key, value).map(drop).unwrap_err();
            assert!(error.message().contains(allowed), "{key}={value}: {error}");
            assert!(error.message().starts_with(&format!("option {key}:")), "{error}");
        }
        let error = Options::new().set("app_key", "se\ncret").map(drop).unwrap_err();
        assert!(!error.message().contains("cret"), "{error}");
    }

    #[test]
    fn a_value_can_be_taken_back_and_a_secret_is_never_told() {
        let mut options = Options::new();
        options.set("batch_size", "50").unwrap().set("password", "hunter2").unwrap();
        assert_eq!((options.get("batch_size"), options.get("password")), (Some("50"), None));
        assert!(options.is_set("password") && !format!("{options:?}").contains("hunter2"));
        options.set("batch_size", None).unwrap();
        assert!(!options.is_set("batch_size") && options.first_client_key() == Some("password"));
        assert!(
            options.set("batchsize", "1").map(drop).unwrap_err().message().contains("batch_size")
        );
    }
}
