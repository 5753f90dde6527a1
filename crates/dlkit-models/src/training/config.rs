//! The `[training]` table of a recipe.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::loss::Loss;
use super::optimizer::OptimizerConfig;
use super::schedule::Schedule;
use crate::config::choice::{name_or_table, name_or_table_schema};
use crate::network::Problem;
use crate::run::EpochRecord;

/// How a network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the training part.
    #[serde(default = "epochs")]
    pub epochs: usize,
    /// Samples per step; the last step of an epoch takes what is left.
    #[serde(default = "batch_size")]
    pub batch_size: usize,
    /// Learning rate before schedule and warm-up.
    #[serde(default = "learning_rate")]
    pub learning_rate: f64,
    /// What is minimised.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Loss>")]
    pub loss: Loss,
    /// How weights follow gradients.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<OptimizerConfig>")]
    pub optimizer: OptimizerConfig,
    /// How the learning rate changes.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Schedule>")]
    pub schedule: Schedule,
    /// Epochs over which the learning rate rises from zero; parts of an epoch are allowed.
    #[serde(default)]
    pub warmup_epochs: f64,
    /// Limit on gradients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clipping: Option<GradientClipping>,
    /// What decides the best checkpoint and early stopping. Default: "validation-loss", or
    /// "train-loss" where there is no validation part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Stops when the monitored metric no longer improves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// The weights are kept before the first epoch and after every so many, to be animated; 0 for never.
    #[serde(default)]
    pub weights_every: usize,
}

const fn epochs() -> usize {
    10
}

const fn batch_size() -> usize {
    64
}

const fn learning_rate() -> f64 {
    1e-3
}

/// A limit on gradients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GradientClipping {
    /// Scales all gradients so that their common Euclidean norm is at most `limit`.
    Norm {
        /// The largest norm.
        limit: f64,
    },
    /// Cuts every value to `-limit..limit`.
    Value {
        /// The largest magnitude.
        limit: f64,
    },
}

/// A figure that a task measures on every batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its name: that of the metrics is the part's and its, as `train_loss`.
    pub name: &'static str,
    /// Whether more is better.
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
    /// Mean absolute error on the validation part, of a regression; lower is better.
    ValidationAbsoluteError,
    /// Loss on the training part; lower is better.
    TrainLoss,
    /// None: the last epoch is the best.
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

    /// The figure in an epoch's metrics; the epoch itself where the last one is the best.
    pub(crate) fn value(self, record: &EpochRecord) -> f64 {
        let Some(measure) = self.measure() else {
            #[expect(clippy::cast_precision_loss, reason = "epochs are far below 2^52")]
            return record.epoch as f64;
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
    /// Epochs without improvement that are borne.
    pub patience: usize,
    /// The smallest change that counts as improvement.
    #[serde(default)]
    pub minimum_change: f64,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: epochs(),
            batch_size: batch_size(),
            learning_rate: learning_rate(),
            loss: Loss::default(),
            optimizer: OptimizerConfig::default(),
            schedule: Schedule::default(),
            warmup_epochs: 0.0,
            gradient_clipping: None,
            monitor: None,
            early_stopping: None,
            weights_every: 0,
        }
    }
}

impl TrainingConfig {
    /// Writes the length a cosine takes from `epochs` into the schedule, so that more epochs
    /// later do not change the epochs already trained.
    pub(crate) fn fix_schedule(&mut self) {
        if let Schedule::Cosine { epochs: length @ None, .. } = &mut self.schedule {
            *length = Some(self.epochs);
        }
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        if self.epochs == 0 {
            return Err(Problem::new("epochs", "is 0; 1 or more is needed"));
        }
        if self.batch_size == 0 {
            return Err(Problem::new("batch_size", "is 0; 1 or more is needed"));
        }
        positive("learning_rate", self.learning_rate)?;
        not_negative("warmup_epochs", self.warmup_epochs)?;
        self.loss.check().map_err(|problem| problem.within("loss"))?;
        self.optimizer.check().map_err(|problem| problem.within("optimizer"))?;
        self.schedule.check().map_err(|problem| problem.within("schedule"))?;
        if let Some(GradientClipping::Norm { limit } | GradientClipping::Value { limit }) =
            self.gradient_clipping
        {
            positive("gradient_clipping.limit", limit)?;
        }
        if let Some(EarlyStopping { minimum_change, .. }) = self.early_stopping {
            not_negative("early_stopping.minimum_change", minimum_change)?;
        }
        Ok(())
    }
}

/// Refuses zero, negative, infinite and undefined values.
pub(crate) fn positive(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("is {value}; a finite number above 0 is needed")))
}

/// Refuses negative, infinite and undefined values.
pub(crate) fn not_negative(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("is {value}; a finite number of 0 or more is needed")))
}

/// Refuses anything outside 0 to 1, 1 excluded.
pub(crate) fn share(key: &str, value: f64) -> Result<(), Problem> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Problem::new(key, format!("is {value}; allowed is 0 or more and below 1")))
}
