//! Convolutions of any kernel, stride, dilation and number of groups, by their definition.
//!
//! The padded input is put into planes, one for each remainder of places by the strides; then what one
//! value of the kernel reads is a plane, shifted, and no input is copied for each value. Everything is
//! `[batch, channels, height, width]` in row-major order. Results are the same for any number of threads,
//! bit for bit; they differ in rounding between instruction sets.

mod forward;
mod input_gradient;
mod shape;
mod sums;
#[cfg(test)]
mod tests;
mod weight_gradient;

use self::forward::Convolution;
use self::input_gradient::InputGradient;
pub use self::shape::Shape;
use self::weight_gradient::WeightGradient;
use crate::bias_gradient;
use crate::length::length;
use crate::simd::with_best;
use crate::winograd::Ending;

/// The convolution of `input` with `weight`, and what `ending` adds.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[filters, channels / groups, kernel height, kernel width]`
/// - ending's bias: `[filters]`
/// - output: `[batch, filters, height, width]` as [`Shape::output`] has them
///
/// # Panics
/// If slices do not have the lengths of their shapes, or the shape has no output.
#[must_use]
pub fn convolution(shape: Shape, input: &[f32], weight: &[f32], ending: Ending<'_>) -> Vec<f32> {
    let output = output(&shape);
    check_input(&shape, input);
    check_weight(&shape, weight);
    assert!(ending.bias.is_none_or(|bias| bias.len() == shape.filters), "one bias for each filter");
    with_best(Convolution { shape, output, input, weight, ending })
}

/// The gradient of the convolution's input from `gradient`, that of its output.
///
/// # Shapes
/// - gradient: that of the output
/// - weight: `[filters, channels / groups, kernel height, kernel width]`
/// - output: `[batch, channels, height, width]`
///
/// # Panics
/// If slices do not have the lengths of their shapes, or the shape has no output.
#[must_use]
pub fn input_gradient(shape: Shape, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
    let output = output(&shape);
    check_gradient(&shape, output, gradient);
    check_weight(&shape, weight);
    with_best(InputGradient { shape, output, gradient, weight })
}

/// The gradient of the convolution's weights from `gradient`, that of its output.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - gradient: that of the output
/// - output: `[filters, channels / groups, kernel height, kernel width]`
///
/// # Panics
/// If slices do not have the lengths of their shapes, or the shape has no output.
#[must_use]
pub fn weight_gradient(shape: Shape, input: &[f32], gradient: &[f32]) -> Vec<f32> {
    let output = output(&shape);
    check_input(&shape, input);
    check_gradient(&shape, output, gradient);
    with_best(WeightGradient { shape, output, input, gradient })
}

/// The gradient of the convolution's bias from `gradient`, that of its output.
///
/// # Shapes
/// - gradient: that of the output
/// - output: `[filters]`
///
/// # Panics
/// If the gradient does not have the length of its shape, or the shape has no output.
#[must_use]
pub fn bias_gradient(shape: Shape, gradient: &[f32]) -> Vec<f32> {
    let output = output(&shape);
    check_gradient(&shape, output, gradient);
    bias_gradient::sums(gradient, shape.filters, output[0] * output[1])
}

fn output(shape: &Shape) -> [usize; 2] {
    let output = shape.output();
    assert!(output.is_some(), "{shape:?} has no output");
    output.unwrap_or_default()
}

fn check_input(shape: &Shape, input: &[f32]) {
    let [height, width] = shape.input;
    let numbers = length([shape.batch, shape.channels, height, width]);
    assert_eq!(input.len(), numbers, "the input's length");
}

fn check_weight(shape: &Shape, weight: &[f32]) {
    let [height, width] = shape.kernel;
    let numbers = length([shape.filters, shape.channels / shape.groups, height, width]);
    assert_eq!(weight.len(), numbers, "the weights' length");
}

fn check_gradient(shape: &Shape, [height, width]: [usize; 2], gradient: &[f32]) {
    let numbers = length([shape.batch, shape.filters, height, width]);
    assert_eq!(gradient.len(), numbers, "the gradient's length");
}
