//! A network that is trained to predict numbers.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::batch::{TableBatch, TableSource};
use crate::facts::Column;
use crate::network::Network;
use crate::tasks::Samples;
use crate::training::{Loss, Measured, Trainable};
use crate::value::number::float;

/// A network whose outputs are numbers.
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
    /// - features: `[batch, inputs, 1, 1]`
    /// - output: `[batch, targets]`
    #[must_use]
    pub fn predict(&self, features: Tensor<4>) -> Tensor<2> {
        predictions(&self.network, features)
    }
}

fn predictions(network: &Network, features: Tensor<4>) -> Tensor<2> {
    let output = network.forward(features);
    let [batch, channels, height, width] = output.dims();
    output.reshape([batch, channels * height * width])
}

/// Learning to predict numbers.
pub(super) struct Regressing {
    pub(super) samples: Samples<TableSource>,
    pub(super) targets: Arc<[Column]>,
    pub(super) loss: Loss,
}

impl Trainable for Regressing {
    type Batch = TableBatch;

    fn measure(&self, network: &Network, batch: TableBatch) -> (Tensor<1>, Measured) {
        measure(network, self.loss, &self.targets, batch)
    }

    fn input(batch: TableBatch) -> Tensor<4> {
        batch.features
    }
}

/// The loss, and the mean absolute error in the targets' own units.
pub(super) fn measure(
    network: &Network,
    loss_kind: Loss,
    targets: &[Column],
    batch: TableBatch,
) -> (Tensor<1>, Measured) {
    let samples = batch.targets.dims()[0];
    let outputs = predictions(network, batch.features);
    let loss = loss_kind.of_values(outputs.clone(), batch.targets.clone());
    // All figures come in one read: each read waits for the device.
    let errors = (outputs - batch.targets).detach().abs().mean_dim(0).reshape([targets.len()]);
    let figures = Tensor::cat(vec![loss.clone().detach(), errors], 0).into_data();
    let mut figures = figures.iter::<f64>();
    let loss_figure = loss_kind.per_sample(figures.next().unwrap_or(f64::NAN), float(samples));
    let errors: f64 = figures.zip(targets).map(|(error, target)| error * target.deviation).sum();
    let error = errors / float(targets.len());
    (loss, Measured { values: vec![("loss", loss_figure), ("absolute_error", error)], samples })
}
