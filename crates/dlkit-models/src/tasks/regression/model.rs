//! A network that is trained to predict a number.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::train::{InferenceStep, TrainOutput, TrainStep};

use super::batch::TableBatch;
use crate::network::Network;
use crate::training::{Loss, Measured, Trainable};

/// A network whose output is a number.
#[derive(Module, Debug)]
pub struct Regressor {
    network: Network,
    #[module(skip)]
    loss: Loss,
    /// The deviation of the target: errors are measured in its own units.
    #[module(skip)]
    deviation: f64,
}

impl Regressor {
    /// A regressor that is trained by `loss`, for a target of this deviation.
    #[must_use]
    pub const fn new(network: Network, loss: Loss, deviation: f64) -> Self {
        Self { network, loss, deviation }
    }

    /// The loss.
    #[must_use]
    pub const fn loss(&self) -> Loss {
        self.loss
    }

    /// Predictions, standardised as the target.
    ///
    /// # Shapes
    /// - features: `[batch, features, 1, 1]`
    /// - output: `[batch, 1]`
    #[must_use]
    pub fn predict(&self, features: Tensor<4>) -> Tensor<2> {
        let output = self.network.forward(features);
        let batch = output.dims()[0];
        output.reshape([batch, 1])
    }

    fn measure(&self, batch: TableBatch) -> (Tensor<1>, Measured) {
        let samples = batch.targets.dims()[0];
        let outputs = self.predict(batch.features);
        let loss = self.loss.of_values(outputs.clone(), batch.targets.clone());
        // Both figures come in one read: each read waits for the device.
        let error = (outputs - batch.targets).detach().abs().mean();
        let figures = Tensor::cat(vec![loss.clone().detach(), error], 0).into_data();
        let mut figures = figures.iter::<f64>();
        let mut next = || figures.next().unwrap_or(f64::NAN);
        #[expect(clippy::cast_precision_loss, reason = "batches are far below 2^52")]
        let loss_figure = self.loss.per_sample(next(), samples as f64);
        let values = vec![("loss", loss_figure), ("absolute_error", next() * self.deviation)];
        (loss, Measured { values, samples })
    }
}

impl Trainable for Regressor {
    fn network(&self) -> &Network {
        &self.network
    }

    fn network_input(batch: TableBatch) -> Tensor<4> {
        batch.features
    }
}

impl TrainStep for Regressor {
    type Input = TableBatch;
    type Output = Measured;

    fn step(&self, batch: TableBatch) -> TrainOutput<Measured> {
        let (loss, measured) = self.measure(batch);
        TrainOutput::new(self, loss.backward(), measured)
    }
}

impl InferenceStep for Regressor {
    type Input = TableBatch;
    type Output = Measured;

    fn step(&self, batch: TableBatch) -> Measured {
        self.measure(batch).1
    }
}
