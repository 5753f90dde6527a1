//! What a layer with its weights does.

use burn::tensor::activation::relu;
use burn::tensor::{Tensor, TensorData};

use crate::network::given::{Given, WeightsError};

/// A layer with its weights that reads one value. No question has a default answer: a new layer
/// answers all of them.
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

/// A layer with its weights that reads any number of values: the same questions as those of a
/// [`Compute`], which answers them for the one value it reads.
pub(crate) trait AnyCompute {
    /// See [`Compute::forward`].
    fn forward(&self, inputs: Vec<Tensor<4>>) -> Tensor<4>;

    /// See [`Compute::forward_fast`].
    fn forward_fast(&self, inputs: Vec<Tensor<4>>, rectified: bool) -> Tensor<4>;

    /// See [`Compute::weights`].
    fn weights(&self) -> Vec<(&'static str, TensorData)>;

    /// See [`Compute::set_weights`].
    ///
    /// # Errors
    /// One that is missing or has another shape.
    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError>;
}

impl<T: Compute> AnyCompute for T {
    fn forward(&self, inputs: Vec<Tensor<4>>) -> Tensor<4> {
        Compute::forward(self, only(inputs))
    }

    fn forward_fast(&self, inputs: Vec<Tensor<4>>, rectified: bool) -> Tensor<4> {
        Compute::forward_fast(self, only(inputs), rectified)
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        Compute::weights(self)
    }

    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError> {
        Compute::set_weights(self, given)
    }
}

/// The one value that such a layer of a checked network reads.
fn only(mut inputs: Vec<Tensor<4>>) -> Tensor<4> {
    inputs.swap_remove(0)
}

/// A value, or the ReLU of it.
pub(super) fn rectified_if(rectified: bool, value: Tensor<4>) -> Tensor<4> {
    if rectified { relu(value) } else { value }
}
