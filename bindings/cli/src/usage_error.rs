//! What is said about arguments that the command does not take.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use hwm::options::{OPTIONS, OptionKey};

use crate::command_line::flag_name;
use crate::exit_code::Failure;
use crate::misspelling::{CLOSE, distance};

/// Prints what clap says and ends the process, or returns what is better said: secrets are no
/// flags, and clap would propose the flag whose name is closest.
pub(crate) fn explain(error: clap::Error) -> Failure {
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg)
        && let Some(row) = secret_meant(flag)
    {
        return Failure::usage(format!(
            "secrets are never arguments, which other users of this machine can read: set {} in \
             the environment, or write {}=… into a file that only you may read and give it to \
             --secrets-file",
            row.env_name(),
            row.name,
        ));
    }
    error.exit()
}

/// The secret whose name `flag` is, or is closer to than to any flag's that there is.
fn secret_meant(flag: &str) -> Option<&'static OptionKey> {
    let flag = flag.trim_start_matches('-').replace('_', "-");
    let (apart, row) = OPTIONS
        .iter()
        .map(|row| (distance(&flag_name(row), &flag), row))
        .min_by_key(|(apart, _)| *apart)?;
    (row.secret && apart <= CLOSE).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::secret_meant;

    #[test]
    fn secrets_are_known_by_their_names_and_near_them() {
        for (flag, secret) in [
            ("--app-key", Some("app_key")),
            ("--app_key", Some("app_key")),
            ("--pasword", Some("password")),
            ("--proxi", Some("proxy")),
            ("--app-i", None),
            ("--journl", None),
            ("--colour", None),
        ] {
            assert_eq!(secret_meant(flag).map(|row| row.name), secret, "{flag}");
        }
    }
}
