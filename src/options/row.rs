//! What a row of the table is, and what its value is to the library.
//!
//! A row is a [`Key`] of the type that its values have. The library reads options through keys alone,
//! so a key that does not exist, or a number read as a flag, does not compile.

use std::marker::PhantomData;

use crate::endpoint;

/// Whether an option belongs to a client or may differ from call to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Fixed when the client is made.
    Client,
    /// A default of the client that each call may override.
    Call,
}

/// What values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text that is sent in a header or a body: no control characters.
    Text,
    /// A path of the local file system.
    Path,
    /// A whole number from `min` to `max`.
    Integer {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
    },
    /// `true`, `false`, `1`, `0`, `yes`, `no`, `on` or `off`.
    Bool,
    /// One of the listed words.
    Choice(&'static [&'static str]),
    /// A region name, or URLs separated by commas.
    Endpoint,
    /// A proxy's URL, or `none`.
    Proxy,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct OptionKey {
    /// The key, in lower case.
    pub name: &'static str,
    /// Which values it takes.
    pub kind: Kind,
    /// Its value when unset; `None` when there is none.
    pub default: Option<&'static str>,
    /// Client or call.
    pub scope: Scope,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Whether `HWM_<KEY>` is read by [`Options::fill_from_env`].
    pub from_env: bool,
    /// Other names that are taken for it, from before it was renamed.
    pub aliases: &'static [&'static str],
    /// What to set instead, when it is on its way out.
    pub deprecated: Option<&'static str>,
    /// What it does, in one or two sentences.
    pub doc: &'static str,
}

impl OptionKey {
    /// The name of the environment variable of this key: `HWM_<KEY>`.
    pub fn env_name(&self) -> String {
        format!("HWM_{}", self.name.to_uppercase())
    }

    /// What it does, and what to set instead when it is deprecated.
    pub fn manual(&self) -> String {
        match self.deprecated {
            None => self.doc.to_owned(),
            Some(instead) => format!("Deprecated: set {instead} instead. {}", self.doc),
        }
    }

    /// What values are allowed, as a phrase.
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Text => "text without control characters".into(),
            Kind::Path => "a path".into(),
            Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Bool => "true or false".into(),
            Kind::Choice(words) => words.join(", "),
            Kind::Endpoint => format!(
                "a region ({}) or https:// URLs separated by commas",
                endpoint::REGIONS.map(|(name, _)| name).join(", "),
            ),
            Kind::Proxy => "an http:// or https:// URL, or none".into(),
        }
    }
}

/// A row whose values are read as `T`.
pub(crate) struct Key<T> {
    pub(crate) row: OptionKey,
    reads: PhantomData<fn() -> T>,
}

/// Text, a path or a secret that may be unset.
pub(crate) struct Words;
/// A whole number; it always has a value.
pub(crate) struct Number;
/// Yes or no; it always has a value.
pub(crate) struct Flag;

const fn key<T>(name: &'static str, scope: Scope, kind: Kind, doc: &'static str) -> Key<T> {
    let row = OptionKey {
        name,
        kind,
        default: None,
        scope,
        secret: false,
        from_env: true,
        aliases: &[],
        deprecated: None,
        doc,
    };
    Key { row, reads: PhantomData }
}

/// An option whose value is text of some kind.
pub(crate) const fn words(
    name: &'static str,
    scope: Scope,
    kind: Kind,
    doc: &'static str,
) -> Key<Words> {
    assert!(!matches!(kind, Kind::Integer { .. } | Kind::Bool), "it is read as something else");
    key(name, scope, kind, doc)
}

/// An option whose value is a whole number from `min` to `max`.
pub(crate) const fn number(
    name: &'static str,
    scope: Scope,
    (min, max): (u64, u64),
    default: &'static str,
    doc: &'static str,
) -> Key<Number> {
    let value = whole(default);
    assert!(min <= value && value <= max, "the default is out of its range");
    let mut key = key(name, scope, Kind::Integer { min, max }, doc);
    key.row.default = Some(default);
    key
}

/// An option that is on or off.
pub(crate) const fn flag(
    name: &'static str,
    scope: Scope,
    default: bool,
    doc: &'static str,
) -> Key<Flag> {
    let mut key = key(name, scope, Kind::Bool, doc);
    key.row.default = Some(if default { "true" } else { "false" });
    key
}

impl Key<Words> {
    pub(crate) const fn default(mut self, value: &'static str) -> Self {
        self.row.default = Some(value);
        self
    }

    pub(crate) const fn secret(mut self) -> Self {
        self.row.secret = true;
        self
    }
}

impl<T> Key<T> {
    pub(crate) const fn not_from_env(mut self) -> Self {
        self.row.from_env = false;
        self
    }
}

/// The number that `text` writes; fails to compile for anything else.
const fn whole(text: &str) -> u64 {
    let digits = text.as_bytes();
    let mut value = 0;
    let mut at = 0;
    while at < digits.len() {
        assert!(digits[at].is_ascii_digit(), "not a whole number");
        value = value * 10 + (digits[at] - b'0') as u64;
        at += 1;
    }
    value
}
