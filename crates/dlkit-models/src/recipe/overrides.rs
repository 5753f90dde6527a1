//! `--set key=value`: one value of a recipe, changed from the command line.

use std::str::FromStr;

use thiserror::Error;
use toml::{Table, Value};

/// One changed value: a dotted key and what it becomes.
///
/// The value is read as TOML if possible, otherwise as a string, so `network.activation=elu` needs
/// no quotes. Elements of an array have numbers from 0: `network.layers.1.units=128`.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    key: String,
    value: Value,
}

/// Why an override cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OverrideError {
    /// No `=`, or nothing before it.
    #[error("`{0}`: not of the form key=value, such as training.learning_rate=0.01")]
    Form(String),
    /// The path leads through a value without keys.
    #[error("`{key}`: cannot be set because `{parent}` is {found}, which has no keys")]
    NotATable {
        /// The key to be set.
        key: String,
        /// The part of it that is not a table.
        parent: String,
        /// What it is.
        found: String,
    },
    /// The path names an element an array does not have.
    #[error("`{key}`: cannot be set because `{parent}` has elements 0 to {last}, not {index}")]
    NoElement {
        /// The key to be set.
        key: String,
        /// The array.
        parent: String,
        /// The requested element.
        index: String,
        /// The last element.
        last: usize,
    },
}

impl FromStr for Override {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || OverrideError::Form(text.to_owned());
        let (key, value) = text.split_once('=').ok_or_else(form)?;
        let key = key.trim().replace('[', ".").replace(']', "");
        if key.is_empty() || key.split('.').any(str::is_empty) {
            return Err(form());
        }
        let value = value.trim();
        let parsed = toml::from_str::<Table>(&format!("value = {value}"))
            .ok()
            .filter(|table| table.len() == 1)
            .and_then(|mut table| table.remove("value"));
        Ok(Self { key, value: parsed.unwrap_or_else(|| Value::String(value.to_owned())) })
    }
}

impl Override {
    /// The dotted key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Writes the value into a recipe.
    ///
    /// A plain name on the path becomes a table, so `network.activation.slope=0.2` works with
    /// `activation = "leaky-relu"` in the recipe.
    ///
    /// # Errors
    /// The path leads through a value without keys or to an element that does not exist.
    pub fn apply(&self, recipe: &mut Table) -> Result<(), OverrideError> {
        let segments: Vec<&str> = self.key.split('.').collect();
        let Some((first, rest)) = segments.split_first() else { return Ok(()) };
        let absent = || Value::Table(Table::new());
        let mut place = recipe.entry((*first).to_owned()).or_insert_with(absent);
        for (depth, segment) in rest.iter().enumerate() {
            let parent = || segments[..=depth].join(".");
            if let Value::String(kind) = place {
                let mut table = Table::new();
                table.insert("kind".to_owned(), Value::String(kind.clone()));
                *place = Value::Table(table);
            }
            place = match place {
                Value::Table(table) => table.entry((*segment).to_owned()).or_insert_with(absent),
                Value::Array(array) => {
                    let last = array.len().saturating_sub(1);
                    segment
                        .parse::<usize>()
                        .ok()
                        .and_then(|index| array.get_mut(index))
                        .ok_or_else(|| OverrideError::NoElement {
                            key: self.key.clone(),
                            parent: parent(),
                            index: (*segment).to_owned(),
                            last,
                        })?
                }
                other => {
                    return Err(OverrideError::NotATable {
                        key: self.key.clone(),
                        parent: parent(),
                        found: other.to_string(),
                    });
                }
            };
        }
        *place = self.value.clone();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(recipe: &str, overrides: &[&str]) -> Result<Table, OverrideError> {
        let mut table = toml::from_str(recipe).unwrap();
        for text in overrides {
            text.parse::<Override>()?.apply(&mut table)?;
        }
        Ok(table)
    }

    #[test]
    fn values_are_toml_or_else_strings() {
        let given = applied("", &["a.b=0.1", "a.c=elu", "d=[1, 2]", "e=\"x=y\""]).unwrap();
        let expected = "d = [1, 2]\ne = \"x=y\"\n[a]\nb = 0.1\nc = \"elu\"";
        assert_eq!(given, toml::from_str(expected).unwrap());
    }

    #[test]
    fn elements_are_named_by_number() {
        let given = applied("l = [{ u = 1 }, { u = 2 }]", &["l.1.u=3", "l[0].u=4"]).unwrap();
        assert_eq!(given, toml::from_str("l = [{ u = 4 }, { u = 3 }]").unwrap());
    }

    #[test]
    fn a_bare_name_becomes_a_table() {
        let given = applied("a = \"leaky-relu\"", &["a.slope=0.2"]).unwrap();
        assert_eq!(given, toml::from_str("a = { kind = \"leaky-relu\", slope = 0.2 }").unwrap());
    }

    #[test]
    fn rejects_what_it_cannot_reach() {
        let message = |text| applied("a = 1\nl = [1]", &[text]).unwrap_err().to_string();
        assert_eq!(message("a.b=1"), "`a.b`: cannot be set because `a` is 1, which has no keys");
        assert_eq!(message("l.7=1"), "`l.7`: cannot be set because `l` has elements 0 to 0, not 7");
        assert!(message("novalue").contains("key=value"));
        assert!(message("a..b=1").contains("key=value"));
    }
}
