//! The secrets of a run: files that only their owner may read, `KEY=VALUE` lines, and whether
//! there is anything to authenticate with.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use hwm::Options;
use hwm::options;

use crate::exit_code::{Exit, Failure};
use crate::input;

/// The keys that a run can authenticate by. One of them is enough.
const CREDENTIALS: [&str; 3] = ["access_token", "app_id", "login"];

/// Whether any credential is set.
pub(crate) fn has_credentials(options: &Options) -> bool {
    CREDENTIALS.iter().any(|key| options.is_set(key))
}

/// Fails when there is nothing to authenticate with, and says where it can come from.
pub(crate) fn require_credentials(options: &Options) -> Result<(), Failure> {
    if has_credentials(options) {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Credentials,
        "no credentials: set HWM_ACCESS_TOKEN, or HWM_APP_ID and HWM_APP_KEY, or HWM_LOGIN and \
         HWM_PASSWORD, in the environment, a --secrets-file or ~/.config/hwm/config.toml",
    ))
}

/// Sets what `--secrets-file` or `--secrets-stdin` holds and no stronger source has set.
pub(crate) fn fill(options: &mut Options, arguments: &ArgMatches) -> Result<(), Failure> {
    if let Some(path) = arguments.get_one::<PathBuf>("secrets_file") {
        let file = PrivateText::read(path)?
            .ok_or_else(|| Failure::usage(format!("{}: no such file", path.display())))?;
        file.require_private()?;
        set_pairs(options, &file.name, &file.text)?;
    }
    if arguments.get_flag("secrets_stdin") {
        let text = input::read_text(io::stdin().lock(), input::SETTINGS)
            .map_err(|error| Failure::usage(format!("standard input: {error}")))?;
        set_pairs(options, "standard input", &text)?;
    }
    Ok(())
}

/// Text of a file and whether only its owner may read it.
pub(crate) struct PrivateText {
    pub(crate) text: String,
    /// The file's path, for sentences about it.
    pub(crate) name: String,
    mode: u32,
}

impl PrivateText {
    /// Reads `path`; `Ok(None)` when there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<PrivateText>, Failure> {
        let name = path.display().to_string();
        let fail = |error: io::Error| Failure::usage(format!("{name}: {error}"));
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        let mode = file.metadata().map(|metadata: Metadata| metadata.mode()).map_err(fail)?;
        let text = input::read_text(file, input::SETTINGS).map_err(fail)?;
        Ok(Some(PrivateText { text, name, mode }))
    }

    /// Fails when the file's group or others may read or write it.
    pub(crate) fn require_private(&self) -> Result<(), Failure> {
        if self.mode & 0o077 == 0 {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "{}: holds secrets, but others may read it (mode {:04o}); run: chmod 600 {}",
            self.name,
            self.mode & 0o7777,
            self.name,
        )))
    }
}

/// Sets what `KEY=VALUE` lines say. A key is an option's, or its environment name; the value is
/// everything behind the first `=`, without the blanks around it. `#` begins a comment line.
fn set_pairs(options: &mut Options, name: &str, text: &str) -> Result<(), Failure> {
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{FEFF}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{name}: line {}", index + 1);
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("{place} is not KEY=VALUE")))?;
        let key = key.trim();
        let key = key.strip_prefix("HWM_").map_or(key.to_owned(), str::to_lowercase);
        let row = options::find(&key)
            .map_err(|_| Failure::usage(format!("{place} does not begin with an option's name")))?;
        if !options.is_set(row.name) {
            options
                .set(row.name, value.trim())
                .map_err(|error| Failure::usage(format!("{place}: {error}")))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_taken_by_key_or_environment_name_and_never_overwrite() {
        let mut options = Options::new();
        options.set("app_id", "flag").unwrap();
        let text = "# key\nHWM_APP_ID=file\n\n app_key = a=b \nlogin=x\n";
        set_pairs(&mut options, "f", text).unwrap();
        assert_eq!(options.get("app_id"), Some("flag"));
        assert_eq!(options.get("login"), Some("x"));
        assert!(options.is_set("app_key"));
    }

    #[test]
    fn a_bad_pair_is_named_by_line_without_its_value() {
        for (text, expected) in [
            ("app_key=k\nhunter2", "f: line 2 is not KEY=VALUE"),
            ("hunter2=x", "f: line 1 does not begin with an option's name"),
        ] {
            let failure = set_pairs(&mut Options::new(), "f", text).unwrap_err();
            assert_eq!(failure.message, expected);
        }
    }
}
