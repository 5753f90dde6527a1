//! The proximal step of a penalty.

use burn::tensor::Tensor;
use dlkit_kernels::optimizer::Penalty;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The weights to penalize.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PenaltyScope {
    /// The weights of dense and convolution layers.
    #[default]
    Weights,
    /// Biases, the scales and shifts of batch normalization and slopes as well.
    All,
}

impl PenaltyScope {
    /// Whether a parameter with this many axes is penalized: only weights of layers have more than
    /// one axis.
    pub(super) const fn includes(self, axes: usize) -> bool {
        matches!(self, Self::All) || axes > 1
    }
}

/// The proximal operator of `l1 * |w| + l2 / 2 * w^2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shrinkage {
    pub(super) l1: f64,
    pub(super) l2: f64,
    pub(super) scope: PenaltyScope,
}

impl Shrinkage {
    /// Shrinks weights after a step in which gradients counted `step` times: the `w` with the least
    /// `l1 |w| + l2 / 2 w^2 + (w - weight)^2 / (2 step)`, which is the soft threshold
    /// `sign(weight) max(|weight| - step l1, 0) / (1 + step l2)`.
    ///
    /// # References
    /// Parikh and Boyd, Proximal Algorithms, 2014, section 6.5.
    pub(crate) fn apply<const D: usize>(self, weight: Tensor<D>, step: f64) -> Tensor<D> {
        if !self.scope.includes(D) {
            return weight;
        }
        let threshold = step * self.l1;
        let shrunk = weight.clone() - weight.clamp(-threshold, threshold);
        if self.l2 == 0.0 { shrunk } else { shrunk.div_scalar(1.0 + step * self.l2) }
    }

    /// Whether a parameter with this many axes is shrunk.
    pub(crate) const fn includes(self, axes: usize) -> bool {
        self.scope.includes(axes)
    }

    /// The penalty of each weight of a parameter with this many axes, where each has a step of its own.
    pub(crate) fn penalty(self, axes: usize) -> Option<Penalty> {
        let Self { l1, l2, scope } = self;
        scope.includes(axes).then_some(Penalty { l1, l2 })
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn shrinking_is_the_soft_threshold() {
        let device = Device::flex();
        let weight = || Tensor::<2>::from_data([[3.0, -0.5, 0.1, -0.1, 0.0]], &device);
        let shrinkage = Shrinkage { l1: 2.0, l2: 10.0, scope: PenaltyScope::Weights };
        // Threshold 0.1 * 2, divisor 1 + 0.1 * 10.
        let expected = [1.4, -0.15, 0.0, 0.0, 0.0];
        let found: Vec<f64> = shrinkage.apply(weight(), 0.1).into_data().iter().collect();
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        assert!(found[2..].iter().all(|value| *value == 0.0), "{found:?}");
        let bias = Tensor::<1>::from_data([0.1], &device);
        assert!(shrinkage.apply(bias, 0.1).into_scalar::<f32>() > 0.0);
    }
}
