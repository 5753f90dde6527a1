//! What training minimizes.

use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use dlkit_kernels::flex::{cross_entropy, cross_entropy_of_shares, weighted_cross_entropy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Problem;
use crate::value::number::float;
use crate::value::range::{positive, share};

/// A loss, averaged over the batch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Loss {
    /// Cross-entropy: `-log` of the probability of the true class. It expects raw scores, not
    /// probabilities.
    CrossEntropy {
        /// Label smoothing: share of the target spread evenly over all classes (Szegedy et al.,
        /// 2016).
        #[serde(default)]
        label_smoothing: f64,
    },
    /// Squared error. For classes, the target is 1 for the true class and 0 for the others.
    Mse {
        /// Whether values are averaged or summed.
        #[serde(default)]
        reduction: Reduction,
    },
    /// Absolute error. For classes, the target is 1 for the true class and 0 for the others.
    Mae {
        /// Whether values are averaged or summed.
        #[serde(default)]
        reduction: Reduction,
    },
    /// Huber loss: half the squared error up to an error of `delta`, beyond it `delta (|error| -
    /// delta / 2)` (Huber, 1964). It limits the influence of outliers.
    Huber {
        /// Error beyond which the loss grows linearly.
        #[serde(default = "delta")]
        delta: f64,
        /// Whether values are averaged or summed.
        #[serde(default)]
        reduction: Reduction,
    },
}

const fn delta() -> f64 {
    1.0
}

/// What becomes of the values of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// The mean.
    #[default]
    Mean,
    /// The sum: larger batches take larger steps. Reported metrics remain means over samples.
    Sum,
}

impl Reduction {
    fn of<const D: usize>(self, values: Tensor<D>) -> Tensor<1> {
        match self {
            Self::Mean => values.mean(),
            Self::Sum => values.sum(),
        }
    }
}

impl Default for Loss {
    fn default() -> Self {
        Self::CrossEntropy { label_smoothing: 0.0 }
    }
}

