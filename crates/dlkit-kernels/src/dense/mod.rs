//! Dense layers: the product of a batch with weights, and its gradients.
//!
//! Everything is in row-major order. Results are the same for any number of threads, bit for bit; they
//! differ in rounding between instruction sets.

mod factor;
mod product;
#[cfg(test)]
mod tests;

use self::factor::Factor;
use self::product::Product;
use crate::length::length;
use crate::simd::with_best;

/// The sizes of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Samples.
    pub batch: usize,
    /// Numbers of a sample.
    pub inputs: usize,
    /// Numbers the layer makes of a sample.
    pub units: usize,
}

/// What happens to the sums of a product before they are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending<'a> {
    /// Added to all outputs of a unit.
    pub bias: Option<&'a [f32]>,
    /// Negative outputs become zero (ReLU); undefined ones stay.
    pub rectified: bool,
}

/// The product of `input` with `weight`, and what `ending` adds.
///
/// # Shapes
/// - input: `[batch, inputs]`
/// - weight: `[inputs, units]`
/// - ending's bias: `[units]`
/// - output: `[batch, units]`
///
/// # Panics
/// If slices do not have the lengths of their shapes.
#[must_use]
pub fn forward(shape: Shape, input: &[f32], weight: &[f32], ending: Ending<'_>) -> Vec<f32> {
    let Shape { batch, inputs, units } = shape;
    assert!(ending.bias.is_none_or(|bias| bias.len() == units), "one bias for each unit");
    with_best(Product {
        rows: Factor::transposed(input, [batch, inputs]),
        columns: Factor::new(weight, [inputs, units]),
        ending,
    })
}

/// The gradient of the layer's input from `gradient`, that of its output.
///
/// # Shapes
/// - gradient: `[batch, units]`
/// - weight: `[inputs, units]`
/// - output: `[batch, inputs]`
///
/// # Panics
/// If slices do not have the lengths of their shapes.
#[must_use]
pub fn input_gradient(shape: Shape, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
    let Shape { batch, inputs, units } = shape;
    with_best(Product {
        rows: Factor::transposed(gradient, [batch, units]),
        columns: Factor::transposed(weight, [inputs, units]),
        ending: Ending::default(),
    })
}

/// The gradient of the layer's weights from `gradient`, that of its output.
///
/// # Shapes
/// - input: `[batch, inputs]`
/// - gradient: `[batch, units]`
/// - output: `[inputs, units]`
///
/// # Panics
/// If slices do not have the lengths of their shapes.
#[must_use]
pub fn weight_gradient(shape: Shape, input: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Shape { batch, inputs, units } = shape;
    with_best(Product {
        rows: Factor::new(input, [batch, inputs]),
        columns: Factor::new(gradient, [batch, units]),
        ending: Ending::default(),
    })
}

/// The gradient of the layer's bias from `gradient`, that of its output: the sum over samples.
///
/// # Shapes
/// - gradient: `[batch, units]`
/// - output: `[units]`
///
/// # Panics
/// If the gradient does not have the length of its shape.
#[must_use]
pub fn bias_gradient(shape: Shape, gradient: &[f32]) -> Vec<f32> {
    /// Samples that are summed in single precision.
    const SINGLE: usize = 64;
    let Shape { batch, units, .. } = shape;
    assert_eq!(gradient.len(), length([batch, units]), "the gradient's length");
    let mut sums = vec![0.0_f64; units];
    let mut part = vec![0.0_f32; units];
    for samples in gradient.chunks((SINGLE * units).max(1)) {
        part.fill(0.0);
        for sample in samples.chunks_exact(units) {
            for (sum, number) in part.iter_mut().zip(sample) {
                *sum += number;
            }
        }
        for (sum, &part) in sums.iter_mut().zip(&part) {
            *sum += f64::from(part);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "gradients are single precision")]
    sums.into_iter().map(|sum| sum as f32).collect()
}
