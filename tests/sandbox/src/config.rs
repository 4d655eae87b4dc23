//! What a sandbox is told before it starts.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::quota::Quota;

/// Everything that can be chosen about a sandbox; the defaults play a healthy small enterprise.
///
/// As JSON every field may be left out, and an unknown field is an error:
///
/// ```
/// let config: hwm_sandbox::Config = serde_json::from_str(r#"{"users": 20, "batch_limit": 10}"#)?;
/// assert_eq!((config.users, config.batch_limit, config.seed), (20, 10, 1));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where all randomness comes from.
    pub seed: u64,
    /// How many users to generate when neither `user_list` nor `users_csv` is given.
    pub users: usize,
    /// The users, spelled out; when not empty no user is generated.
    pub user_list: Vec<UserSpec>,
    /// A CSV file of users: columns `account`, `status` and, optional, `third_account` and `name`.
    pub users_csv: Option<PathBuf>,
    /// The share of generated users that is disabled at random, 0 to 1.
    pub disabled_share: f64,
    /// Serve HTTPS.
    pub tls: bool,
    /// The certificate to present over HTTPS.
    pub cert: Cert,
    /// Access tokens that are valid from the start, of an administrator who is none of the users.
    pub tokens: Vec<String>,
    /// Access tokens that are valid but of a user who may not change anything: 403 `USG.000000004`.
    pub forbidden_tokens: Vec<String>,
    /// The App ID of the enterprise.
    pub app_id: String,
    /// The key that App ID signatures are made with.
    pub app_key: String,
    /// Third-party user IDs of administrators who are none of the users, for authentication by App ID.
    pub app_admins: Vec<String>,
    /// The enterprise's id under a service provider's App ID. `None` is a single enterprise, which is
    /// refused when it sends a `corpId`.
    pub corp_id: Option<String>,
    /// Accounts that may log in with a password. One that is none of the users is an administrator.
    pub logins: Vec<Login>,
    /// How long an access token is valid, by the sandbox's clock.
    pub token_valid_seconds: u64,
    /// How long a refresh token is valid, by the sandbox's clock.
    pub refresh_valid_seconds: u64,
    /// Whether a refresh makes the access token before it invalid at once.
    pub refresh_revokes: bool,
    /// Whether token answers write `refreshExpireTime` as text with a comma in it, as one of the
    /// service's examples does.
    pub odd_refresh_expire_time: bool,
    /// The most users that one page of a listing may have.
    pub page_limit: usize,
    /// The most accounts that one batch may hold; a larger one is refused with `USG.000000003`.
    pub batch_limit: usize,
    /// A lower limit that nobody tells the client: a larger batch is refused with 400
    /// `SANDBOX.BATCH_TOO_LARGE`.
    pub hidden_batch_limit: Option<usize>,
    /// Whether a batch that is refused for an unknown account changes the others all the same.
    pub partial_on_unknown: bool,
    /// Refuse every batch alike, with this HTTP status and error code.
    pub refuse_all: Option<(u16, String)>,
    /// What the body of a 200 to a status request is.
    pub success_body: SuccessBody,
    /// How long every request that reaches the service takes, in real milliseconds.
    pub latency_ms: u64,
    /// The most users that can be enabled at a time.
    pub capacity: Option<usize>,
    /// The error code of a batch that does not fit into `capacity`.
    pub capacity_code: String,
    /// Whether a batch that does not fit enables users in order until nothing is left, and is refused
    /// then; otherwise it changes nothing.
    pub capacity_partial: bool,
    /// The gateway's quota; none by default.
    pub quota: Option<Quota>,
    /// What goes wrong; nothing by default.
    pub faults: Vec<Fault>,
    /// How much faster than real time the sandbox's clock runs; 0 stands still but for
    /// [`Sandbox::advance`](crate::Sandbox::advance). Latency stays real.
    pub time_scale: f64,
    /// How many seconds the sandbox's clock is ahead of real time (negative: behind).
    pub clock_skew_seconds: i64,
    /// Whether the request log keeps bodies, accounts and changes. Off, a run over a million accounts
    /// costs the log next to nothing.
    pub log_bodies: bool,
    /// How many threads serve requests.
    pub threads: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            seed: 1,
            users: 300,
            user_list: Vec::new(),
            users_csv: None,
            disabled_share: 0.4,
            tls: false,
            cert: Cert::Good,
            tokens: vec!["sandbox-token".to_owned()],
            forbidden_tokens: Vec::new(),
            app_id: "4d4f1a6b0c2e4c1f9a35d7be8c60a1f2".to_owned(),
            app_key: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
            app_admins: vec!["admin@example".to_owned()],
            corp_id: None,
            logins: vec![Login::new("admin", "Sandbox-1")],
            token_valid_seconds: 43_200,
            refresh_valid_seconds: 2_592_000,
            refresh_revokes: false,
            odd_refresh_expire_time: false,
            page_limit: 500,
            batch_limit: 100,
            hidden_batch_limit: None,
            partial_on_unknown: false,
            refuse_all: None,
            success_body: SuccessBody::Empty,
            latency_ms: 0,
            capacity: None,
            capacity_code: "USG.201050006".to_owned(),
            capacity_partial: false,
            quota: None,
            faults: Vec::new(),
            time_scale: 1.0,
            clock_skew_seconds: 0,
            log_bodies: true,
            threads: 2,
        }
    }
}

