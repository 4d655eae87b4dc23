//! A validated, ordered list of distinct accounts, kept in one arena.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::fault::{ErrorKind, Fault, Result};

/// Longest account in bytes that is sent.
pub(crate) const MAX_ACCOUNT_BYTES: usize = 255;

/// Asked every now and then whether to go on; its error ends what is under way.
pub(crate) type Look<'l> = &'l mut dyn FnMut() -> Result<()>;

/// So many accounts are taken between two looks.
const LOOK_EVERY: usize = 1024;

/// Finds accounts by their name.
pub(crate) struct Index {
    hasher: RandomState,
    table: HashTable<u32>,
}

/// Distinct accounts in the order of their first mention.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    text: String,
    /// Where each account ends in `text`.
    ends: Vec<u64>,
    /// The caller's index of each account's first mention.
    first_mention: Vec<u32>,
    /// How many entries the caller gave, repeats among them.
    mentions: usize,
}

impl Accounts {
    /// Checks every entry and drops repeats.
    ///
    /// Fails with `InvalidArgument` on no accounts at all, and on an entry that is empty, longer
    /// than 255 bytes, not UTF-8, or holds a control character: the error names its index. Fails
    /// as `look` does, too.
    pub(crate) fn collect<I>(entries: I, look: Look<'_>) -> Result<Accounts>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let entries = entries.into_iter();
        let mut accounts = Accounts::default();
        let hasher = RandomState::new();
        let mut seen: HashTable<u32> = HashTable::new();
        let expected = entries.size_hint().0;
        if seen.try_reserve(expected, |_| 0).is_err() {
            return Err(no_memory());
        }
        accounts.ends.try_reserve(expected).map_err(|_| no_memory())?;
        accounts.first_mention.try_reserve(expected).map_err(|_| no_memory())?;
        for (index, entry) in entries.enumerate() {
            if index % LOOK_EVERY == LOOK_EVERY - 1 {
                look()?;
            }
            let account = check(index, entry.as_ref())?;
            let hash = hasher.hash_one(account);
            accounts.mentions += 1;
            if seen.find(hash, |&known| accounts.get(known) == account).is_some() {
                continue;
            }
            let first_mention = u32::try_from(index)
                .map_err(|_| Fault::argument("more than 4294967295 accounts in one call"))?;
            // The iterator need not have told how many there are.
            accounts.text.try_reserve(account.len()).map_err(|_| no_memory())?;
            accounts.ends.try_reserve(1).map_err(|_| no_memory())?;
            accounts.first_mention.try_reserve(1).map_err(|_| no_memory())?;
            let hash_of = |&known: &u32| hasher.hash_one(accounts.get(known));
            seen.try_reserve(1, hash_of).map_err(|_| no_memory())?;
            accounts.text.push_str(account);
            accounts.ends.push(accounts.text.len() as u64);
            accounts.first_mention.push(first_mention);
            let position = (accounts.ends.len() - 1) as u32;
            seen.insert_unique(hash, position, |&known| hasher.hash_one(accounts.get(known)));
        }
        if accounts.mentions == 0 {
            return Err(Fault::argument("no accounts: the list must hold at least one"));
        }
        accounts.text.shrink_to_fit();
        accounts.ends.shrink_to_fit();
        accounts.first_mention.shrink_to_fit();
        Ok(accounts)
    }

    /// How many distinct accounts there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn repeats(&self) -> usize {
        self.mentions - self.len()
    }

    /// The account at `position`.
    pub(crate) fn get(&self, position: u32) -> &str {
        let position = position as usize;
        let start = if position == 0 { 0 } else { self.ends[position - 1] as usize };
        &self.text[start..self.ends[position] as usize]
    }

    /// The caller's index of the account's first mention.
    pub(crate) fn first_mention(&self, position: u32) -> u32 {
        self.first_mention[position as usize]
    }

    /// What [`Accounts::find`] needs.
    pub(crate) fn index(&self, look: Look<'_>) -> Result<Index> {
        let hasher = RandomState::new();
        let mut table = HashTable::new();
        table.try_reserve(self.len(), |_| 0).map_err(|_| no_memory())?;
        for position in 0..self.len() as u32 {
            if position as usize % LOOK_EVERY == LOOK_EVERY - 1 {
                look()?;
            }
            // The room was reserved.
            table.insert_unique(hasher.hash_one(self.get(position)), position, |_| 0);
        }
        Ok(Index { hasher, table })
    }

    /// Where `account` stands.
    pub(crate) fn find(&self, index: &Index, account: &str) -> Option<u32> {
        let hash = index.hasher.hash_one(account);
        index.table.find(hash, |&position| self.get(position) == account).copied()
    }

    pub(crate) fn position_of(&self, account: &str) -> Option<u32> {
        (0..self.len() as u32).find(|&position| self.get(position) == account)
    }
}

