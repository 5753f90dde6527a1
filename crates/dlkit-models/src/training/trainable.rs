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

    /// What the loss of a batch counts in the mean over an epoch, where that is not its number of samples.
    fn loss_weight(&self, _: &Self::Batch) -> Option<f64> {
        None
    }

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

/// Sums over an epoch, each batch weighted by its samples; the loss by its own weight, if it has one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// Of each measure: the sum, and that of the weights.
    sums: BTreeMap<&'static str, [f64; 2]>,
    samples: usize,
}

impl Sums {
    pub(crate) fn add(&mut self, measured: &Measured, loss_weight: Option<f64>) {
        let samples = float(measured.samples);
        for (index, &(name, value)) in measured.values.iter().enumerate() {
            let weight = loss_weight.filter(|_| index == 0).unwrap_or(samples);
            let [sum, weights] = self.sums.entry(name).or_default();
            *sum += value * weight;
            *weights += weight;
        }
        self.samples += measured.samples;
    }

    pub(crate) const fn samples(&self) -> usize {
        self.samples
    }

    /// The means over all samples. That of nothing that counts is 0.
    pub(crate) fn means(&self) -> BTreeMap<&'static str, f64> {
        let mean = |[sum, weights]: [f64; 2]| if weights == 0.0 { sum } else { sum / weights };
        self.sums.iter().map(|(name, sums)| (*name, mean(*sums))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_weigh_each_batch_by_its_samples() {
        let mut sums = Sums::default();
        for (loss, samples) in [(1.0, 3), (5.0, 1)] {
            sums.add(&Measured { values: vec![("loss", loss)], samples }, None);
        }
        assert_eq!(sums.samples(), 4);
        assert_eq!(sums.means(), BTreeMap::from([("loss", 2.0)]));
    }

    #[test]
    fn a_loss_with_a_weight_of_its_own_counts_by_it() {
        let mut sums = Sums::default();
        for (value, samples, weight) in [(1.0, 3, 2.0), (5.0, 1, 6.0)] {
            let values = vec![("loss", value), ("accuracy", value)];
            sums.add(&Measured { values, samples }, Some(weight));
        }
        assert_eq!(sums.means(), BTreeMap::from([("loss", 4.0), ("accuracy", 2.0)]));
    }
}