/// One user, spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserSpec {
    /// The Huawei Cloud Meeting account.
    pub account: String,
    /// The third-party user ID, in enterprises that authenticate by App ID.
    pub third_account: Option<String>,
    /// 0 enabled, 1 disabled.
    pub status: u8,
    /// The name that people see.
    pub name: Option<String>,
    /// 2 user, 12 TV, 13 IdeaHub, 14 SmartRooms.
    pub user_type: u8,
    /// 0 default administrator, 1 administrator, 2 neither.
    pub admin_type: u8,
}

impl Default for UserSpec {
    fn default() -> UserSpec {
        UserSpec {
            account: String::new(),
            third_account: None,
            status: 0,
            name: None,
            user_type: 2,
            admin_type: 2,
        }
    }
}

impl UserSpec {
    /// An ordinary user with this account and status.
    pub fn new(account: impl Into<String>, status: u8) -> UserSpec {
        UserSpec { account: account.into(), status, ..UserSpec::default() }
    }
}

/// An account that may log in, or why it may not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The account.
    pub account: String,
    /// Its password.
    pub password: String,
    /// Whether it may log in.
    #[serde(default)]
    pub state: LoginState,
}

impl Login {
    /// An account that may log in with this password.
    pub fn new(account: impl Into<String>, password: impl Into<String>) -> Login {
        Login { account: account.into(), password: password.into(), state: LoginState::Ok }
    }
}

/// Whether an account may log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum LoginState {
    /// It may.
    #[default]
    #[serde(alias = "ok")]
    Ok,
    /// It is disabled: 412.
    #[serde(alias = "disabled")]
    Disabled,
    /// It is locked: 423.
    #[serde(alias = "locked")]
    Locked,
}

impl LoginState {
    /// The status and the code of the refusal, if it is one. The codes are not documented.
    pub(crate) fn refusal(self) -> Option<(u16, &'static str)> {
        match self {
            LoginState::Ok => None,
            LoginState::Disabled => Some((412, "SANDBOX.ACCOUNT_DISABLED")),
            LoginState::Locked => Some((423, "SANDBOX.ACCOUNT_LOCKED")),
        }
    }
}

/// The certificate that the sandbox presents. A client that trusts [`Sandbox::ca_pem`] must refuse all
/// but [`Cert::Good`].
///
/// [`Sandbox::ca_pem`]: crate::Sandbox::ca_pem
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum Cert {
    /// For `localhost` and `127.0.0.1`, by the sandbox's certificate authority.
    #[default]
    Good,
    /// By the sandbox's authority, for another host.
    WrongName,
    /// By the sandbox's authority, out of date for years.
    Expired,
    /// For `localhost`, signed by itself.
    SelfSigned,
    /// For `localhost`, by an authority that nobody was told of.
    OtherCa,
}

/// What a 200 to a status request carries. The documentation says nothing, and shows 143 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
pub enum SuccessBody {
    /// No body.
    #[default]
    Empty,
    /// A JSON object of 143 bytes, the length in the documentation's example.
    Json143,
    /// A JSON object whose `error_code` is there and empty.
    EmptyErrorCode,
    /// This text, as it is.
    Text(String),
}
