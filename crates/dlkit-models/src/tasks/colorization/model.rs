//! How a network learns to give colors.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

use super::crops::CropBatch;
use crate::network::Network;
use crate::training::Measured;

/// Loss of a network that outputs scores of color bins, and its metrics.
pub(super) fn measure(network: &Network, batch: CropBatch) -> (Tensor<1>, Measured) {
    let samples = batch.shares.dims()[0];
    let scores = network.forward(batch.lightness);
    let loss = weighted_cross_entropy(scores, batch.shares, batch.weights);
    let value = loss.clone().detach().into_data().iter::<f64>().next().unwrap_or(f64::NAN);
    (loss, Measured { values: vec![("loss", value)], samples })
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
