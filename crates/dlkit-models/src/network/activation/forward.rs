//! What every activation function computes.

use burn::module::Param;
use burn::tensor::Tensor;
use burn::tensor::activation as functions;

use super::function::Activation;
use super::selu::{SELU_ALPHA, SELU_SCALE};

impl Activation {
    /// Applies the function with its trained slopes; RReLU draws its own where the input lies on a
    /// training device.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]`
    /// - output: the same
    pub(crate) fn forward(self, input: Tensor<4>, trained: Option<&Param<Tensor<1>>>) -> Tensor<4> {
        match self {
            Self::None {} => input,
            Self::Sigmoid {} => functions::sigmoid(input),
            Self::Tanh {} => functions::tanh(input),
            Self::Relu {} => functions::relu(input),
            Self::LeakyRelu { slope } => functions::leaky_relu(input, slope),
            Self::Prelu { slope, .. } => match trained {
                Some(slope) => functions::prelu(input, slope.val()),
                None => functions::leaky_relu(input, slope),
            },
            Self::Rrelu(rrelu) if input.device().is_autodiff() => rrelu.forward_train(input),
            Self::Rrelu(rrelu) => functions::leaky_relu(input, rrelu.test_slope()),
            Self::Elu { alpha } => elu(input, alpha),
            Self::Selu {} => elu(input, SELU_ALPHA).mul_scalar(SELU_SCALE),
            Self::Gelu {} => functions::gelu(input),
            Self::Silu {} => functions::silu(input),
            Self::Softplus {} => functions::softplus(input, 1.0),
        }
    }
}

/// `x` if positive, else `alpha * (exp(x) - 1)`.
///
/// The exponential sees no positive value: an infinite one, of `x` above 88 in single precision,
/// would leave the gradient undefined although its branch is not taken.
fn elu<const D: usize>(input: Tensor<D>, alpha: f64) -> Tensor<D> {
    let positive = input.clone().greater_scalar(0.0);
    let negative = input.clone().clamp_max(0.0).exp().sub_scalar(1.0).mul_scalar(alpha);
    negative.mask_where(positive, input)
}
