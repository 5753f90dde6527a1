//! Dense layers.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::linear;

use super::layer::{Layer, Shapes, followed};
use super::values::{Values, is_single_flex, tensor};
use crate::dense::{self, Ending, Shape};

/// The product of each sample of `input` with `weight`, plus `bias`; if `rectified`, negative outputs
/// become zero.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[channels * height * width, units]`
/// - bias: `[units]`
/// - output: `[batch, units, 1, 1]`
///
/// # Panics
/// Where Burn's `linear` does: shapes that do not go together.
#[must_use]
pub fn dense(
    input: Tensor<4>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    rectified: bool,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let [inputs, units] = weight.dims();
    let fits = inputs == channels * height * width
        && batch * inputs * units > 0
        && bias.as_ref().is_none_or(|bias| bias.dims() == [units]);
    let fast = is_single_flex(&input)
        && is_single_flex(&weight)
        && bias.as_ref().is_none_or(is_single_flex);
    if !(fits && fast) {
        let output = linear(input.reshape([batch, channels * height * width]), weight, bias)
            .reshape([batch, units, 1, 1]);
        return if rectified { relu(output) } else { output };
    }
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias.map(Tensor::into_dispatch) {
        Some(bias) => <Dispatch as DenseOps>::biased_dense(input, weight, bias, rectified),
        None => <Dispatch as DenseOps>::dense(input, weight, rectified),
    })
}

/// The layer as an operation of a backend. Arguments are as [`dense()`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait DenseOps: Backend {
    /// The product.
    fn dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self>;

    /// The product, plus `bias`.
    fn biased_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self>;
}

impl DenseOps for Flex {
    fn dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        Dense { rectified }.forward(input, weight, None)
    }

    fn biased_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        Dense { rectified }.forward(input, weight, Some(bias))
    }
}

/// The layer and how it ends.
#[derive(Clone, Copy, Debug)]
struct Dense {
    rectified: bool,
}

impl Layer for Dense {
    fn forward(
        self,
        input: FloatTensor<Flex>,
        weight: FloatTensor<Flex>,
        bias: Option<FloatTensor<Flex>>,
    ) -> FloatTensor<Flex> {
        let shape = shape(&Shapes { input: input.shape(), weight: weight.shape() });
        let bias = bias.map(Values::new);
        let ending = Ending { bias: bias.as_ref().map(Values::slice), rectified: self.rectified };
        let (input, weight) = (Values::new(input), Values::new(weight));
        let output = dense::forward(shape, input.slice(), weight.slice(), ending);
        tensor(output, [shape.batch, shape.units, 1, 1])
    }

    fn is_rectified(self) -> bool {
        self.rectified
    }

    fn input_gradient(self, shapes: &Shapes, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
        dense::input_gradient(shape(shapes), gradient, weight)
    }

    fn weight_gradient(self, shapes: &Shapes, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        dense::weight_gradient(shape(shapes), input, gradient)
    }

    fn bias_gradient(self, shapes: &Shapes, gradient: &[f32]) -> Vec<f32> {
        dense::bias_gradient(shape(shapes), gradient)
    }
}

fn shape(shapes: &Shapes) -> Shape {
    let [batch, ..] = shapes.input.dims::<4>();
    let [inputs, units] = shapes.weight.dims();
    Shape { batch, inputs, units }
}

impl<C: CheckpointStrategy> DenseOps for Autodiff<Flex, C> {
    fn dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        followed::<_, C>(Dense { rectified }, &input, &weight, None)
    }

    fn biased_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        followed::<_, C>(Dense { rectified }, &input, &weight, Some(&bias))
    }
}

#[cfg(test)]
mod tests;
