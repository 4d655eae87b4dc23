//! The enterprise's users and their statuses.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::config::UserSpec;

/// A user as a test sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The Huawei Cloud Meeting account.
    pub account: String,
    /// The third-party user ID.
    pub third_account: Option<String>,
    /// 0 enabled, 1 disabled.
    pub status: u8,
    /// The name that people see.
    pub name: String,
    /// 2 user, 12 TV, 13 IdeaHub, 14 SmartRooms.
    pub user_type: u8,
    /// 0 default administrator, 1 administrator, 2 neither.
    pub admin_type: u8,
    /// How often the status has changed since the start.
    pub changes: u64,
}

/// Which of a user's two names a request goes by: `accountType` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountType {
    Account,
    ThirdAccount,
}

/// What became of one batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BatchChange {
    /// Whether the list held somebody unknown.
    pub(crate) unknown: bool,
    /// Whether somebody could not be enabled for lack of capacity.
    pub(crate) full: bool,
    /// The accounts, in the words of the request, whose status is another than before.
    pub(crate) changed: Vec<String>,
}

/// The rules that a batch is changed by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchRules {
    pub(crate) capacity: Option<usize>,
    pub(crate) capacity_partial: bool,
    pub(crate) partial_on_unknown: bool,
}

#[derive(Debug)]
struct Record {
    account: Arc<str>,
    third_account: Option<Arc<str>>,
    name: Option<Arc<str>>,
    status: u8,
    user_type: u8,
    admin_type: u8,
    changes: u64,
}

impl Record {
    fn show(&self) -> User {
        User {
            account: self.account.to_string(),
            third_account: self.third_account.as_deref().map(str::to_owned),
            status: self.status,
            name: self.name.as_deref().unwrap_or(&self.account).to_owned(),
            user_type: self.user_type,
            admin_type: self.admin_type,
            changes: self.changes,
        }
    }
}

#[derive(Debug)]
struct Table {
    records: Vec<Record>,
    by_account: HashMap<Arc<str>, u32>,
    by_third_account: HashMap<Arc<str>, u32>,
    enabled: usize,
    changes: u64,
}

impl Table {
    fn find(&self, account: &str, by: AccountType) -> Option<usize> {
        let index = match by {
            AccountType::Account => self.by_account.get(account),
            AccountType::ThirdAccount => self.by_third_account.get(account),
        };
        index.map(|index| *index as usize)
    }

    fn set(&mut self, index: usize, status: u8) -> bool {
        let record = &mut self.records[index];
        if record.status == status {
            return false;
        }
        record.status = status;
        record.changes += 1;
        self.changes += 1;
        if status == 0 {
            self.enabled += 1;
        } else {
            self.enabled -= 1;
        }
        true
    }
}

/// All users, shared by all connections.
#[derive(Debug)]
pub(crate) struct Users(Mutex<Table>);

