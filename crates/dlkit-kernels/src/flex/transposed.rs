//! Transposed convolutions: what a convolution's input gradient is of its output's.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::module::conv_transpose2d;
use burn::tensor::ops::ConvTransposeOptions;
use rayon::prelude::*;

use super::layer::{Layer, Shapes, followed};
use super::values::{Values, is_single_flex, tensor};
use crate::bias_gradient;
use crate::direct::{self, Shape};
use crate::winograd::Ending;

/// How a transposed convolution moves over maps. Arrays are over height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spreading {
    /// Pixels between the places of two inputs.
    pub stride: [usize; 2],
    /// Pixels taken away on each side of the output.
    pub padding: [usize; 2],
    /// Pixels added to the end of the output, fewer than the stride.
    pub output_padding: [usize; 2],
}

/// The transposed convolution of `input` with `weight`, plus `bias`.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[channels, filters, kernel height, kernel width]`
/// - bias: `[filters]`
/// - output: `[batch, filters, rows, columns]`
///
/// # Panics
/// Where Burn's `conv_transpose2d` does: shapes that do not go together.
#[must_use]
pub fn transposed_convolution(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    spreading: Spreading,
) -> Tensor<4> {
    let shape = convolution(input.dims(), weight.dims(), spreading);
    let fits = bias.as_ref().is_none_or(|bias| bias.dims() == [weight.dims()[1]]);
    let fast = is_single_flex(&input)
        && is_single_flex(&weight)
        && bias.as_ref().is_none_or(is_single_flex);
    let Some(shape) = shape.filter(|_| fits && fast) else {
        let Spreading { stride, padding, output_padding } = spreading;
        let options = ConvTransposeOptions::new(stride, padding, output_padding, [1, 1], 1);
        return conv_transpose2d(input, weight, bias, options);
    };
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias.map(Tensor::into_dispatch) {
        Some(bias) => <Dispatch as TransposedOps>::biased_transposed(input, weight, bias, shape),
        None => <Dispatch as TransposedOps>::transposed(input, weight, shape),
    })
}

/// The convolution that makes an input of this size of the output.
fn convolution(input: [usize; 4], weight: [usize; 4], spreading: Spreading) -> Option<Shape> {
    let [batch, channels, height, width] = input;
    let [filters, outputs, rows, columns] = weight;
    let Spreading { stride, padding, output_padding } = spreading;
    let kernel = [rows, columns];
    let side = |axis: usize, size: usize| {
        let spread = size.checked_sub(1)?.checked_mul(stride[axis])?;
        let whole = spread.checked_add(kernel[axis])?.checked_add(output_padding[axis])?;
        whole.checked_sub(padding[axis].checked_mul(2)?)
    };
    let shape = Shape {
        batch,
        channels: outputs,
        filters,
        groups: 1,
        input: [side(0, height)?, side(1, width)?],
        kernel,
        stride,
        dilation: [1, 1],
        padding: padding.map(|padding| (padding, padding)),
    };
    (channels == filters && shape.output() == Some([height, width])).then_some(shape)
}

/// The transposed convolution as an operation of a backend. Arguments are as [`transposed_convolution`] has
/// checked; the shape is that of the convolution.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait TransposedOps: Backend {
    /// The transposed convolution.
    fn transposed(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shape: Shape,
    ) -> FloatTensor<Self>;

    /// The transposed convolution, plus `bias`.
    fn biased_transposed(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: Shape,
    ) -> FloatTensor<Self>;
}

impl TransposedOps for Flex {
    fn transposed(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shape: Shape,
    ) -> FloatTensor<Self> {
        Transposed(shape).forward(input, weight, None)
    }

    fn biased_transposed(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: Shape,
    ) -> FloatTensor<Self> {
        Transposed(shape).forward(input, weight, Some(bias))
    }
}

/// The layer: its input is the output of the convolution of this shape.
#[derive(Clone, Copy, Debug)]
struct Transposed(Shape);

