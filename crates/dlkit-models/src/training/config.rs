//! The `[training]` table of a recipe.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weights::ClassWeights;
use super::loss::Loss;
use super::monitor::{EarlyStopping, Monitor};
use super::optimizer::OptimizerConfig;
use super::schedule::Schedule;
use super::threshold::ThresholdRule;
use crate::value::Problem;
use crate::value::choice::{name_or_table, name_or_table_schema};
use crate::value::range::{not_negative, positive};

/// Settings of the training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Number of passes over the training part.
    #[serde(default = "epochs")]
    pub epochs: usize,
    /// Samples per step; the last step of an epoch may have fewer.
    #[serde(default = "batch_size")]
    pub batch_size: usize,
    /// Learning rate before schedule and warm-up.
    #[serde(default = "learning_rate")]
    pub learning_rate: f64,
    /// Loss to minimize.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Loss>")]
    pub loss: Loss,
    /// How much each class counts in the cross-entropy of a classification: "balanced", or a table of
    /// weights by class name; classes that are not named have weight 1. Without it, all samples count alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// Probability from which on the second of two classes is predicted: "balanced-accuracy" or "f1" choose
    /// the best one on the validation part after training; or a number. Without it, the likelier class is
    /// predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<ThresholdRule>,
    /// Layers that keep their weights, by name; `*` and `?` are wildcards. They take no step, have no penalty
    /// and no weight decay; their batch normalizations keep their running statistics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<String>,
    /// Optimizer: the rule that updates weights by gradients.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<OptimizerConfig>")]
    pub optimizer: OptimizerConfig,
    /// Schedule of the learning rate.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Schedule>")]
    pub schedule: Schedule,
    /// Epochs of warm-up, in which the learning rate rises from zero; fractions are allowed.
    #[serde(default)]
    pub warmup_epochs: f64,
    /// Gradient clipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clipping: Option<GradientClipping>,
    /// Metric that selects the best checkpoint and decides early stopping. Default:
    /// "validation-loss", or "train-loss" without a validation part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Early stopping: ends training when the monitored metric no longer improves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Epochs between saved weights, from which `dlkit weights animate` draws; 0 saves none.
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
        /// Largest norm.
        limit: f64,
    },
    /// Clips every value to `-limit..limit`.
    Value {
        /// Largest magnitude.
        limit: f64,
    },
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: epochs(),
            batch_size: batch_size(),
            learning_rate: learning_rate(),
            loss: Loss::default(),
            class_weights: None,
            threshold: None,
            freeze: Vec::new(),
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
    /// Writes `epochs` as the length of a cosine into the schedule, so that more epochs later do
    /// not change those already trained.
    pub(crate) fn fix_schedule(&mut self) {
        if let Schedule::Cosine { epochs: length @ None, .. } = &mut self.schedule {
            *length = Some(self.epochs);
        }
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        if self.epochs == 0 {
            return Err(Problem::new("epochs", "must be 1 or more, not 0"));
        }
        if self.batch_size == 0 {
            return Err(Problem::new("batch_size", "must be 1 or more, not 0"));
        }
        positive("learning_rate", self.learning_rate)?;
        not_negative("warmup_epochs", self.warmup_epochs)?;
        self.loss.check().map_err(|problem| problem.within("loss"))?;
        if let Some(weights) = &self.class_weights {
            weights.check()?;
            if !matches!(self.loss, Loss::CrossEntropy { .. }) {
                return Err(Problem::new(
                    "class_weights",
                    "weighs the loss \"cross-entropy\" only; remove it, or set training.loss = \
                     \"cross-entropy\"",
                ));
            }
        }
        self.threshold.map_or(Ok(()), ThresholdRule::check)?;
        self.optimizer.check().map_err(|problem| problem.within("optimizer"))?;
        self.schedule.check().map_err(|problem| problem.within("schedule"))?;
        let last = matches!(self.monitor, Some(Monitor::LastEpoch));
        if last && matches!(self.schedule, Schedule::Plateau { .. }) {
            return Err(Problem::new(
                "monitor",
                "is \"last-epoch\", which always improves, so that the schedule \"plateau\" never reduces the \
                 learning rate; name a metric",
            ));
        }
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
