//! What a task adds to training, and what is measured of a batch.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use crate::network::Network;
use crate::value::number::float;

/// What a task adds to training: how a network is measured on a batch.
pub trait Trainable {
    /// Samples with their targets.
    type Batch: Send + 'static;

    /// The loss of a network for a batch, to be differentiated, and what was measured.
    ///
    /// # Shapes
    /// - loss: `[1]`
    fn measure(&self, network: &Network, batch: Self::Batch) -> (Tensor<1>, Measured);

    /// What the network is given for a batch.
    ///
    /// # Shapes
    /// - output: `[batch, channels, height, width]`
    fn input(batch: Self::Batch) -> Tensor<4>;
}

/// What was measured on one batch: means over its samples. The first is the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Names and means, such as `("loss", 0.3)`.
    pub values: Vec<(&'static str, f64)>,
    /// Samples in the batch.
    pub samples: usize,
}

impl Measured {
    /// The loss.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.values.first().map_or(f64::NAN, |(_, loss)| *loss)
    }
}

/// Sums over an epoch, each batch weighted by its samples.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    sums: BTreeMap<&'static str, f64>,
    samples: usize,
}

impl Sums {
    pub(crate) fn add(&mut self, measured: &Measured) {
        let weight = float(measured.samples);
        for &(name, value) in &measured.values {
            *self.sums.entry(name).or_insert(0.0) += value * weight;
        }
        self.samples += measured.samples;
    }

    pub(crate) const fn samples(&self) -> usize {
        self.samples
    }

    /// The means over all samples.
    pub(crate) fn means(&self) -> BTreeMap<&'static str, f64> {
        let samples = float(self.samples);
        self.sums.iter().map(|(name, sum)| (*name, sum / samples)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_weigh_each_batch_by_its_samples() {
        let mut sums = Sums::default();
        for (loss, samples) in [(1.0, 3), (5.0, 1)] {
            sums.add(&Measured { values: vec![("loss", loss)], samples });
        }
        assert_eq!(sums.samples(), 4);
        assert_eq!(sums.means(), BTreeMap::from([("loss", 2.0)]));
    }
}
