//! Inputs that fail while the others are processed.

use std::path::Path;

use anyhow::Error;
use serde::Serialize;

use crate::console::{messages, print_error};
use crate::exit::{ExitStatus, status_of};

/// Inputs of a command that could not be used. stderr reports each one when it fails, and the JSON object
/// lists all; if no input could be used, the object has an `error`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Failures {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    errors: Vec<FailedInput>,
    /// How many of these are negative answers: a photo without a page was read, and is no bad input.
    #[serde(skip)]
    negative: usize,
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
        self.negative += usize::from(status_of(error) == ExitStatus::No);
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
                self.nothing_done()
            }
            (all, 0) => {
                let text = if self.negative == all.len() {
                    format!("none of the {} inputs gave a result", all.len())
                } else {
                    format!("none of the {} inputs could be used", all.len())
                };
                print_error(&Error::msg(text.clone()));
                self.error = Some(text);
                self.nothing_done()
            }
        }
    }

    /// The exit status if there is no result: that of a negative answer, if an input got one.
    const fn nothing_done(&self) -> ExitStatus {
        if self.negative > 0 { ExitStatus::No } else { ExitStatus::Error }
    }
}

#[cfg(test)]
mod tests {
    use dlkit_vision::page::PageError;

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
        let mut negative = Failures::default();
        let not_found = || PageError::NotFound { best: None, least: 0.5 };
        negative.add(Path::new("c"), &Error::new(not_found()).context("c: not warped"));
        assert_eq!(negative.conclude(0), ExitStatus::No);
        negative.add(Path::new("d"), &Error::new(not_found()));
        assert_eq!(negative.conclude(0), ExitStatus::No);
        assert_eq!(negative.error.as_deref(), Some("none of the 2 inputs gave a result"));
        negative.add(Path::new("a"), &anyhow::anyhow!("cut off"));
        assert_eq!(negative.conclude(0), ExitStatus::No);
        assert_eq!(negative.error.as_deref(), Some("none of the 3 inputs could be used"));
    }
}
