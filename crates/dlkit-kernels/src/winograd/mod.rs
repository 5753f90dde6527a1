//! Convolutions with 3x3 kernels and stride 1 by Winograd's F(4x4, 3x3): a quarter of the
//! multiplications of the definition.
//!
//! Everything is `[batch, channels, height, width]` in row-major order. Results are the same for any
//! number of threads, bit for bit; they differ in rounding between instruction sets.

mod filters;
mod forward;
mod gather;
mod shape;
#[cfg(test)]
mod tests;
mod transform;
mod weight_gradient;

use self::filters::Direction;
use self::forward::Convolution;
pub use self::shape::Shape;
use self::weight_gradient::WeightGradient;
use crate::bias_gradient;
use crate::length::length;
use crate::simd::with_best;

/// What happens to the sums of a convolution before they are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending<'a> {
    /// Added to all outputs of a filter.
    pub bias: Option<&'a [f32]>,
    /// Negative outputs become zero (ReLU); undefined ones stay.
    pub rectified: bool,
}

/// The convolution of `input` with `weight`, and what `ending` adds.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[filters, channels, 3, 3]`
/// - ending's bias: `[filters]`
/// - output: `[batch, filters, height + 2 * padding - 2, width + 2 * padding - 2]`
///
/// # Panics
/// If slices do not have the lengths of their shapes, or the shape has no output.
#[must_use]
pub fn convolution(shape: Shape, input: &[f32], weight: &[f32], ending: Ending<'_>) -> Vec<f32> {
    let output = checked(&shape, input, weight.len());
    assert!(ending.bias.is_none_or(|bias| bias.len() == shape.filters), "one bias for each filter");
    let direction = Direction::Forward;
    with_best(Convolution { shape, output, input, weight, ending, direction })
}

/// The gradient of the convolution's input from `gradient`, that of its output.
///
/// # Shapes
/// - gradient: `[batch, filters, height + 2 * padding - 2, width + 2 * padding - 2]`
/// - weight: `[filters, channels, 3, 3]`
/// - output: `[batch, channels, height, width]`
///
/// # Panics
/// If slices do not have the lengths of their shapes, or the shape has no output.
#[must_use]
pub fn input_gradient(shape: Shape, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
    let [height, width] = output_sides(&shape);
    let reversed = shape.reversed([height, width]);
    let output = checked(&reversed, gradient, weight.len());
    let direction = Direction::Reverse;
    with_best(Convolution {
        shape: reversed,
        output,
        input: gradient,
        weight,
        ending: Ending::default(),
        direction,
    })
}

/// The gradient of the convolution's weights from `gradient`, that of its output.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - gradient: `[batch, filters, height + 2 * padding - 2, width + 2 * padding - 2]`
/// - output: `[filters, channels, 3, 3]`
///
/// # Panics
/// If slices do not have the lengths of their shapes, or the shape has no output.
#[must_use]
pub fn weight_gradient(shape: Shape, input: &[f32], gradient: &[f32]) -> Vec<f32> {
    let weights = length([shape.filters, shape.channels, 9]);
    let output = checked(&shape, input, weights);
    let numbers = length([shape.batch, shape.filters, output[0], output[1]]);
    assert_eq!(gradient.len(), numbers, "the gradient's length");
    with_best(WeightGradient { shape, output, input, gradient })
}

/// The gradient of the convolution's bias from `gradient`, that of its output.
///
/// # Shapes
/// - gradient: `[batch, filters, height + 2 * padding - 2, width + 2 * padding - 2]`
/// - output: `[filters]`
///
/// # Panics
/// If the gradient does not have the length of its shape, or the shape has no output.
#[must_use]
pub fn bias_gradient(shape: Shape, gradient: &[f32]) -> Vec<f32> {
    let [height, width] = output_sides(&shape);
    let numbers = length([shape.batch, shape.filters, height, width]);
    assert_eq!(gradient.len(), numbers, "the gradient's length");
    bias_gradient::sums(gradient, shape.filters, height * width)
}

fn output_sides(shape: &Shape) -> [usize; 2] {
    let output = shape.output();
    assert!(output.is_some(), "{shape:?} has no output");
    output.unwrap_or_default()
}

fn checked(shape: &Shape, input: &[f32], weights: usize) -> [usize; 2] {
    let output = output_sides(shape);
    assert!(
        shape.batch > 0 && shape.channels > 0 && shape.filters > 0,
        "{shape:?} has an empty side"
    );
    let numbers = length([shape.batch, shape.channels, shape.height, shape.width]);
    assert_eq!(input.len(), numbers, "the input's length");
    assert_eq!(weights, length([shape.filters, shape.channels, 9]), "the weights' length");
    output
}
