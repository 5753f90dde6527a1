//! From the text of a recipe to a checked experiment, with errors that say where.

use std::fmt::Write as _;

use thiserror::Error;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table};

use crate::network::LayerSpec;
use crate::recipe::experiment::Experiment;
use crate::recipe::faults::{Fault, all_faults, experiment_of};
use crate::recipe::overrides::{Override, OverrideError};

/// What is wrong with a recipe.
#[derive(Clone, Debug, Error)]
pub enum ConfigError {
    /// The text is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// File and line.
        place: String,
        /// The parser's error.
        message: String,
    },
    /// A key that is unknown, missing, of the wrong type or out of range.
    #[error("{place}: {message}")]
    Value {
        /// File and line, or the flag that set the key.
        place: String,
        /// The key, what was given, what is allowed.
        message: String,
        /// The layers before the failing one, if the network does not fit together.
        before: Vec<LayerSpec>,
    },
    /// An override that cannot be applied.
    #[error("--set: {0}")]
    Override(#[from] OverrideError),
    /// Several keys are wrong.
    #[error("{}", listed(.0))]
    Several(Vec<ConfigError>),
}

fn listed(errors: &[ConfigError]) -> String {
    let mut text = format!("the recipe has {} errors:", errors.len());
    for error in errors {
        let _ = write!(text, "\n  {error}");
    }
    text
}

/// Reads, overrides and checks a recipe.
///
/// `name` stands for the text in messages, usually its path.
///
/// # Errors
/// All that is wrong, with the lines of the text or the overrides it comes from; where one error may follow
/// from another, the first.
pub fn parse_experiment(
    text: &str,
    name: &str,
    overrides: &[Override],
) -> Result<Experiment, ConfigError> {
    let source = Source { text, name, overrides };
    let mut table: Table = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    for change in overrides {
        change.apply(&mut table)?;
    }
    experiment_of(&table).map_err(|first| source.all(all_faults(&table, first)))
}

/// The text a message is about.
struct Source<'a> {
    text: &'a str,
    name: &'a str,
    overrides: &'a [Override],
}

impl Source<'_> {
    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let line = error.span().map_or(1, |span| line_of(self.text, span.start));
        ConfigError::Syntax {
            place: format!("{}:{line}", self.name),
            message: error.message().replace('\n', ", "),
        }
    }

    /// One error, or several by line.
    fn all(&self, mut faults: Vec<Fault>) -> ConfigError {
        let dotted = |key: &str| key.replace('[', ".").replace(']', "");
        faults.sort_by_key(|fault| self.line(&dotted(&fault.key)));
        let error = |fault: Fault| self.value(&fault.key, fault.message, fault.before);
        let mut errors: Vec<ConfigError> = faults.into_iter().map(error).collect();
        if errors.len() == 1 { errors.remove(0) } else { ConfigError::Several(errors) }
    }

    fn value(&self, key: &str, message: String, before: Vec<LayerSpec>) -> ConfigError {
        let dotted = key.replace('[', ".").replace(']', "");
        let set = self.overrides.iter().rev().find(|change| {
            let below = |long: &str, short: &str| {
                long == short || long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'))
            };
            below(&dotted, change.key()) || below(change.key(), &dotted)
        });
        let place = match (set, self.line(&dotted)) {
            (Some(change), _) => format!("--set {}", change.key()),
            (None, Some(line)) => format!("{}:{line}", self.name),
            (None, None) => self.name.to_owned(),
        };
        ConfigError::Value { place, message, before }
    }

    /// The line of a key, or of the innermost table around it that is there.
    fn line(&self, dotted: &str) -> Option<usize> {
        let root = DeTable::parse(self.text).ok()?;
        let mut segments = dotted.split('.').peekable();
        let first = segments.next()?;
        let (key, mut value) = root.get_ref().get_key_value(first)?;
        let mut start = key.span().start;
        for segment in segments {
            match child(value, segment) {
                Some((position, inner)) => {
                    start = position;
                    value = inner;
                }
                None => break,
            }
        }
        Some(line_of(self.text, start))
    }
}

fn child<'a, 'b>(
    value: &'b Spanned<DeValue<'a>>,
    segment: &str,
) -> Option<(usize, &'b Spanned<DeValue<'a>>)> {
    match value.get_ref() {
        DeValue::Table(table) => {
            table.get_key_value(segment).map(|(key, inner)| (key.span().start, inner))
        }
        DeValue::Array(array) => {
            let inner = array.get(segment.parse::<usize>().ok()?)?;
            Some((inner.span().start, inner))
        }
        _ => None,
    }
}

fn line_of(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
