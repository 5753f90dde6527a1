//! The names of what is measured.

use crate::training::record::EpochRecord;

/// What is measured of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerMeasure {
    /// Euclidean norm of the gradient of the loss by all trained parameters of the layer, before
    /// clipping.
    GradientNorm,
    /// Euclidean norm of all trained parameters of the layer, before the step.
    WeightNorm,
    /// Euclidean norm of what a step adds to the parameters, over that of the parameters before it.
    ///
    /// # References
    /// Stanford CS231n, Neural Networks Part 3, "Ratio of weights:updates".
    UpdateRatio,
    /// Share of an activation layer's units (channels of maps) that are zero for all examined
    /// samples. These are up to 1,000 fixed training samples, in the test phase after the epoch.
    DeadUnits,
}

impl LayerMeasure {
    /// Every measure.
    pub const ALL: [Self; 4] =
        [Self::GradientNorm, Self::WeightNorm, Self::UpdateRatio, Self::DeadUnits];

    /// The name in `metrics.jsonl`, before the dot and the layer's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GradientNorm => "gradient_norm",
            Self::WeightNorm => "weight_norm",
            Self::UpdateRatio => "update_ratio",
            Self::DeadUnits => "dead_units",
        }
    }

    /// The name of the figure of a layer in `metrics.jsonl`: `gradient_norm.dense1`.
    #[must_use]
    pub fn key(self, layer: &str) -> String {
        format!("{}.{layer}", self.name())
    }

    /// The figure of a layer in an epoch, if it was measured.
    #[must_use]
    pub fn of(self, record: &EpochRecord, layer: &str) -> Option<f64> {
        record.metrics.get(&self.key(layer)).copied()
    }
}
