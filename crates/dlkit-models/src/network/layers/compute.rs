//! What a layer with its weights does.

use burn::tensor::activation::relu;
use burn::tensor::{Tensor, TensorData};

use crate::network::given::{Given, WeightsError};

/// A layer with its weights. No question has a default answer: a new layer answers all of them.
///
/// # Shapes
/// - input: `[batch, channels, height, width]` as the layer's specification has it
/// - output: likewise
pub(crate) trait Compute {
    /// Applies the layer by its definition, in the phase of the input's device.
    fn forward(&self, input: Tensor<4>) -> Tensor<4>;

    /// Applies the layer by the fastest algorithm, equal but for rounding, and the ReLU behind it if
    /// `rectified`.
    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4>;

    /// Every weight and running statistic with the name of its field, in the order of the ONNX nodes.
    fn weights(&self) -> Vec<(&'static str, TensorData)>;

    /// Sets every weight and running statistic, each by the name of its field.
    ///
    /// # Errors
    /// One that is missing or has another shape.
    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError>;
}

/// A value, or the ReLU of it.
pub(super) fn rectified_if(rectified: bool, value: Tensor<4>) -> Tensor<4> {
    if rectified { relu(value) } else { value }
}
