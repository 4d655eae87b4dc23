//! Option values as the parts of the library need them: typed, with defaults filled in.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::endpoint;
use crate::fault::{Fault, Result};
use crate::model::AccountType;
use crate::options::row::{Flag, Key, Number, Words};
use crate::options::{self, Options, table};
use crate::proxy::ProxyChoice;
use crate::secret::Secret;
use crate::token_source::TokenCallback;

/// How a client gets its tokens.
pub(crate) enum Credentials {
    Token(Secret),
    AppId {
        app_id: String,
        app_key: Secret,
        user_id: Option<String>,
        corp_id: Option<String>,
        dept_code: Option<String>,
    },
    Password {
        login: String,
        password: Secret,
    },
    Callback(TokenCallback),
}

impl Credentials {
    /// The secret that they are made of.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self {
            Credentials::Token(token) => Some(token),
            Credentials::AppId { app_key, .. } => Some(app_key),
            Credentials::Password { password, .. } => Some(password),
            Credentials::Callback(_) => None,
        }
    }

    /// The account that the credentials name, if they do.
    pub(crate) fn user(&self) -> Option<&str> {
        match self {
            Credentials::AppId { user_id, .. } => user_id.as_deref(),
            Credentials::Password { login, .. } => Some(login),
            Credentials::Token(_) | Credentials::Callback(_) => None,
        }
    }
}

/// The options of scope client.
pub(crate) struct ClientSettings {
    pub(crate) endpoints: Vec<Url>,
    pub(crate) credentials: Credentials,
    pub(crate) max_requests_per_minute: u32,
    pub(crate) connect_timeout: Duration,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) proxy: ProxyChoice,
    pub(crate) logout: bool,
}

/// The options of scope call.
pub(crate) struct CallSettings {
    pub(crate) account_type: AccountType,
    pub(crate) language: Option<&'static str>,
    pub(crate) batch_size: usize,
    pub(crate) concurrency: usize,
    pub(crate) attempts: u32,
    pub(crate) retry_base: Duration,
    pub(crate) retry_max: Duration,
    pub(crate) max_wait: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) deadline: Option<Duration>,
    pub(crate) drain: Duration,
    pub(crate) isolate: bool,
    pub(crate) capacity_codes: Vec<String>,
    pub(crate) journal: Option<PathBuf>,
    pub(crate) journal_max_age: Duration,
    pub(crate) dry_run: bool,
}

/// Looks a key up: the call's overrides, then the client's options, then the default.
struct Lookup<'o> {
    overrides: Option<&'o Options>,
    client: &'o Options,
}

impl<'o> Lookup<'o> {
    fn text<T>(&self, key: &Key<T>) -> Option<&'o str> {
        self.overrides
            .and_then(|options| options.raw(key.row.name))
            .or_else(|| self.client.raw(key.row.name))
            .or(key.row.default)
    }

    fn owned(&self, key: &Key<Words>) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// Every number has a default, and was checked when it was set.
    fn number(&self, key: &Key<Number>) -> u64 {
        let number = self.text(key).and_then(|value| value.parse().ok());
        debug_assert!(number.is_some(), "{}", key.row.name);
        number.unwrap_or(0)
    }

    fn millis(&self, key: &Key<Number>) -> Duration {
        Duration::from_millis(self.number(key))
    }

    /// Every flag has a default, and was checked when it was set.
    fn flag(&self, key: &Key<Flag>) -> bool {
        let flag = self.text(key).and_then(options::parse_bool);
        debug_assert!(flag.is_some(), "{}", key.row.name);
        flag.unwrap_or(false)
    }
}

impl ClientSettings {
    pub(crate) fn new(options: &Options) -> Result<ClientSettings> {
        let lookup = Lookup { overrides: None, client: options };
        let endpoints = endpoint::parse(lookup.text(&table::ENDPOINT).unwrap_or_default())?;
        let proxy = match lookup.text(&table::PROXY) {
            None => ProxyChoice::Environment,
            Some("none") => ProxyChoice::None,
            Some(url) => ProxyChoice::Url(Secret::new(url)),
        };
        if !lookup.flag(&table::ALLOW_HTTP) {
            endpoint::check_encryption(&endpoints)?;
            if let ProxyChoice::Url(url) = &proxy {
                endpoint::check_proxy(&endpoints, url.expose())?;
            }
        }
        Ok(ClientSettings {
            endpoints,
            credentials: credentials(&lookup, options)?,
            max_requests_per_minute: lookup.number(&table::MAX_REQUESTS_PER_MINUTE) as u32,
            connect_timeout: lookup.millis(&table::CONNECT_TIMEOUT_MS),
            ca_file: lookup.text(&table::CA_FILE).map(PathBuf::from),
            proxy,
            logout: lookup.flag(&table::LOGOUT),
        })
    }
}