impl Loss {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::CrossEntropy { label_smoothing } => share("label_smoothing", label_smoothing),
            Self::Huber { delta, .. } => positive("delta", delta),
            Self::Mse { .. } | Self::Mae { .. } => Ok(()),
        }
    }

    /// The loss of scores against classes.
    ///
    /// # Shapes
    /// - scores: `[batch, classes]`
    /// - classes: `[batch]`, each from 0 to the number of classes, exclusive
    /// - output: `[1]`, the mean over the batch (cross-entropy) or over all values
    #[must_use]
    pub fn of_classes(&self, scores: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
        let [_, count] = scores.dims();
        match *self {
            Self::CrossEntropy { label_smoothing } => {
                cross_entropy(scores, classes, label_smoothing)
            }
            Self::Mse { .. } | Self::Mae { .. } | Self::Huber { .. } => {
                let targets = classes.one_hot::<2>(count).float().cast(scores.dtype());
                self.of_values(scores, targets)
            }
        }
    }

    /// The same with a weight for each class, for cross-entropy: the sum of each sample's loss times the
    /// weight of its class, over the sum of these weights. Other losses know no weights.
    ///
    /// # Shapes
    /// As [`of_classes`](Self::of_classes); weights: one for each class.
    #[must_use]
    pub fn of_weighted_classes(
        &self,
        scores: Tensor<2>,
        classes: Tensor<1, Int>,
        weights: Option<&Arc<[f32]>>,
    ) -> Tensor<1> {
        match (*self, weights) {
            (Self::CrossEntropy { label_smoothing }, Some(weights)) => {
                weighted_cross_entropy(scores, classes, weights, label_smoothing)
            }
            _ => self.of_classes(scores, classes),
        }
    }

    /// The loss of outputs against values of the same shape: the mean over all values, or the sum
    /// with that reduction.
    ///
    /// Cross-entropy takes the targets as shares of the classes, on axis 1, and averages over the
    /// other axes; no gradient goes to the targets then.
    #[must_use]
    pub fn of_values<const D: usize>(&self, outputs: Tensor<D>, targets: Tensor<D>) -> Tensor<1> {
        match *self {
            Self::CrossEntropy { label_smoothing } => {
                cross_entropy_of_shares(outputs, targets, None, label_smoothing)
            }
            Self::Mse { reduction } => reduction.of((outputs - targets).square()),
            Self::Mae { reduction } => reduction.of((outputs - targets).abs()),
            Self::Huber { delta, reduction } => {
                let errors = (outputs - targets).abs();
                // With c = min(|error|, delta), both branches are c (|error| - c / 2).
                let clipped = errors.clone().clamp_max(delta);
                reduction.of(clipped.clone() * (errors - clipped.mul_scalar(0.5)))
            }
        }
    }

    /// The loss of one sample; the mean over samples is the figure that is reported, with any reduction.
    ///
    /// # Shapes
    /// - outputs, targets: one for each output; the targets of cross-entropy are shares of the classes
    #[must_use]
    pub fn of_sample(&self, outputs: &[f64], targets: &[f64]) -> f64 {
        let count = float(outputs.len().max(1));
        let errors = || outputs.iter().zip(targets).map(|(output, target)| (output - target).abs());
        let (sum, reduction): (f64, _) = match *self {
            Self::CrossEntropy { label_smoothing } => {
                let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
                let share =
                    |target: f64| (1.0 - label_smoothing) * target + label_smoothing / count;
                let logarithms = outputs.iter().map(|output| largest - output + powers.ln());
                return logarithms.zip(targets).map(|(loss, target)| share(*target) * loss).sum();
            }
            Self::Mse { reduction } => (errors().map(|error| error * error).sum(), reduction),
            Self::Mae { reduction } => (errors().sum(), reduction),
            Self::Huber { delta, reduction } => {
                let value = |error: f64| error.min(delta) * (error - 0.5 * error.min(delta));
                (errors().map(value).sum(), reduction)
            }
        };
        if reduction == Reduction::Mean { sum / count } else { sum }
    }

    /// A loss of a batch as a figure: a mean over samples.
    #[must_use]
    pub const fn per_sample(&self, loss: f64, samples: f64) -> f64 {
        match self {
            Self::Mse { reduction: Reduction::Sum }
            | Self::Mae { reduction: Reduction::Sum }
            | Self::Huber { reduction: Reduction::Sum, .. } => loss / samples,
            _ => loss,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn the_huber_loss_is_its_definition_and_sums_add_up() {
        let device = Device::flex();
        let outputs = Tensor::<2>::from_data([[0.5], [-3.0], [2.0], [0.0]], &device);
        let targets = outputs.zeros_like();
        // delta 2: 0.5^2 / 2, 2 (3 - 1), 2^2 / 2, 0.
        let expected = 0.125 + 4.0 + 2.0;
        let value = |reduction| {
            let loss = Loss::Huber { delta: 2.0, reduction };
            let value = loss.of_values(outputs.clone(), targets.clone()).into_scalar::<f32>();
            (value, loss.per_sample(f64::from(value), 4.0))
        };
        assert_eq!(value(Reduction::Sum), (expected, f64::from(expected) / 4.0));
        assert_eq!(value(Reduction::Mean), (expected / 4.0, f64::from(expected) / 4.0));
        let sum = Loss::Mae { reduction: Reduction::Sum }.of_values(outputs, targets);
        assert!((sum.into_scalar::<f32>() - 5.5).abs() < 1e-6);
    }

    /// The mean over samples of each loss is the figure of their batch.
    #[test]
    fn losses_of_samples_have_the_mean_of_the_batch() {
        let device = Device::flex();
        let outputs = [[0.5_f32, -3.0, 2.0], [100.0, 0.25, -1.5]];
        let targets = [[0.0_f32, 1.0, 0.0], [1.0, 0.0, 0.0]];
        for text in [
            "{ kind = \"cross-entropy\" }",
            "{ kind = \"cross-entropy\", label_smoothing = 0.1 }",
            "{ kind = \"mse\" }",
            "{ kind = \"mse\", reduction = \"sum\" }",
            "{ kind = \"mae\" }",
            "{ kind = \"huber\", delta = 0.7, reduction = \"sum\" }",
            "{ kind = \"huber\" }",
        ] {
            let loss: Loss =
                toml::from_str::<toml::Table>(&format!("loss = {text}")).unwrap()["loss"]
                    .clone()
                    .try_into()
                    .unwrap();
            let wide = |row: [f32; 3]| row.map(f64::from);
            let of_each = outputs.iter().zip(targets);
            let of_each = of_each.map(|(row, target)| loss.of_sample(&wide(*row), &wide(target)));
            let mean = of_each.sum::<f64>() / 2.0;
            let batch = loss.of_values(
                Tensor::<2>::from_data(outputs, &device),
                Tensor::from_data(targets, &device),
            );
            let batch = loss.per_sample(f64::from(batch.into_scalar::<f32>()), 2.0);
            assert!((mean - batch).abs() < 1e-5 * batch.max(1.0), "{text}: {mean} {batch}");
        }
    }

    #[test]
    fn smoothing_is_the_same_for_classes_and_for_shares() {
        let device = Device::flex();
        // Softmax shares 1/4 and 3/4, so that the loss is 0.9 ln(4/3) + 0.1 ln(4) for class 1.
        let scores = Tensor::<2>::from_data([[0.0, 3.0_f32.ln()]], &device);
        let loss = Loss::CrossEntropy { label_smoothing: 0.2 };
        let expected = 0.9 * (4.0_f32 / 3.0).ln() + 0.1 * 4.0_f32.ln();
        let classes = Tensor::<1, Int>::from_data([1], &device);
        let shares = Tensor::from_data([[0.0, 1.0]], &device);
        for value in [loss.of_classes(scores.clone(), classes), loss.of_values(scores, shares)] {
            let value = value.into_scalar::<f32>();
            assert!((value - expected).abs() < 1e-6, "{value} {expected}");
        }
    }
}
