//! Which access tokens are valid, and what they permit.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::config::Config;

/// What the bearer of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Everything.
    Administrator,
    /// Log out, and nothing else.
    Nobody,
}

#[derive(Debug, Default)]
struct Table {
    fixed: HashMap<String, Permission>,
}

/// All access tokens, shared by all connections.
#[derive(Debug)]
pub(crate) struct Tokens(Mutex<Table>);

impl Tokens {
    pub(crate) fn new(config: &Config) -> Tokens {
        let mut fixed = HashMap::new();
        for token in &config.tokens {
            fixed.insert(token.clone(), Permission::Administrator);
        }
        for token in &config.forbidden_tokens {
            fixed.insert(token.clone(), Permission::Nobody);
        }
        Tokens(Mutex::new(Table { fixed }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a token permits; `None` when it is not valid.
    pub(crate) fn permission(&self, token: &str) -> Option<Permission> {
        self.table().fixed.get(token).copied()
    }

    /// Makes every access token invalid that there is now.
    pub(crate) fn expire(&self) {
        self.table().fixed.clear();
    }
}
