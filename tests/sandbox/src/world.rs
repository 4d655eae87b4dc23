//! Everything that the connections of one sandbox share.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, PoisonError, RwLock};

use crate::clock::Clock;
use crate::config::Config;
use crate::fault::Fault;
use crate::gateway::Throttle;
use crate::log::RequestLog;
use crate::roster;
use crate::schedule::Schedule;
use crate::tokens::Tokens;
use crate::users::Users;

/// The state behind one sandbox.
#[derive(Debug)]
pub(crate) struct World {
    config: RwLock<Arc<Config>>,
    pub(crate) clock: Clock,
    pub(crate) users: Users,
    pub(crate) tokens: Tokens,
    pub(crate) throttle: Throttle,
    pub(crate) schedule: Schedule,
    pub(crate) log: RequestLog,
    /// Connections accepted so far.
    pub(crate) connections: AtomicUsize,
    /// Bytes received so far, counted above TLS.
    pub(crate) bytes_received: AtomicU64,
}

impl World {
    /// # Errors
    /// When the users cannot be read or contradict each other.
    pub(crate) fn new(mut config: Config) -> io::Result<World> {
        let users = Users::new(roster::users(&config)?)?;
        // The list lives on in `users`; a second copy of it would cost a big sandbox its memory.
        config.user_list = Vec::new();
        Ok(World {
            clock: Clock::new(config.time_scale, config.clock_skew_seconds),
            users,
            tokens: Tokens::new(&config),
            throttle: Throttle::new(&config),
            schedule: Schedule::new(config.seed, config.faults.clone()),
            log: RequestLog::new(),
            connections: AtomicUsize::new(0),
            bytes_received: AtomicU64::new(0),
            config: RwLock::new(Arc::new(config)),
        })
    }

    pub(crate) fn config(&self) -> Arc<Config> {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&config)
    }

    /// Changes the configuration of requests to come.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&mut Config)) {
        let mut config = self.config.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Config::clone(&config);
        change(&mut changed);
        if (&changed.tokens, &changed.forbidden_tokens)
            != (&config.tokens, &config.forbidden_tokens)
        {
            self.tokens.fix(&changed);
        }
        if changed.quota != config.quota {
            self.throttle.replace(changed.quota.as_ref());
        }
        if changed.faults != config.faults {
            self.schedule.replace(changed.faults.clone());
        }
        *config = Arc::new(changed);
    }

    /// Sets other faults, which starts to count requests anew even if they are the same as before.
    pub(crate) fn set_faults(&self, faults: Vec<Fault>) {
        self.reconfigure(|config| config.faults = faults.clone());
        self.schedule.replace(faults);
    }
}
