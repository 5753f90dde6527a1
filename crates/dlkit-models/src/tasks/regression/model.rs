//! A network that is trained to predict a number.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::batch::{TableBatch, TableSource};
use crate::facts::Column;
use crate::network::Network;
use crate::tasks::Samples;
use crate::training::{Loss, Measured, Trainable};
use crate::value::number::float;

/// A network whose output is a number.
#[derive(Clone, Debug)]
pub struct Regressor {
    network: Network,
    loss: Loss,
}

impl Regressor {
    /// A regressor that is trained by `loss`.
    #[must_use]
    pub const fn new(network: Network, loss: Loss) -> Self {
        Self { network, loss }
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The loss.
    #[must_use]
    pub const fn loss(&self) -> Loss {
        self.loss
    }

    /// Predictions, standardized as the target.
    ///
    /// # Shapes
    /// - features: `[batch, features, 1, 1]`
    /// - output: `[batch, 1]`
    #[must_use]
    pub fn predict(&self, features: Tensor<4>) -> Tensor<2> {
        predictions(&self.network, features)
    }
}

fn predictions(network: &Network, features: Tensor<4>) -> Tensor<2> {
    let output = network.forward(features);
    let batch = output.dims()[0];
    output.reshape([batch, 1])
}

/// Learning to predict a number.
pub(super) struct Regressing {
    pub(super) samples: Samples<TableSource>,
    pub(super) features: Arc<[Column]>,
    pub(super) target: Column,
    pub(super) loss: Loss,
}

impl Trainable for Regressing {
    type Batch = TableBatch;

    fn measure(&self, network: &Network, batch: TableBatch) -> (Tensor<1>, Measured) {
        measure(network, self.loss, self.target.deviation, batch)
    }

    fn input(batch: TableBatch) -> Tensor<4> {
        batch.features
    }
}

/// The loss, and the error in the target's own units: `deviation` is that of the target.
pub(super) fn measure(
    network: &Network,
    loss_kind: Loss,
    deviation: f64,
    batch: TableBatch,
) -> (Tensor<1>, Measured) {
    let samples = batch.targets.dims()[0];
    let outputs = predictions(network, batch.features);
    let loss = loss_kind.of_values(outputs.clone(), batch.targets.clone());
    // Both figures come in one read: each read waits for the device.
    let error = (outputs - batch.targets).detach().abs().mean();
    let figures = Tensor::cat(vec![loss.clone().detach(), error], 0).into_data();
    let mut figures = figures.iter::<f64>();
    let mut next = || figures.next().unwrap_or(f64::NAN);
    let loss_figure = loss_kind.per_sample(next(), float(samples));
    let values = vec![("loss", loss_figure), ("absolute_error", next() * deviation)];
    (loss, Measured { values, samples })
}
