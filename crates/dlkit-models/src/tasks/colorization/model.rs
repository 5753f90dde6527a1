//! A network that is trained to give colours.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use burn::train::{InferenceStep, TrainOutput, TrainStep};

use super::crops::CropBatch;
use crate::network::Network;
use crate::training::{Measured, Trainable};

/// A network whose outputs are scores of colour bins.
#[derive(Module, Debug)]
pub struct ColorNetwork {
    network: Network,
}

impl ColorNetwork {
    /// A network to be trained.
    #[must_use]
    pub const fn new(network: Network) -> Self {
        Self { network }
    }

    fn measure(&self, batch: CropBatch) -> (Tensor<1>, Measured) {
        let samples = batch.shares.dims()[0];
        let scores = self.network.forward(batch.lightness);
        let loss = weighted_cross_entropy(scores, batch.shares, batch.weights);
        let value = loss.clone().detach().into_data().iter::<f64>().next().unwrap_or(f64::NAN);
        (loss, Measured { values: vec![("loss", value)], samples })
    }
}

/// The mean over all places of the cross-entropy between shares and the softmax of scores, times the
/// place's weight.
///
/// # Shapes
/// - scores, shares: `[batch, bins, rows, columns]`
/// - weights: `[batch, 1, rows, columns]`
/// - output: `[1]`
fn weighted_cross_entropy(scores: Tensor<4>, shares: Tensor<4>, weights: Tensor<4>) -> Tensor<1> {
    ((log_softmax(scores, 1) * shares).sum_dim(1) * weights).mean().neg()
}

impl Trainable for ColorNetwork {
    fn network(&self) -> &Network {
        &self.network
    }

    fn network_input(batch: CropBatch) -> Tensor<4> {
        batch.lightness
    }
}

impl TrainStep for ColorNetwork {
    type Input = CropBatch;
    type Output = Measured;

    fn step(&self, batch: CropBatch) -> TrainOutput<Measured> {
        let (loss, measured) = self.measure(batch);
        TrainOutput::new(self, loss.backward(), measured)
    }
}

impl InferenceStep for ColorNetwork {
    type Input = CropBatch;
    type Output = Measured;

    fn step(&self, batch: CropBatch) -> Measured {
        self.measure(batch).1
    }
}
