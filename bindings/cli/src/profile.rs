//! The configuration file: defaults for every run, and named profiles.
//!
//! ```toml
//! endpoint = "ap-southeast-1"      # for every run
//! concurrency = 8
//!
//! [profile.lab]                    # for --profile lab, over what stands above
//! app_id = "4d4f…"
//! app_key = "9f86…"
//! ```

use std::path::PathBuf;

use hwm::Options;
use hwm::options;
use toml::{Table, Value};

use crate::exit_code::Failure;
use crate::secrets::{self, PrivateText};

/// Keys that belong to a credential: taken from here only when no other source gave any.
const CREDENTIAL_KEYS: [&str; 8] =
    ["access_token", "app_id", "app_key", "user_id", "corp_id", "dept_code", "login", "password"];

/// Which file, and which profile of it.
pub(crate) struct Choice {
    pub(crate) name: Option<String>,
    pub(crate) file: Option<PathBuf>,
    /// Whether the file was asked for by name.
    pub(crate) must_exist: bool,
}

/// Sets every option that is not set yet and that the chosen profile holds.
pub(crate) fn fill(options: &mut Options, choice: &Choice) -> Result<(), Failure> {
    let found = match &choice.file {
        Some(path) => PrivateText::read(path)?.map(|file| (path.display().to_string(), file)),
        None => None,
    };
    let Some((path, file)) = found else {
        return match (&choice.file, &choice.name) {
            (Some(path), _) if choice.must_exist => {
                Err(Failure::usage(format!("{}: no such file", path.display())))
            }
            (_, Some(name)) => {
                Err(Failure::usage(format!("profile {name:?}: there is no configuration file")))
            }
            _ => Ok(()),
        };
    };
    let mut layers = layers(&file.text, choice.name.as_deref())
        .map_err(|fault| Failure::usage(format!("{path}: {fault}")))?;
    if layers.holds_secret {
        file.require_private()?;
    }
    if secrets::has_credentials(options) {
        layers.values.retain(|(key, _)| !CREDENTIAL_KEYS.contains(&key.as_str()));
    }
    for (key, value) in layers.values {
        if !options.is_set(&key) {
            options
                .set(&key, value.as_str())
                .map_err(|error| Failure::usage(format!("{path}: {error}")))?;
        }
    }
    Ok(())
}

struct Layers {
    /// Values of the profile, then of the top, so that the first of a key counts.
    values: Vec<(String, String)>,
    /// Whether the file holds a secret anywhere, also in profiles not asked for.
    holds_secret: bool,
}

fn layers(text: &str, wanted: Option<&str>) -> Result<Layers, String> {
    let mut top: Table = text.parse().map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        let line = 1 + text[..offset.min(text.len())].matches('\n').count();
        // The parser's own text would quote the line, which may be a secret.
        format!("line {line} is not TOML: {}", error.message())
    })?;
    let profiles = match top.remove("profile") {
        None => Table::new(),
        Some(Value::Table(profiles)) => profiles,
        Some(_) => return Err("profile must be a table: [profile.NAME]".into()),
    };
    let top = pairs(top, "")?;
    let mut holds_secret = top.iter().any(|(key, _)| is_secret(key));
    let mut values = Vec::new();
    let mut names = Vec::new();
    for (name, profile) in profiles {
        let Value::Table(profile) = profile else {
            return Err(format!("profile.{name} must be a table: [profile.{name}]"));
        };
        let pairs = pairs(profile, &format!("profile.{name}."))?;
        holds_secret |= pairs.iter().any(|(key, _)| is_secret(key));
        if wanted == Some(name.as_str()) {
            values = pairs;
        }
        names.push(name);
    }
    if let Some(wanted) = wanted
        && !names.iter().any(|name| name == wanted)
    {
        let there = match names.as_slice() {
            [] => "it has none at all".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        return Err(format!("has no profile {wanted:?}; {there}"));
    }
    values.extend(top);
    Ok(Layers { values, holds_secret })
}

fn pairs(table: Table, prefix: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::with_capacity(table.len());
    for (key, value) in table {
        options::find(&key).map_err(|error| format!("{prefix}{key}: {error}"))?;
        let text = match value {
            Value::String(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Boolean(flag) => flag.to_string(),
            _ => return Err(format!("{prefix}{key} must be a string, a number or true or false")),
        };
        pairs.push((key, text));
    }
    Ok(pairs)
}

fn is_secret(key: &str) -> bool {
    options::find(key).is_ok_and(|row| row.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "concurrency = 8\nisolate = false\n[profile.lab]\nconcurrency = 2\n";

    #[test]
    fn a_profile_wins_over_the_top() {
        let mut options = Options::new();
        for (key, value) in layers(FILE, Some("lab")).unwrap().values {
            if !options.is_set(&key) {
                options.set(&key, value.as_str()).unwrap();
            }
        }
        assert_eq!(
            (options.get("concurrency"), options.get("isolate")),
            (Some("2"), Some("false"))
        );
        assert_eq!(layers(FILE, None).unwrap().values[0].1, "8");
    }

    #[test]
    fn secrets_are_noticed_in_any_profile() {
        assert!(!layers(FILE, None).unwrap().holds_secret);
        assert!(layers("[profile.lab]\napp_key = 'k'", None).unwrap().holds_secret);
    }

    #[test]
    fn what_is_wrong_is_named_and_no_line_is_quoted() {
        for (text, wanted, expected) in [
            ("colour = 1", None, "colour: unknown option"),
            ("a = 1\napp_key = hunter2", None, "line 2 is not TOML"),
            ("concurrency = []", None, "concurrency must be a string"),
            ("", Some("x"), "no profile \"x\"; it has none"),
            (FILE, Some("x"), "no profile \"x\"; there are: lab"),
        ] {
            let fault = layers(text, wanted).err().unwrap();
            assert!(fault.contains(expected) && !fault.contains("hunter2"), "{fault}");
        }
    }
}
