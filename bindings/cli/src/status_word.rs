//! The words by which a status may be asked for on the command line.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};
use hwm::UserStatus;

/// Every word, in the order in which errors list them; the first of each status is its name.
const WORDS: [(UserStatus, &[&str]); 2] = [
    (UserStatus::Normal, &["normal", "enable", "enabled", "启用", "0"]),
    (UserStatus::Disabled, &["disabled", "disable", "停用", "1"]),
];

/// The status that `word` asks for, in small or capital letters. No guess is made: the two
/// statuses are opposites, and what is close to one may be meant for the other.
fn parse(word: &str) -> Result<UserStatus, String> {
    let lower = word.to_lowercase();
    WORDS
        .iter()
        .find(|(_, words)| words.contains(&lower.as_str()))
        .map(|(status, _)| *status)
        .ok_or_else(|| {
            let allowed =
                WORDS.map(|(status, words)| format!("{status} (or {})", words[1..].join(", ")));
            format!("a status is {}", allowed.join(" or "))
        })
}

/// [`parse`] for the command line; help and completion show the two names alone.
#[derive(Clone)]
pub(crate) struct StatusParser;

impl TypedValueParser for StatusParser {
    type Value = UserStatus;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<UserStatus, clap::Error> {
        TypedValueParser::parse_ref(&parse, command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(WORDS.iter().map(|(status, _)| PossibleValue::new(status.name()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_of_a_status_is_its_name() {
        for (status, words) in WORDS {
            assert_eq!(words[0], status.name());
            for word in words {
                assert_eq!(parse(word), Ok(status), "{word}");
                assert_eq!(parse(&word.to_uppercase()), Ok(status), "{word}");
            }
        }
    }

    #[test]
    fn what_the_library_takes_the_command_takes_too() {
        for (_, words) in WORDS {
            for word in words.iter().filter(|word| word.parse::<UserStatus>().is_ok()) {
                assert_eq!(parse(word).ok(), word.parse().ok());
            }
        }
    }
}
