//! What a frozen file says to other programs about its inputs and outputs.

use serde::Serialize;

use super::metadata::json;
use crate::data::{FALSE, GRAY, MISSING, TRUE};
use crate::facts::{ClassifierInput, TaskFacts};
use crate::graph::onnx::Entry;
use crate::network::NetworkSpec;
use crate::recipe::Task;
use crate::training::Loss;
use crate::value::Shape;

/// How files become input and what outputs stand for, besides what differs from network to network.
///
/// `dlkit` has one way to prepare files and does not choose by these entries. They let other programs do the
/// same. A file whose entries say otherwise is of a version that has another way, and is refused.
pub(super) struct Agreement {
    input: Option<Input>,
    output: Output,
}

enum Input {
    Pictures { shape: Vec<usize>, is_gray: bool },
    Table,
}

/// What the values of the last layer stand for.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Output {
    /// A softmax makes probabilities of them.
    Logits,
    /// Shares of the classes, with a sum of one.
    Probabilities,
    /// High for the likeliest class.
    Scores,
    /// `value * deviation + mean` of the target.
    Standardized,
}

impl Agreement {
    pub(super) fn of(facts: &TaskFacts, network: &NetworkSpec, loss: Loss) -> Self {
        let input = match facts {
            TaskFacts::Classification { input: ClassifierInput::Pictures(_), .. } => {
                let is_gray = matches!(network.input(), Shape::Maps { channels: 1, .. });
                Some(Input::Pictures { shape: network.input().into(), is_gray })
            }
            TaskFacts::Classification { input: ClassifierInput::Table { .. }, .. }
            | TaskFacts::Regression { .. } => Some(Input::Table),
            // What it is given is among its facts.
            TaskFacts::Colorization(_) => None,
        };
        let output = match (facts.task(), loss) {
            (Task::Regression, _) => Output::Standardized,
            _ if network.ends_in_softmax() => Output::Probabilities,
            (_, Loss::CrossEntropy { .. }) => Output::Logits,
            _ => Output::Scores,
        };
        Self { input, output }
    }

    /// The entries of the file.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, String> {
        let mut entries = match &self.input {
            None => Vec::new(),
            Some(Input::Pictures { shape, is_gray }) => of_pictures(shape, *is_gray)?,
            Some(Input::Table) => vec![
                entry("input.missing", &MISSING)?,
                entry("input.true", &TRUE)?,
                entry("input.false", &FALSE)?,
            ],
        };
        entries.push(entry("output", &self.output)?);
        Ok(entries)
    }

    /// Checks that a file says nothing else; an older one may say less.
    ///
    /// # Errors
    /// The entry, what it says and what this version does.
    pub(super) fn check(&self, entries: &[Entry]) -> Result<(), String> {
        for Entry { key, value } in self.entries()? {
            if let Some(other) =
                entries.iter().find(|entry| entry.key == key && entry.value != value)
            {
                return Err(format!(
                    "its entry `{key}` is {}; this version has {value}",
                    other.value
                ));
            }
        }
        Ok(())
    }
}

fn of_pictures(shape: &[usize], is_gray: bool) -> Result<Vec<Entry>, String> {
    let channels: &[&str] = if is_gray { &["gray"] } else { &["red", "green", "blue"] };
    let mut entries = vec![
        entry("input.shape", &shape)?,
        entry("input.orientation", &"exif")?,
        entry("input.profile", &"srgb")?,
        entry("input.opacity", &"on-white")?,
        entry("input.resize", &"triangle")?,
        entry("input.channels", &channels)?,
    ];
    if is_gray {
        entries.push(entry("input.gray", &GRAY)?);
    }
    Ok(entries)
}

fn entry(name: &str, value: &impl Serialize) -> Result<Entry, String> {
    Ok(Entry { key: format!("dlkit.{name}"), value: json(value)? })
}