fn no_memory() -> Fault {
    Fault::new(ErrorKind::NoMemory, "not enough memory for the list of accounts")
}

/// Checks one account by the rule for all, and gives it without the blanks around it, which do not
/// count: UTF-8, not empty, no control characters, at most 255 bytes. The error says what is wrong,
/// as in `is empty; an account has at least one character`.
pub fn check_account(account: &[u8]) -> std::result::Result<&str, String> {
    let text = std::str::from_utf8(account).map_err(|error| {
        let lossy = String::from_utf8_lossy(account);
        format!("is not UTF-8 (byte {} of {:?})", error.valid_up_to(), shortened(&lossy))
    })?;
    let text = without_blanks(text);
    if text.is_empty() {
        return Err("is empty; an account has at least one character".into());
    }
    if let Some((at, control)) = text.char_indices().find(|(_, c)| c.is_control()) {
        return Err(format!(
            "holds a control character (U+{:04X} at byte {at} of {:?}); none is allowed",
            control as u32,
            shortened(text),
        ));
    }
    if text.len() > MAX_ACCOUNT_BYTES {
        return Err(format!(
            "has {} bytes ({:?}); at most {MAX_ACCOUNT_BYTES} are allowed",
            text.len(),
            shortened(text),
        ));
    }
    Ok(text)
}

/// An account as it is sent and reported: blanks and line ends around it do not count.
pub fn without_blanks(account: &str) -> &str {
    account.trim()
}

fn check(index: usize, account: &[u8]) -> Result<&str> {
    check_account(account).map_err(|fault| Fault::argument(format!("account {index} {fault}")))
}

/// At most 40 characters of `text`, for an error message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go_on() -> Result<()> {
        Ok(())
    }

    #[test]
    fn repeats_are_kept_once_in_the_order_of_their_first_mention() {
        let accounts = Accounts::collect(["b", "a", "b", "c", "a"], &mut go_on).unwrap();
        let listed: Vec<_> = (0..3).map(|i| (accounts.get(i), accounts.first_mention(i))).collect();
        assert_eq!(listed, [("b", 0), ("a", 1), ("c", 3)]);
        assert_eq!((accounts.len(), accounts.repeats()), (3, 2));
    }

    #[test]
    fn a_bad_entry_is_named_by_its_index_and_rule() {
        let long = "x".repeat(256);
        let cases: [(&[u8], &str); 4] = [
            (b"", "account 1 is empty"),
            (b"a\tb", "account 1 holds a control character (U+0009 at byte 1"),
            (b"a\xff", "account 1 is not UTF-8 (byte 1"),
            (long.as_bytes(), "account 1 has 256 bytes"),
        ];
        for (entry, expected) in cases {
            let error = Accounts::collect([b"good".as_slice(), entry], &mut go_on).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(&error.message.starts_with(expected), "{}", &error.message);
        }
        assert!(Accounts::collect(["y".repeat(255)], &mut go_on).is_ok());
    }

    #[test]
    fn blanks_around_an_account_do_not_count() {
        let accounts =
            Accounts::collect([" a", "a\r\n", "\u{A0}a\u{3000}", "b c"], &mut go_on).unwrap();
        assert_eq!((accounts.len(), accounts.get(0), accounts.get(1)), (2, "a", "b c"));
        let error = Accounts::collect(["a", " \t"], &mut go_on).unwrap_err();
        assert!(&error.message.starts_with("account 1 is empty"), "{}", &error.message);
        assert!(Accounts::collect([format!(" {} ", "y".repeat(255))], &mut go_on).is_ok());
    }

    #[test]
    fn no_accounts_are_an_error() {
        let none: [&str; 0] = [];
        assert!(Accounts::collect(none, &mut go_on).unwrap_err().message.contains("at least one"));
    }
}
