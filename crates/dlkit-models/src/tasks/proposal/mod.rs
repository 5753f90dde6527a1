//! A recipe for data that nobody has described yet.

mod photos;
mod pictures;
mod table;

use std::path::Path;

use super::error::TaskError;
use crate::data::{DataSummary, FormatConfig, verify};
use crate::recipe::parse_experiment;

/// Proposes a recipe for a directory of pictures or a table: its text, with a comment at each choice. `targets`
/// are the columns of a table to predict; without them, one is guessed.
///
/// # Errors
/// Data that cannot be read, or that no task suits.
pub fn propose(path: &Path, targets: &[String], format: FormatConfig) -> Result<String, TaskError> {
    let text = if path.is_dir() {
        if !targets.is_empty() {
            return Err(TaskError::Contradiction(format!(
                "--target: {} is a directory; its classes are its folders",
                path.display()
            )));
        }
        match verify(path)? {
            DataSummary { kind: "photos", .. } => photos::propose(path)?,
            data => pictures::propose(path, &data)?,
        }
    } else {
        table::propose(path, targets, format)?
    };
    parse_experiment(&text, "the proposed recipe", &[])
        .map_err(|error| TaskError::Contradiction(format!("{}: {error}", path.display())))?;
    Ok(text)
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What a recipe says where nothing is held out.
const NO_TEST: &str =
    "# Without a folder test/, only the validation part tells how good the result is.\n";

/// Steps that such a network needs about.
const STEPS: usize = 4_000;

/// Samples of a batch, and epochs, for so many training samples.
fn pace(samples: usize) -> (usize, usize) {
    let batch = match samples {
        0..500 => 16,
        500..2_000 => 32,
        2_000..50_000 => 128,
        _ => 256,
    };
    let epochs = (STEPS * batch).div_ceil(samples.max(1));
    (batch, epochs.clamp(5, 300))
}
