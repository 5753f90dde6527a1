//! Inputs that fail while the others are processed.

use std::path::Path;

use anyhow::Error;
use serde::Serialize;

use crate::console::{messages, print_error};
use crate::exit::ExitStatus;

/// Inputs of a command that could not be used. stderr reports each one when it fails, and the JSON object
/// lists all; if no input could be used, the object has an `error`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Failures {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    errors: Vec<FailedInput>,
}

/// An input that could not be used.
#[derive(Debug, Serialize)]
struct FailedInput {
    file: String,
    error: String,
}

impl Failures {
    /// Reports an input that failed.
    pub(crate) fn add(&mut self, file: &Path, error: &Error) {
        print_error(error);
        let (file, error) = (file.display().to_string(), messages(error).join(": "));
        self.errors.push(FailedInput { file, error });
    }

    /// Whether every input could be used.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The exit status of a command that processed `done` other inputs.
    pub(crate) fn conclude(&mut self, done: usize) -> ExitStatus {
        match (self.errors.as_slice(), done) {
            ([], _) => ExitStatus::Done,
            (_, 1..) => ExitStatus::No,
            ([only], 0) => {
                self.error = Some(only.error.clone());
                ExitStatus::Error
            }
            (all, 0) => {
                let text = format!("none of the {} inputs could be used", all.len());
                print_error(&Error::msg(text.clone()));
                self.error = Some(text);
                ExitStatus::Error
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_says_whether_anything_was_done() {
        let mut failures = Failures::default();
        assert_eq!(failures.conclude(0), ExitStatus::Done);
        failures.add(Path::new("a"), &anyhow::anyhow!("cut off").context("a"));
        assert_eq!(failures.conclude(1), ExitStatus::No);
        assert_eq!(failures.error, None);
        assert_eq!(failures.conclude(0), ExitStatus::Error);
        assert_eq!(failures.error.as_deref(), Some("a: cut off"));
        failures.add(Path::new("b"), &anyhow::anyhow!("b"));
        assert_eq!(failures.conclude(0), ExitStatus::Error);
        assert_eq!(failures.error.as_deref(), Some("none of the 2 inputs could be used"));
    }
}
