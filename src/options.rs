//! The one table of options. Setters, checks, environment, flags and the manual come from it.

use crate::endpoint;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::sys;
use crate::token::TokenCallback;

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
    /// What it does, in one or two sentences.
    pub doc: &'static str,
}

const fn row(
    name: &'static str,
    scope: Scope,
    kind: Kind,
    default: Option<&'static str>,
    doc: &'static str,
) -> OptionKey {
    OptionKey { name, kind, default, scope, secret: false, from_env: true, doc }
}

impl OptionKey {
    const fn secret(self) -> OptionKey {
        OptionKey { secret: true, ..self }
    }

    const fn not_from_env(self) -> OptionKey {
        OptionKey { from_env: false, ..self }
    }

    /// The name of the environment variable of this key: `HWM_<KEY>`.
    pub fn env_name(&self) -> String {
        format!("HWM_{}", self.name.to_uppercase())
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

use Kind::{Bool, Choice, Integer, Path, Text};
use Scope::{Call, Client};

const WHOLE: Kind = Integer { min: 0, max: u32::MAX as u64 };

/// Every option there is.
pub const OPTIONS: &[OptionKey] = &[
    row(
        "endpoint",
        Client,
        Kind::Endpoint,
        Some("cn-north-4"),
        "Where the service is: a region, or URLs that all serve the same tenant, tried in order.",
    ),
    row("access_token", Client, Text, None, "A token obtained elsewhere.").secret(),
    row("app_id", Client, Text, None, "App ID to authenticate with; needs app_key."),
    row("app_key", Client, Text, None, "Key of the App ID.").secret(),
    row(
        "user_id",
        Client,
        Text,
        None,
        "User to act as under the App ID; unset: the enterprise's default administrator.",
    ),
    row(
        "corp_id",
        Client,
        Text,
        None,
        "Enterprise to act for. Only for service providers: a single enterprise that sends it is refused.",
    ),
    row("dept_code", Client, Text, None, "Department of the App ID user."),
    row(
        "login",
        Client,
        Text,
        None,
        "Administrator's account to authenticate with; needs password.",
    ),
    row("password", Client, Text, None, "Password of login.").secret(),
    row(
        "account_type",
        Call,
        Choice(&["0", "1", "meeting", "third_party"]),
        Some("0"),
        "What the accounts are: 0 or meeting, accounts of the service; 1 or third_party, user IDs of an App ID enterprise.",
    ),
    row(
        "language",
        Call,
        Choice(&["zh-CN", "en-US"]),
        None,
        "Language of the service's messages; unset: not sent, and the service answers in Chinese.",
    ),
    row(
        "batch_size",
        Call,
        Integer { min: 1, max: 1000 },
        Some("100"),
        "Accounts a request. The service is known to take 100; more is at your own risk.",
    ),
    row("concurrency", Call, Integer { min: 1, max: 64 }, Some("4"), "Requests in flight at once."),
    row(
        "max_requests_per_minute",
        Client,
        WHOLE,
        Some("0"),
        "Ceiling on status requests, evenly spread; 0: only what the gateway's quota headers ask for.",
    ),
    row(
        "attempts",
        Call,
        Integer { min: 1, max: 100 },
        Some("5"),
        "Tries of one batch, the first included. Waiting for quota does not count.",
    ),
    row(
        "retry_base_ms",
        Call,
        WHOLE,
        Some("200"),
        "Upper bound of the first backoff; doubles with each try.",
    ),
    row("retry_max_ms", Call, WHOLE, Some("20000"), "Upper bound of every backoff."),
    row(
        "max_wait_ms",
        Call,
        WHOLE,
        Some("300000"),
        "Longest single wait for quota; a longer one ends the call.",
    ),
    row(
        "connect_timeout_ms",
        Client,
        Integer { min: 1, max: u32::MAX as u64 },
        Some("5000"),
        "Time for name, connection and TLS of one attempt.",
    ),
    row(
        "request_timeout_ms",
        Call,
        Integer { min: 1, max: u32::MAX as u64 },
        Some("30000"),
        "Time for one attempt, the answer's body included.",
    ),
    row("deadline_ms", Call, WHOLE, Some("0"), "Time for the whole call; 0: none."),
    row("drain_ms", Call, WHOLE, Some("5000"), "What a cancel leaves to the requests in flight."),
    row(
        "isolate",
        Call,
        Bool,
        Some("true"),
        "Find the bad accounts of a refused batch; false: all of them stay unknown.",
    ),
    row(
        "capacity_codes",
        Call,
        Text,
        Some("USG.201050006"),
        "Service codes, separated by commas, that mean too few resources.",
    ),
    row(
        "journal",
        Call,
        Path,
        None,
        "File that records what was sent and settled, to resume a call that was interrupted.",
    ),
    row(
        "journal_max_age_h",
        Call,
        WHOLE,
        Some("0"),
        "Hours for which the outcomes of a finished journal are believed, each by its own age: older ones are sent again, and when none is young enough, or at 0, the journal is refused.",
    ),
    row(
        "dry_run",
        Call,
        Bool,
        Some("false"),
        "Check and plan, with what a journal leaves to send; send and write nothing.",
    ),
    row("ca_file", Client, Path, None, "PEM file of roots to trust besides the platform's.")
        .not_from_env(),
    row(
        "proxy",
        Client,
        Kind::Proxy,
        None,
        "Proxy to go through, or none; unset: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, read once.",
    )
    .secret(),
    row(
        "allow_http",
        Client,
        Bool,
        Some("false"),
        "Allow http:// to hosts that are not loopback. Tokens travel readable.",
    )
    .not_from_env(),
    row(
        "logout",
        Client,
        Bool,
        Some("false"),
        "Log out the tokens that this client fetched when it is closed.",
    ),
];

/// The row of `key`; an error that lists the keys when there is none.
pub fn find(key: &str) -> Result<&'static OptionKey> {
    index_of(key).map(|index| &OPTIONS[index])
}

fn index_of(key: &str) -> Result<usize> {
    OPTIONS.iter().position(|row| row.name == key).ok_or_else(|| {
        let known: Vec<_> = OPTIONS.iter().map(|row| row.name).collect();
        Error::option(format!("unknown option {key:?}; there are: {}", known.join(", ")))
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
    pub fn set<'v>(&mut self, key: &str, value: impl Into<Option<&'v str>>) -> Result<&mut Self> {
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
    pub fn from_env() -> Result<Self> {
        let mut options = Options::new();
        options.fill_from_env()?;
        Ok(options)
    }

    /// Sets from the environment every key that is not set yet. Empty variables count as unset.
    ///
    /// `ca_file` and `allow_http` are not taken from there, and nothing is in a set-uid program.
    pub fn fill_from_env(&mut self) -> Result<&mut Self> {
        for (index, row) in OPTIONS.iter().enumerate() {
            if !row.from_env || self.values.get(index).is_some_and(Option::is_some) {
                continue;
            }
            let name = row.env_name();
            match sys::environment(&name) {
                Some(Ok(value)) if !value.is_empty() => {
                    self.set(row.name, value.as_str())
                        .map_err(|error| Error::option(format!("{name}: {error}")))?;
                }
                Some(Err(_)) => return Err(Error::option(format!("{name} is not UTF-8"))),
                _ => {}
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
        OPTIONS.iter().find(|row| row.scope == Client && self.is_set(row.name)).map(|row| row.name)
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

pub(crate) fn parse_bool(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn check(row: &OptionKey, value: &str) -> Result<()> {
    let allowed = match row.kind {
        Text | Path => !value.is_empty() && !value.chars().any(char::is_control),
        Integer { min, max } => {
            value.bytes().all(|byte| byte.is_ascii_digit())
                && value.parse::<u64>().is_ok_and(|number| (min..=max).contains(&number))
        }
        Bool => parse_bool(value).is_some(),
        Choice(words) => words.contains(&value),
        Kind::Endpoint => return endpoint::parse(value).map(drop),
        Kind::Proxy => {
            value == "none" || (reqwest::Proxy::all(value).is_ok() && value.starts_with("http"))
        }
    };
    if allowed {
        return Ok(());
    }
    let shown = if row.secret { "its value".to_owned() } else { format!("{value:?}") };
    Err(Error::option(format!(
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
        let scope = if row.scope == Client { "client" } else { "call" };
        let secret = if row.secret { " (secret)" } else { "" };
        text += &format!(
            "| `{}`{secret} | {scope} | {} | {} | {} |\n",
            row.name,
            row.default.map_or("–".to_owned(), |value| format!("`{value}`")),
            row.allowed(),
            row.doc,
        );
    }
    text
}
