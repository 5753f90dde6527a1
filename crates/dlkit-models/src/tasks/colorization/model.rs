//! How a network learns to give colors.

use burn::tensor::Tensor;
use dlkit_kernels::flex::cross_entropy_of_shares;

use super::crops::CropBatch;
use crate::network::Network;
use crate::training::Measured;

/// Loss of a network that outputs scores of color bins, and its metrics.
pub(super) fn measure(network: &Network, batch: CropBatch) -> (Tensor<1>, Measured) {
    let samples = batch.shares.dims()[0];
    let scores = network.forward(batch.lightness);
    let loss = cross_entropy_of_shares(scores, batch.shares, Some(batch.weights), 0.0);
    let value = loss.clone().detach().into_data().iter::<f64>().next().unwrap_or(f64::NAN);
    (loss, Measured { values: vec![("loss", value)], samples })
}