impl Users {
    /// The users of `specs`.
    ///
    /// # Errors
    /// When an account is empty or there twice, or a status is neither 0 nor 1.
    pub(crate) fn new(specs: Vec<UserSpec>) -> io::Result<Users> {
        let mut table = Table {
            records: Vec::with_capacity(specs.len()),
            by_account: HashMap::with_capacity(specs.len()),
            by_third_account: HashMap::with_capacity(specs.len()),
            enabled: 0,
            changes: 0,
        };
        for spec in specs {
            let refuse = |why: &str| {
                let text = format!("sandbox user {:?}: {why}", spec.account);
                Err(io::Error::new(io::ErrorKind::InvalidInput, text))
            };
            if spec.account.is_empty() {
                return refuse("the account is empty");
            }
            if spec.status > 1 {
                return refuse("the status is neither 0 nor 1");
            }
            let index = u32::try_from(table.records.len()).unwrap_or(u32::MAX);
            let account: Arc<str> = Arc::from(spec.account.as_str());
            if table.by_account.insert(account.clone(), index).is_some() {
                return refuse("the account is there twice");
            }
            let third_account: Option<Arc<str>> = spec.third_account.as_deref().map(Arc::from);
            if let Some(third) = &third_account
                && table.by_third_account.insert(third.clone(), index).is_some()
            {
                return refuse("the third-party user ID is there twice");
            }
            table.enabled += usize::from(spec.status == 0);
            table.records.push(Record {
                account,
                third_account,
                name: spec.name.as_deref().map(Arc::from),
                status: spec.status,
                user_type: spec.user_type,
                admin_type: spec.admin_type,
                changes: 0,
            });
        }
        Ok(Users(Mutex::new(table)))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<User> {
        self.table().records.iter().map(Record::show).collect()
    }

    pub(crate) fn find(&self, account: &str, by: AccountType) -> Option<User> {
        let table = self.table();
        let index = table.find(account, by)?;
        Some(table.records[index].show())
    }

    /// The users that satisfy `wanted`, in order.
    pub(crate) fn matching(&self, wanted: impl Fn(&User) -> bool) -> Vec<User> {
        let table = self.table();
        let users = table.records.iter().map(Record::show);
        users.filter(wanted).collect()
    }

    /// The first user who is a default administrator.
    pub(crate) fn default_administrator(&self) -> Option<User> {
        let table = self.table();
        let record = table.records.iter().find(|record| record.admin_type == 0)?;
        Some(record.show())
    }

    /// How often any user's status has changed.
    pub(crate) fn changes(&self) -> u64 {
        self.table().changes
    }

    /// Sets one user's status without asking capacity; false when there is no such account.
    pub(crate) fn set(&self, account: &str, status: u8) -> bool {
        let mut table = self.table();
        match table.find(account, AccountType::Account) {
            Some(index) => {
                table.set(index, status);
                true
            }
            None => false,
        }
    }

    /// Sets the status of a whole batch, or as much of it as the rules allow.
    pub(crate) fn change(
        &self,
        accounts: &[String],
        by: AccountType,
        status: u8,
        rules: BatchRules,
    ) -> BatchChange {
        let mut table = self.table();
        let mut outcome = BatchChange::default();
        let mut known = Vec::with_capacity(accounts.len());
        for account in accounts {
            match table.find(account, by) {
                Some(index) => known.push((index, account)),
                None => outcome.unknown = true,
            }
        }
        if outcome.unknown && !rules.partial_on_unknown {
            return outcome;
        }
        let mut room = match rules.capacity {
            Some(capacity) if status == 0 => capacity.saturating_sub(table.enabled),
            _ => usize::MAX,
        };
        if !rules.capacity_partial {
            let mut wanted: Vec<usize> = known
                .iter()
                .map(|(index, _)| *index)
                .filter(|index| table.records[*index].status != status)
                .collect();
            wanted.sort_unstable();
            wanted.dedup();
            if wanted.len() > room {
                outcome.full = true;
                return outcome;
            }
        }
        for (index, account) in known {
            if table.records[index].status == status {
                continue;
            }
            if room == 0 {
                outcome.full = true;
                break;
            }
            room -= 1;
            table.set(index, status);
            outcome.changed.push(account.clone());
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountType, BatchRules, Users};
    use crate::config::UserSpec;

    fn disabled(accounts: &[&str]) -> Users {
        let specs = accounts.iter().map(|a| UserSpec::new(*a, 1)).collect();
        Users::new(specs).expect("the users are good")
    }

    fn enable(users: &Users, accounts: &[&str], rules: BatchRules) -> super::BatchChange {
        let accounts: Vec<String> = accounts.iter().map(|a| (*a).to_owned()).collect();
        users.change(&accounts, AccountType::Account, 0, rules)
    }

    const PLAIN: BatchRules =
        BatchRules { capacity: None, capacity_partial: false, partial_on_unknown: false };

    #[test]
    fn an_unknown_account_keeps_the_whole_batch_from_changing() {
        let users = disabled(&["a", "b"]);
        let outcome = enable(&users, &["a", "nobody", "b"], PLAIN);
        assert!(outcome.unknown && outcome.changed.is_empty());
        assert_eq!(users.changes(), 0);
    }

    #[test]
    fn the_others_change_where_the_rules_say_so() {
        let users = disabled(&["a", "b"]);
        let rules = BatchRules { partial_on_unknown: true, ..PLAIN };
        let outcome = enable(&users, &["a", "nobody", "b"], rules);
        assert!(outcome.unknown);
        assert_eq!(outcome.changed, ["a", "b"]);
    }

    #[test]
    fn capacity_takes_all_or_nothing() {
        let users = disabled(&["a", "b", "c"]);
        let rules = BatchRules { capacity: Some(2), ..PLAIN };
        assert!(enable(&users, &["a", "b", "c"], rules).full);
        assert_eq!(users.changes(), 0);
        assert!(!enable(&users, &["a", "b", "a"], rules).full);
    }

    #[test]
    fn partial_capacity_enables_in_order_until_full() {
        let users = disabled(&["a", "b", "c"]);
        let rules = BatchRules { capacity: Some(2), capacity_partial: true, ..PLAIN };
        let outcome = enable(&users, &["c", "a", "b"], rules);
        assert!(outcome.full);
        assert_eq!(outcome.changed, ["c", "a"]);
    }

    #[test]
    fn an_account_that_is_there_twice_is_an_error() {
        let specs = vec![UserSpec::new("a", 0), UserSpec::new("a", 1)];
        assert!(Users::new(specs).is_err());
    }
}
