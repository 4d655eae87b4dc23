//! Where the users come from: spelled out, read from CSV, or generated from the seed.

use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::chance::Chance;
use crate::config::{Config, UserSpec};

/// Names outside ASCII that every eighth generated user bears, so that no test runs on ASCII alone.
const UNICODE_NAMES: [&str; 8] =
    ["张伟", "王芳", "løvik", "müller", "ćosić", "田中", "김민준", "éloïse"];

/// The users that `config` asks for.
///
/// # Errors
/// When the CSV file cannot be read or lacks a column.
pub(crate) fn users(config: &Config) -> io::Result<Vec<UserSpec>> {
    if !config.user_list.is_empty() {
        return Ok(config.user_list.clone());
    }
    match &config.users_csv {
        Some(path) => from_csv(path),
        None => Ok(generated(config)),
    }
}

/// The first user is the default administrator and the second an administrator, both enabled; the
/// others are disabled at random.
fn generated(config: &Config) -> Vec<UserSpec> {
    let mut chance = Chance::new(config.seed, "users");
    (1..=config.users)
        .map(|number| {
            let account = if number % 8 == 0 {
                let name = UNICODE_NAMES[(chance.next() % UNICODE_NAMES.len() as u64) as usize];
                format!("{name}{number:04}")
            } else {
                format!("user{number:04}")
            };
            let disabled = chance.happens(config.disabled_share) && number > 2;
            UserSpec {
                account,
                third_account: Some(format!("tp-user{number:04}")),
                status: u8::from(disabled),
                name: None,
                user_type: 2,
                admin_type: match number {
                    1 => 0,
                    2 => 1,
                    _ => 2,
                },
            }
        })
        .collect()
}

#[derive(Deserialize)]
struct Row {
    account: String,
    status: u8,
    #[serde(default)]
    third_account: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

fn from_csv(path: &Path) -> io::Result<Vec<UserSpec>> {
    let say = |error: csv::Error| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("sandbox users from {}: {error}", path.display()),
        )
    };
    let mut reader = csv::Reader::from_path(path).map_err(say)?;
    reader
        .deserialize()
        .map(|row| {
            let row: Row = row.map_err(say)?;
            Ok(UserSpec {
                third_account: row.third_account,
                name: row.name,
                ..UserSpec::new(row.account, row.status)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{generated, users};
    use crate::config::Config;
    use std::io::Write;

    #[test]
    fn generated_users_follow_from_the_seed() {
        let config = Config::default();
        assert_eq!(generated(&config), generated(&config));
        let other = Config { seed: 2, ..Config::default() };
        assert_ne!(generated(&config), generated(&other));
    }

    #[test]
    fn about_the_asked_share_is_disabled_and_some_names_are_not_ascii() {
        let config = Config { users: 1000, ..Config::default() };
        let users = generated(&config);
        let disabled = users.iter().filter(|user| user.status == 1).count();
        assert!((350..450).contains(&disabled), "{disabled}");
        assert!(users.iter().any(|user| !user.account.is_ascii()));
        assert_eq!(users[0].account, "user0001");
        assert_eq!(users[0].third_account.as_deref(), Some("tp-user0001"));
    }

    #[test]
    fn users_are_read_from_csv_with_and_without_the_optional_columns() {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        write!(file, "account,status,name\nanna,1,Anna Ö\nbert,0,\n").expect("written");
        let config = Config { users_csv: Some(file.path().to_owned()), ..Config::default() };
        let users = users(&config).expect("the CSV is good");
        assert_eq!(users.len(), 2);
        assert_eq!((users[0].account.as_str(), users[0].status), ("anna", 1));
        assert_eq!(users[0].name.as_deref(), Some("Anna Ö"));
        assert_eq!(users[1].name, None);
    }
}
