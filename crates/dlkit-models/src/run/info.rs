//! `run.json`: origin, progress and outcome of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::TaskFacts;
use crate::training::Best;

/// Origin, progress and outcome of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Version of dlkit.
    pub version: String,
    /// Command lines: of the start and of each resumption.
    pub commands: Vec<Vec<String>>,
    /// Directory the first command was given in.
    pub directory: String,
    /// Device of the last command.
    pub device: String,
    /// Threads of the last command.
    pub threads: usize,
    /// The seed.
    pub seed: u64,
    /// Time of the start, in UTC.
    pub started: String,
    /// Time of the last change, in UTC.
    pub updated: String,
    /// Seconds spent training, all commands together.
    pub seconds: f64,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why it ended, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The run or file that the first weights were taken from, if they were not all drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Epochs finished.
    pub epochs: usize,
    /// Requested epochs.
    pub epochs_planned: usize,
    /// The best epoch by the monitored metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Best>,
    /// Trained parameters of the network.
    pub parameters: usize,
    /// Whether samples were divided within each class; runs of versions before 0.2 were not.
    #[serde(default)]
    pub stratified: bool,
    /// Samples in each part.
    pub samples: BTreeMap<String, usize>,
    /// What inputs and outputs stand for.
    #[serde(flatten)]
    pub facts: TaskFacts,
    /// Probability from which on the second of two classes is predicted, chosen for the best checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// SHA-256 of all samples.
    pub data_sha256: String,
    /// Figures of the best checkpoint on the test part, read once at the end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub test: BTreeMap<String, f64>,
}

/// Outcome of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// In training, or ended without notice.
    Running,
    /// All epochs are trained.
    Finished,
    /// Ended because the monitored metric no longer improved.
    StoppedEarly,
    /// Ended by the user.
    Interrupted,
    /// Ended by an error.
    Failed,
    /// Weights from a file, not trained yet.
    Imported,
}

/// The time now, in UTC, to the second.
#[must_use]
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
