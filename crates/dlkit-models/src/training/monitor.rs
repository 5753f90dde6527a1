//! The metric that decides which epoch is the best, and when to stop early.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::EpochRecord;
use crate::value::number::float;

/// A figure that a task measures on every batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its name: that of the metrics is the part's and its, as `train_loss`.
    pub name: &'static str,
    /// Whether higher is better.
    pub higher_is_better: bool,
}

/// The metric that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Monitor {
    /// Loss on the validation part; lower is better.
    ValidationLoss,
    /// Accuracy on the validation part; higher is better.
    ValidationAccuracy,
    /// Mean absolute error of a regression on the validation part; lower is better.
    ValidationAbsoluteError,
    /// Loss on the training part; lower is better.
    TrainLoss,
    /// No metric: the last epoch counts as the best.
    LastEpoch,
}

impl Monitor {
    /// What is measured, if anything.
    #[must_use]
    pub const fn measure(self) -> Option<&'static str> {
        match self {
            Self::ValidationLoss | Self::TrainLoss => Some("loss"),
            Self::ValidationAccuracy => Some("accuracy"),
            Self::ValidationAbsoluteError => Some("absolute_error"),
            Self::LastEpoch => None,
        }
    }

    /// The part it is measured on.
    #[must_use]
    pub const fn part(self) -> &'static str {
        match self {
            Self::ValidationLoss | Self::ValidationAccuracy | Self::ValidationAbsoluteError => {
                "validation"
            }
            Self::TrainLoss | Self::LastEpoch => "train",
        }
    }

    /// The value in an epoch's metrics; the epoch's number if the last epoch counts as the best.
    pub(crate) fn value(self, record: &EpochRecord) -> f64 {
        let Some(measure) = self.measure() else {
            return float(record.epoch);
        };
        let name = format!("{}_{measure}", self.part());
        record.metrics.get(&name).copied().unwrap_or(f64::NAN)
    }

    /// Whether `value` improves on `best` by more than `margin`.
    #[must_use]
    pub fn improves(self, value: f64, best: f64, margin: f64) -> bool {
        match self {
            Self::ValidationLoss | Self::ValidationAbsoluteError | Self::TrainLoss => {
                value < best - margin
            }
            Self::ValidationAccuracy | Self::LastEpoch => value > best + margin,
        }
    }
}

/// When to stop early.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs without improvement before training stops.
    pub patience: usize,
    /// Smallest change that counts as improvement.
    #[serde(default)]
    pub minimum_change: f64,
}