impl Layer for Transposed {
    fn forward(
        self,
        input: FloatTensor<Flex>,
        weight: FloatTensor<Flex>,
        bias: Option<FloatTensor<Flex>>,
    ) -> FloatTensor<Flex> {
        let Self(shape) = self;
        let [input, weight] = [input, weight].map(Values::new);
        let mut output = direct::input_gradient(shape, input.slice(), weight.slice());
        if let Some(bias) = bias.map(Values::new) {
            let bias = bias.slice();
            let maps = output.par_chunks_mut(shape.input[0] * shape.input[1]).enumerate();
            maps.for_each(|(index, map)| {
                let bias = bias[index % shape.channels];
                for number in map {
                    *number += bias;
                }
            });
        }
        tensor(output, [shape.batch, shape.channels, shape.input[0], shape.input[1]])
    }

    fn is_rectified(self) -> bool {
        false
    }

    fn input_gradient(self, _: &Shapes, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
        direct::convolution(self.0, gradient, weight, Ending::default())
    }

    fn weight_gradient(self, _: &Shapes, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        direct::weight_gradient(self.0, gradient, input)
    }

    fn bias_gradient(self, _: &Shapes, gradient: &[f32]) -> Vec<f32> {
        let Self(Shape { channels, input: [height, width], .. }) = self;
        bias_gradient::sums(gradient, channels, height * width)
    }
}

impl<C: CheckpointStrategy> TransposedOps for Autodiff<Flex, C> {
    fn transposed(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        shape: Shape,
    ) -> FloatTensor<Self> {
        followed::<_, C>(Transposed(shape), &input, &weight, None)
    }

    fn biased_transposed(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: Shape,
    ) -> FloatTensor<Self> {
        followed::<_, C>(Transposed(shape), &input, &weight, Some(&bias))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::reference::drawn;

    type Function<'a> = dyn Fn(Tensor<4>, Tensor<4>, Option<Tensor<1>>) -> Tensor<4> + 'a;

    #[test]
    fn outputs_and_gradients_are_those_of_burn() {
        let device = Device::flex().autodiff();
        for (kernel, stride, padding, output_padding) in [
            ([2, 2], [2, 2], [0, 0], [0, 0]),
            ([3, 3], [2, 2], [1, 1], [1, 1]),
            ([4, 3], [3, 1], [1, 2], [2, 0]),
            ([1, 5], [1, 4], [0, 1], [0, 3]),
            ([1, 1], [2, 2], [0, 0], [1, 0]),
        ] {
            let spreading = Spreading { stride, padding, output_padding };
            let options = ConvTransposeOptions::new(stride, padding, output_padding, [1, 1], 1);
            let input = drawn([3, 4, 5, 6], 1, &device);
            let weight = drawn([4, 2, kernel[0], kernel[1]], 2, &device);
            let bias = drawn([2], 3, &device);
            assert!(convolution(input.dims(), weight.dims(), spreading).is_some());
            for biased in [false, true] {
                let run = |function: &Function<'_>| -> Vec<f32> {
                    let leaf = |from: &Tensor<4>| {
                        Tensor::<4>::from_data(from.to_data(), &device).require_grad()
                    };
                    let (input, weight) = (leaf(&input), leaf(&weight));
                    let bias = biased
                        .then(|| Tensor::<1>::from_data(bias.to_data(), &device).require_grad());
                    let output = function(input.clone(), weight.clone(), bias.clone());
                    let gradients = output.clone().square().sum().backward();
                    let mut numbers: Vec<f32> = output.into_data().iter().collect();
                    for gradient in [input.grad(&gradients), weight.grad(&gradients)] {
                        numbers.extend(gradient.unwrap().into_data().iter::<f32>());
                    }
                    if let Some(bias) = bias {
                        let gradient = bias.grad(&gradients).unwrap().into_data();
                        numbers.extend(gradient.iter::<f32>());
                    }
                    numbers
                };
                let ours = run(&|input, weight, bias| {
                    transposed_convolution(input, weight, bias, spreading)
                });
                let burn = run(&|input, weight, bias| {
                    conv_transpose2d(input, weight, bias, options.clone())
                });
                assert_eq!(ours.len(), burn.len());
                let largest = burn.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                for (ours, burn) in ours.iter().zip(&burn) {
                    assert!((ours - burn).abs() <= 1e-5 * largest, "{ours} {burn}");
                }
            }
        }
    }
}
