//! Two-dimensional convolutions.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Shape, Tensor};

use super::layer::{Layer, Shapes, followed};
use super::method::{Method, Movement};
use super::values::{Values, is_single_flex, tensor};
use crate::winograd::Ending;

/// The convolution of `input` with `weight`, plus `bias`; if `rectified`, negative outputs become zero.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[filters, channels / groups, kernel height, kernel width]`
/// - bias: `[filters]`
/// - output: `[batch, filters, height, width]`
///
/// # Panics
/// Where Burn's `conv2d` does: shapes that do not go together.
#[must_use]
pub fn convolution(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    movement: Movement,
    rectified: bool,
) -> Tensor<4> {
    let [filters, ..] = weight.dims();
    let fits = Method::new(input.dims(), weight.dims(), movement).is_some()
        && bias.as_ref().is_none_or(|bias| bias.dims() == [filters]);
    let fast = is_single_flex(&input)
        && is_single_flex(&weight)
        && bias.as_ref().is_none_or(is_single_flex);
    if !(fits && fast) {
        let Movement { stride, padding, dilation, groups } = movement;
        let options = ConvOptions::new_with_padding(stride, padding, dilation, groups);
        let output = conv2d(input, weight, bias, options);
        return if rectified { relu(output) } else { output };
    }
    let settings = Settings { movement, rectified };
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias.map(Tensor::into_dispatch) {
        Some(bias) => {
            <Dispatch as ConvolutionOps>::biased_convolution(input, weight, bias, settings)
        }
        None => <Dispatch as ConvolutionOps>::convolution(input, weight, settings),
    })
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    movement: Movement,
    rectified: bool,
}

/// The convolution as an operation of a backend. Arguments are as [`convolution()`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait ConvolutionOps: Backend {
    /// The convolution.
    fn convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;

    /// The convolution, plus `bias`.
    fn biased_convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;
}

impl ConvolutionOps for Flex {
    fn convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        settings.forward(input, weight, None)
    }

    fn biased_convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        settings.forward(input, weight, Some(bias))
    }
}

impl Settings {
    /// How a convolution is computed whose arguments were checked.
    fn method(self, input: &Shape, weight: &Shape) -> Method {
        let method = Method::new(input.dims(), weight.dims(), self.movement);
        method.unwrap_or_else(|| unreachable!("checked before the operation was recorded"))
    }
}

impl Layer for Settings {
    fn forward(
        self,
        input: FloatTensor<Flex>,
        weight: FloatTensor<Flex>,
        bias: Option<FloatTensor<Flex>>,
    ) -> FloatTensor<Flex> {
        let method = self.method(&input.shape(), &weight.shape());
        let bias = bias.map(Values::new);
        let ending = Ending { bias: bias.as_ref().map(Values::slice), rectified: self.rectified };
        let (input, weight) = (Values::new(input), Values::new(weight));
        let output = method.convolution(input.slice(), weight.slice(), ending);
        tensor(output, method.output())
    }

    fn is_rectified(self) -> bool {
        self.rectified
    }

    fn input_gradient(self, shapes: &Shapes, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
        self.method(&shapes.input, &shapes.weight).input_gradient(gradient, weight)
    }

    fn weight_gradient(self, shapes: &Shapes, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        self.method(&shapes.input, &shapes.weight).weight_gradient(input, gradient)
    }

    fn bias_gradient(self, shapes: &Shapes, gradient: &[f32]) -> Vec<f32> {
        self.method(&shapes.input, &shapes.weight).bias_gradient(gradient)
    }
}

impl<C: CheckpointStrategy> ConvolutionOps for Autodiff<Flex, C> {
    fn convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        followed::<_, C>(settings, &input, &weight, None)
    }

    fn biased_convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        followed::<_, C>(settings, &input, &weight, Some(&bias))
    }
}

#[cfg(test)]
mod tests;
