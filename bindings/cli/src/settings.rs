//! Where option values come from, the strongest source first: flags, secrets given for this run,
//! the environment, the configuration file.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use hwm::Options;
use hwm::options::OPTIONS;

use crate::environment::{self, variable};
use crate::exit_code::Failure;
use crate::profile;
use crate::secrets;

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
    secrets::fill(&mut options, arguments)?;
    options.fill_from_env()?;
    profile::fill(&mut options, &profile_choice(arguments))?;
    if !options.is_set("language") {
        options.set("language", language_of_locale())?;
    }
    Ok(options)
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

/// Chinese for the locales of Chinese, else English.
fn language_of_locale() -> &'static str {
    let locale =
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable).unwrap_or_default();
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
}
