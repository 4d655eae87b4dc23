//! Which tokens are valid, whose they are, and what they permit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::chance::Chance;
use crate::config::Config;
use crate::users::{AccountType, User, Users};

/// The kind of client that calls an API; it may have many tokens at a time, any other only one.
pub(crate) const API_CLIENT: i64 = 72;

/// How many access tokens of an API client are valid at a time for one user.
const MOST_TOKENS: usize = 64;

/// What the bearer of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Everything.
    Administrator,
    /// Log out, and nothing else.
    Nobody,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) account: String,
    pub(crate) third_account: Option<String>,
    pub(crate) name: String,
    pub(crate) admin_type: u8,
    pub(crate) client_type: i64,
}

impl Holder {
    /// One of the users.
    pub(crate) fn of_user(user: User, client_type: i64) -> Holder {
        Holder {
            account: user.account,
            third_account: user.third_account,
            name: user.name,
            admin_type: user.admin_type,
            client_type,
        }
    }

    /// An administrator who is none of the users.
    pub(crate) fn stranger(
        account: &str,
        third_account: Option<&str>,
        admin_type: u8,
        client_type: i64,
    ) -> Holder {
        Holder {
            account: account.to_owned(),
            third_account: third_account.map(str::to_owned),
            name: account.to_owned(),
            admin_type,
            client_type,
        }
    }
}

/// An access token and the refresh token that came with it.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) holder: Holder,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) created_ms: u64,
    pub(crate) access_expires_ms: u64,
    pub(crate) refresh_expires_ms: u64,
    access_revoked: bool,
    refresh_revoked: bool,
}

impl Pair {
    fn opens(&self, now_ms: u64) -> bool {
        !self.access_revoked && now_ms < self.access_expires_ms
    }

    fn renews(&self, now_ms: u64) -> bool {
        !self.refresh_revoked && now_ms < self.refresh_expires_ms
    }
}

#[derive(Debug)]
struct Table {
    fixed: HashMap<String, Permission>,
    issued: Vec<Pair>,
    count: u64,
}

/// All tokens, shared by all connections.
#[derive(Debug)]
pub(crate) struct Tokens(Mutex<Table>);

impl Tokens {
    pub(crate) fn new(config: &Config) -> Tokens {
        Tokens(Mutex::new(Table { fixed: fixed(config), issued: Vec::new(), count: 0 }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the fixed tokens of another configuration in place of those there are.
    pub(crate) fn fix(&self, config: &Config) {
        self.table().fixed = fixed(config);
    }

    /// What a token permits; `None` when it is not valid. A user who has been disabled has no valid
    /// token.
    pub(crate) fn permission(&self, token: &str, now_ms: u64, users: &Users) -> Option<Permission> {
        let table = self.table();
        if let Some(permission) = table.fixed.get(token) {
            return Some(*permission);
        }
        let pair = table.issued.iter().find(|pair| pair.access == token && pair.opens(now_ms))?;
        let user = users.find(&pair.holder.account, AccountType::Account);
        if user.is_some_and(|user| user.status != 0) {
            return None;
        }
        Some(match pair.holder.admin_type {
            0 | 1 => Permission::Administrator,
            _ => Permission::Nobody,
        })
    }

    /// Issues a new pair. When the holder has as many valid access tokens as one may have, the oldest
    /// of them becomes invalid.
    pub(crate) fn issue(&self, holder: Holder, config: &Config, now_ms: u64) -> Pair {
        self.table().issue(holder, config, now_ms)
    }

    /// Issues a new pair for a refresh token, which serves only once; `None` when it is not valid.
    pub(crate) fn refresh(&self, refresh: &str, config: &Config, now_ms: u64) -> Option<Pair> {
        let mut table = self.table();
        let pair =
            table.issued.iter_mut().find(|pair| pair.refresh == refresh && pair.renews(now_ms))?;
        pair.refresh_revoked = true;
        pair.access_revoked |= config.refresh_revokes;
        let holder = pair.holder.clone();
        Some(table.issue(holder, config, now_ms))
    }

    /// Makes an access token and its refresh token invalid; false when it was not valid.
    pub(crate) fn revoke(&self, access: &str, now_ms: u64) -> bool {
        let mut table = self.table();
        if table.fixed.remove(access).is_some() {
            return true;
        }
        let pair = table.issued.iter_mut().find(|pair| pair.access == access && pair.opens(now_ms));
        match pair {
            Some(pair) => {
                pair.access_revoked = true;
                pair.refresh_revoked = true;
                true
            }
            None => false,
        }
    }

    /// Makes every access token invalid that there is now; refresh tokens still serve.
    pub(crate) fn expire(&self) {
        let mut table = self.table();
        table.fixed.clear();
        for pair in &mut table.issued {
            pair.access_revoked = true;
        }
    }
}

impl Table {
    fn issue(&mut self, holder: Holder, config: &Config, now_ms: u64) -> Pair {
        self.issued.retain(|pair| pair.opens(now_ms) || pair.renews(now_ms));
        let most = match holder.client_type {
            API_CLIENT => MOST_TOKENS,
            _ => 1,
        };
        let mut valid: Vec<&mut Pair> = self
            .issued
            .iter_mut()
            .filter(|pair| {
                pair.opens(now_ms)
                    && pair.holder.account == holder.account
                    && pair.holder.client_type == holder.client_type
            })
            .collect();
        let too_many = (valid.len() + 1).saturating_sub(most);
        for oldest in valid.iter_mut().take(too_many) {
            oldest.access_revoked = true;
        }
        self.count += 1;
        let mut chance = Chance::nth(config.seed, "token", self.count);
        let pair = Pair {
            holder,
            access: format!("stb{}", chance.alphanumeric(33)),
            refresh: format!("stb{}", chance.alphanumeric(33)),
            created_ms: now_ms,
            access_expires_ms: now_ms + config.token_valid_seconds * 1000,
            refresh_expires_ms: now_ms + config.refresh_valid_seconds * 1000,
            access_revoked: false,
            refresh_revoked: false,
        };
        self.issued.push(pair.clone());
        pair
    }
}

fn fixed(config: &Config) -> HashMap<String, Permission> {
    let valid = config.tokens.iter();
    let forbidden = config.forbidden_tokens.iter();
    valid
        .map(|token| (token.clone(), Permission::Administrator))
        .chain(forbidden.map(|token| (token.clone(), Permission::Nobody)))
        .collect()
}