fn credentials(lookup: &Lookup<'_>, options: &Options) -> Result<Credentials> {
    let mut chosen = Vec::new();
    for key in ["access_token", "app_id", "login"] {
        if options.is_set(key) {
            chosen.push(key);
        }
    }
    if options.token_callback.is_some() {
        chosen.push("a token callback");
    }
    if chosen.len() > 1 {
        return Err(Fault::option(format!(
            "{} are set, but only one source of tokens may be chosen; unset all but one",
            chosen.join(" and ")
        )));
    }
    for (key, needs) in [
        ("app_key", "app_id"),
        ("user_id", "app_id"),
        ("corp_id", "app_id"),
        ("dept_code", "app_id"),
        ("password", "login"),
        ("app_id", "app_key"),
        ("login", "password"),
    ] {
        if options.is_set(key) && !options.is_set(needs) {
            return Err(Fault::option(format!("option {key} needs option {needs} beside it")));
        }
    }
    if let Some(callback) = &options.token_callback {
        return Ok(Credentials::Callback(callback.clone()));
    }
    let secret = |key: &Key<Words>| Secret::new(lookup.text(key).unwrap_or_default());
    match chosen.first() {
        Some(&"access_token") => Ok(Credentials::Token(secret(&table::ACCESS_TOKEN))),
        Some(&"app_id") => Ok(Credentials::AppId {
            app_id: lookup.owned(&table::APP_ID).unwrap_or_default(),
            app_key: secret(&table::APP_KEY),
            user_id: lookup.owned(&table::USER_ID),
            corp_id: lookup.owned(&table::CORP_ID),
            dept_code: lookup.owned(&table::DEPT_CODE),
        }),
        Some(&"login") => Ok(Credentials::Password {
            login: lookup.owned(&table::LOGIN).unwrap_or_default(),
            password: secret(&table::PASSWORD),
        }),
        _ => Err(Fault::option(
            "no credential: set access_token, or app_id and app_key, or login and password, \
             or give a token callback",
        )),
    }
}

impl CallSettings {
    /// The settings of one call. Fails with `InvalidOption` when `overrides` hold a client's key.
    pub(crate) fn new(client: &Options, overrides: Option<&Options>) -> Result<CallSettings> {
        if let Some(key) = overrides.and_then(Options::first_client_key) {
            return Err(Fault::option(format!(
                "option {key} belongs to the client and cannot differ from call to call"
            )));
        }
        if overrides.is_some_and(|options| options.token_callback.is_some()) {
            return Err(Fault::option("a token callback belongs to the client, not to a call"));
        }
        let lookup = Lookup { overrides, client };
        let deadline = lookup.millis(&table::DEADLINE_MS);
        Ok(CallSettings {
            account_type: match lookup.text(&table::ACCOUNT_TYPE) {
                Some("1" | "third_party") => AccountType::ThirdParty,
                _ => AccountType::Meeting,
            },
            language: lookup.text(&table::LANGUAGE).and_then(|value| {
                table::LANGUAGES.iter().copied().find(|language| *language == value)
            }),
            batch_size: lookup.number(&table::BATCH_SIZE).max(1) as usize,
            concurrency: lookup.number(&table::CONCURRENCY).max(1) as usize,
            attempts: lookup.number(&table::ATTEMPTS).max(1) as u32,
            retry_base: lookup.millis(&table::RETRY_BASE_MS),
            retry_max: lookup.millis(&table::RETRY_MAX_MS),
            max_wait: lookup.millis(&table::MAX_WAIT_MS),
            request_timeout: lookup.millis(&table::REQUEST_TIMEOUT_MS),
            deadline: (!deadline.is_zero()).then_some(deadline),
            drain: lookup.millis(&table::DRAIN_MS),
            isolate: lookup.flag(&table::ISOLATE),
            capacity_codes: lookup
                .text(&table::CAPACITY_CODES)
                .unwrap_or_default()
                .split(',')
                .map(|code| code.trim().to_owned())
                .filter(|code| !code.is_empty())
                .collect(),
            journal: lookup.text(&table::JOURNAL).map(PathBuf::from),
            journal_max_age: Duration::from_secs(3600 * lookup.number(&table::JOURNAL_MAX_AGE_H)),
            dry_run: lookup.flag(&table::DRY_RUN),
        })
    }
}
