//! Where option values come from, the strongest source first: flags, secrets given for this run,
//! the environment, the configuration file.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use hwm::Options;
use hwm::options::{self, OPTIONS};

use crate::bounded_input;
use crate::environment;
use crate::exit_code::{Exit, Failure};
use crate::private_file::PrivateText;
use crate::profile;

/// The keys that a run can authenticate by. One of them is enough.
const CREDENTIALS: [&str; 3] = ["access_token", "app_id", "login"];

/// The options of a run.
pub(crate) fn gather(arguments: &ArgMatches) -> Result<Options, Failure> {
    // A command without the flag is never quiet.
    let quiet = arguments.try_get_one::<bool>("quiet").ok().flatten();
    environment::check(quiet.copied().unwrap_or(false))?;
    let mut options = Options::new();
    for row in OPTIONS.iter().filter(|row| !row.secret) {
        // A command knows the flags of its own scope only.
        if let Ok(Some(value)) = arguments.try_get_one::<String>(row.name)
            && arguments.value_source(row.name) == Some(ValueSource::CommandLine)
        {
            options.set(row.name, value.as_str())?;
        }
    }
    if let Some(path) = arguments.get_one::<PathBuf>("secrets_file") {
        let file = PrivateText::read(path)?
            .ok_or_else(|| Failure::usage(format!("{}: no such file", path.display())))?;
        file.require_private()?;
        set_pairs(&mut options, &path.display().to_string(), &file.text)?;
    }
    if arguments.get_flag("secrets_stdin") {
        let text = bounded_input::read_text(io::stdin().lock(), bounded_input::SETTINGS)
            .map_err(|error| Failure::usage(format!("standard input: {error}")))?;
        set_pairs(&mut options, "standard input", &text)?;
    }
    options.fill_from_env()?;
    profile::fill(&mut options, &profile_choice(arguments))?;
    if !options.is_set("language") {
        options.set("language", language_of_locale())?;
    }
    Ok(options)
}

/// Fails when there is nothing to authenticate with, and says where it can come from.
pub(crate) fn require_credentials(options: &Options) -> Result<(), Failure> {
    if CREDENTIALS.iter().any(|key| options.is_set(key)) {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Credentials,
        "no credentials: set HWM_ACCESS_TOKEN, or HWM_APP_ID and HWM_APP_KEY, or HWM_LOGIN and \
         HWM_PASSWORD, in the environment, a --secrets-file or ~/.config/hwm/config.toml",
    ))
}

/// Whether any credential is set.
pub(crate) fn has_credentials(options: &Options) -> bool {
    CREDENTIALS.iter().any(|key| options.is_set(key))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The configuration file of a run, whether or not it is there.
pub(crate) fn configuration_file(arguments: &ArgMatches) -> Option<PathBuf> {
    let base = || {
        variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".config")))
    };
    let given = arguments.get_one::<PathBuf>("config").cloned();
    given.or_else(|| base().map(|base| base.join("hwm/config.toml")))
}

fn profile_choice(arguments: &ArgMatches) -> profile::Choice {
    let name = arguments.get_one::<String>("profile").cloned();
    profile::Choice {
        name: name.or_else(|| variable(environment::PROFILE)),
        must_exist: arguments.contains_id("config"),
        file: configuration_file(arguments),
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

/// Chinese for the locales of Chinese, else English.
fn language_of_locale() -> &'static str {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default();
    if locale == "zh" || locale.starts_with("zh_") || locale.starts_with("zh-") {
        "zh-CN"
    } else {
        "en-US"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line;

    #[test]
    fn every_command_that_asks_the_service_passes_the_language_on() {
        for line in [
            ["hwm", "doctor", "--language", "zh-CN", "--config", "/dev/null"].as_slice(),
            &["hwm", "set-status", "0", "a", "--language", "zh-CN", "--config", "/dev/null"],
        ] {
            let matches = command_line::command().try_get_matches_from(line).unwrap();
            let options = gather(matches.subcommand().unwrap().1).unwrap();
            assert_eq!(options.get("language"), Some("zh-CN"), "{line:?}");
        }
    }

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
