//! What is wrong with a value, and where.

use thiserror::Error;

/// A key of a recipe and what is wrong with its value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{key}` {reason}")]
pub struct Problem {
    /// The key, relative to the table that was checked.
    pub key: String,
    /// What was given and what is allowed.
    pub reason: String,
}

impl Problem {
    pub(crate) fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }

    /// The same problem seen from the table above.
    pub(crate) fn within(self, table: &str) -> Self {
        Self { key: format!("{table}.{}", self.key), reason: self.reason }
    }
}
