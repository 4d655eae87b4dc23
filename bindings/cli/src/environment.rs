//! The environment: what is taken from it, and whether each variable `HWM_…` there means something
//! to the command.
//!
//! A set-user-ID `hwm` runs with rights that its caller does not have, so that it takes nothing from
//! there: no option, no profile, and no folder (`HOME`, `XDG_CONFIG_HOME`) whose configuration file
//! would say where the token goes. It has no default configuration file; `--config` names one.
//!
//! The library does not look: its host may have variables of its own with this prefix. For the
//! command a variable that nothing reads is a mistake, and one that was to hold a limit or a
//! journal would be missed only when it is too late.

use std::env;
use std::io::{self, Write};

use hwm::options::{self, OPTIONS};
use hwm::printable;

use crate::command_line::flag_name;
use crate::exit_code::Failure;
use crate::misspelling::{CLOSE, distance};

const PREFIX: &str = "HWM_";

/// The profile to use without `--profile`.
pub(crate) const PROFILE: &str = "HWM_PROFILE";

/// The value of a variable that is set, holds text, and is this program's to take.
pub(crate) fn variable(name: &str) -> Option<String> {
    options::variable(name).ok().flatten()
}

/// Fails on a variable that cannot be meant as it is; the others are warned of unless `quiet`.
#[expect(clippy::disallowed_methods, reason = "names alone are looked at")]
pub(crate) fn check(quiet: bool) -> Result<(), Failure> {
    // An empty variable counts as unset. Values are not looked at: they may be secrets.
    let names = env::vars_os()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| name.to_string_lossy().into_owned());
    for name in names.filter(|name| name.starts_with(PREFIX)) {
        match judge(&name).map_err(Failure::usage)? {
            Some(warning) if !quiet => {
                let _ = writeln!(io::stderr(), "hwm: {}", printable(&warning));
            }
            Some(_) => {}
            None => require_taken(&name)?,
        }
    }
    Ok(())
}

/// Fails where the variable `name`, which is set and means something, is not this program's to take.
fn require_taken(name: &str) -> Result<(), Failure> {
    match options::variable(name)? {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!(
            "{name} is set, but this hwm has rights that its caller does not have (set-user-ID) and \
             takes nothing from the environment; unset it, and use a flag, --secrets-file or \
             --config"
        ))),
    }
}

/// Nothing, a warning or an error about the variable `name`.
fn judge(name: &str) -> Result<Option<String>, String> {
    if let Some(row) = OPTIONS.iter().find(|row| !row.from_env && row.env_name() == name) {
        return Err(format!(
            "{name} is set, but {} is not taken from the environment, which must not decide whom \
             this trusts; unset it, and use --{} or the configuration file",
            row.name,
            flag_name(row),
        ));
    }
    let known = || {
        let options = OPTIONS.iter().filter(|row| row.from_env).map(|row| row.env_name());
        options.chain([PROFILE.to_owned()])
    };
    if known().any(|known| known == name) {
        return Ok(None);
    }
    match known().map(|known| (distance(&known, name), known)).min() {
        Some((apart, meant)) if apart <= CLOSE => {
            Err(format!("{name} is no option: {meant} is meant; rename or unset it"))
        }
        _ => Ok(Some(format!("{name} is no option of hwm and means nothing to it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_that_is_read_passes() {
        for row in OPTIONS.iter().filter(|row| row.from_env) {
            assert_eq!(judge(&row.env_name()), Ok(None));
        }
        assert_eq!(judge(PROFILE), Ok(None));
    }

    #[test]
    fn a_near_miss_is_an_error_and_anything_else_a_warning() {
        assert!(judge("HWM_LOGN").unwrap_err().contains("HWM_LOGIN is meant"));
        assert!(judge("HWM_ENVIRONMENT_OF_ANOTHER").unwrap().is_some());
        assert!(judge("HWM_CA_FILE").unwrap_err().contains("--ca-file"));
    }
}
