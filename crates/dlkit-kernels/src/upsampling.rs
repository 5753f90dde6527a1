//! Maps enlarged by bilinear interpolation with aligned pixel centers (PyTorch's `align_corners=False`).

use std::mem::MaybeUninit;

use rayon::prelude::*;

use crate::buffers::Buffer;
use crate::fresh::Fresh;
use crate::length::length;
use crate::simd::{Kernel, Program, Simd, with_best};

/// Planes of one size and how much they are enlarged. Arrays are over height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Height and width of a plane.
    pub input: [usize; 2],
    /// Factors.
    pub factor: [usize; 2],
}

impl Shape {
    /// Height and width of an enlarged plane, if there are numbers in it and they can be counted.
    #[must_use]
    pub fn output(&self) -> Option<[usize; 2]> {
        let side = |axis: usize| self.input[axis].checked_mul(self.factor[axis]);
        let output = [side(0)?, side(1)?];
        output[0].checked_mul(output[1]).is_some_and(|area| area > 0).then_some(output)
    }

    fn area(&self) -> usize {
        length(self.input)
    }
}

/// What a new place lies between, and their weights.
#[derive(Clone, Copy)]
struct Between {
    places: [usize; 2],
    weights: [f32; 2],
}

/// The new places of an axis.
fn places(shape: &Shape, axis: usize) -> Vec<Between> {
    let (side, factor) = (shape.input[axis], shape.factor[axis]);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "pixels")]
    let between = |place: usize| {
        // The center of the new place is half a factor further, minus half an old place; twice that.
        let twice = (2 * place + 1).saturating_sub(factor);
        let (first, rest) = (twice / (2 * factor), twice % (2 * factor));
        let second = (rest as f64 / (2 * factor) as f64) as f32;
        Between { places: [first, (first + 1).min(side - 1)], weights: [1.0 - second, second] }
    };
    (0..side * factor).map(between).collect()
}

/// Enlarged planes.
///
/// # Shapes
/// - input: `[planes, height, width]`
/// - output: `[planes, height * factor, width * factor]`
///
/// # Panics
/// If the input is no whole number of planes, or there is no output.
#[must_use]
pub fn bilinear(shape: Shape, input: &[f32]) -> Vec<f32> {
    let output = checked(&shape);
    assert!(input.len().is_multiple_of(shape.area()), "the input's length");
    with_best(Enlarge { shape, output, input })
}

/// The gradient of the input from that of the enlarged planes.
///
/// # Shapes
/// - gradient: `[planes, height * factor, width * factor]`
/// - output: `[planes, height, width]`
///
/// # Panics
/// If the gradient is no whole number of enlarged planes, or there is no output.
#[must_use]
pub fn input_gradient(shape: Shape, gradient: &[f32]) -> Vec<f32> {
    let output = checked(&shape);
    assert!(gradient.len().is_multiple_of(length(output)), "the gradient's length");
    with_best(Gather { shape, output, gradient })
}

fn checked(shape: &Shape) -> [usize; 2] {
    let output = shape.output();
    assert!(output.is_some(), "{shape:?} has no output");
    output.unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Enlarge<'a> {
    shape: Shape,
    output: [usize; 2],
    input: &'a [f32],
}

impl Program for Enlarge<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Self { shape, output, input } = self;
        let [rows, columns] = [0, 1].map(|axis| places(&shape, axis));
        let (area, size) = (shape.area(), length(output));
        let mut result = Fresh::new(length([input.len() / area, size]));
        let target = result.target();
        input.par_chunks(area).enumerate().for_each(|(index, plane)| {
            let mut wide = Buffer::take(shape.input[0] * output[1]);
            let columns = columns.iter();
            for (row, wide) in
                plane.chunks_exact(shape.input[1]).zip(wide.chunks_exact_mut(output[1]))
            {
                for (target, Between { places, weights }) in wide.iter_mut().zip(columns.clone()) {
                    *target = weights[0] * row[places[0]] + weights[1] * row[places[1]];
                }
            }
            // SAFETY: each plane is one task's own.
            let plane = unsafe { target.room(index * size, size) };
            s.run(Heighten { wide: &wide, width: output[1], rows: &rows, plane });
        });
        // SAFETY: the planes are the whole result.
        unsafe { result.finish() }
    }
}

/// A plane whose rows were widened, made higher.
struct Heighten<'a> {
    wide: &'a [f32],
    width: usize,
    rows: &'a [Between],
    plane: &'a mut [MaybeUninit<f32>],
}

impl Kernel for Heighten<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (row, target) in self.rows.iter().zip(self.plane.chunks_exact_mut(self.width)) {
            let [above, below] = row.places;
            let above = &self.wide[above * self.width..][..self.width];
            let below = &self.wide[below * self.width..][..self.width];
            let [first, second] = row.weights;
            for ((target, &above), &below) in target.iter_mut().zip(above).zip(below) {
                target.write(first * above + second * below);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Gather<'a> {
    shape: Shape,
    output: [usize; 2],
    gradient: &'a [f32],
}

impl Program for Gather<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Self { shape, output, gradient } = self;
        let [rows, columns] = [0, 1].map(|axis| places(&shape, axis));
        let (area, size) = (shape.area(), length(output));
        let mut result = vec![0.0; length([gradient.len() / size, area])];
        let planes = result.par_chunks_mut(area).zip(gradient.par_chunks(size));
        planes.for_each(|(plane, gradient)| {
            let mut wide = Buffer::take(shape.input[0] * output[1]);
            wide.fill(0.0);
            s.run(Fold { rows: &rows, width: output[1], gradient, wide: &mut wide });
            let rows = plane.chunks_exact_mut(shape.input[1]);
            for (row, wide) in rows.zip(wide.chunks_exact(output[1])) {
                for (value, Between { places, weights }) in wide.iter().zip(&columns) {
                    row[places[0]] += weights[0] * value;
                    row[places[1]] += weights[1] * value;
                }
            }
        });
        result
    }
}

/// Rows of a gradient, added to those that they were made of.
struct Fold<'a> {
    rows: &'a [Between],
    width: usize,
    gradient: &'a [f32],
    wide: &'a mut [f32],
}

impl Kernel for Fold<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for (row, slopes) in self.rows.iter().zip(self.gradient.chunks_exact(self.width)) {
            for (place, weight) in row.places.into_iter().zip(row.weights) {
                let sums = &mut self.wide[place * self.width..][..self.width];
                for (sum, slope) in sums.iter_mut().zip(slopes) {
                    *sum += weight * slope;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{numbers, on_threads};

    #[test]
    fn a_step_is_enlarged_as_pytorch_does() {
        // torch.nn.Upsample(scale_factor=2, mode="bilinear") of [[0, 4]].
        let shape = Shape { input: [1, 2], factor: [2, 2] };
        assert_eq!(bilinear(shape, &[0.0, 4.0]), [0.0, 1.0, 3.0, 4.0, 0.0, 1.0, 3.0, 4.0]);
        // And with scale_factor=(1, 3): the centers of the new places are thirds.
        let shape = Shape { input: [1, 2], factor: [1, 3] };
        let expected = [0.0, 0.0, 1.0, 2.0, 3.0, 3.0];
        for (value, expected) in bilinear(shape, &[0.0, 3.0]).iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{value} {expected}");
        }
    }

    #[test]
    fn the_gradient_is_the_transpose() {
        for (input, factor) in [([3, 4], [2, 2]), ([5, 1], [3, 2]), ([2, 6], [1, 5])] {
            let shape = Shape { input, factor };
            let size = length(shape.output().unwrap());
            let (values, slopes) = (numbers(2 * shape.area(), 1, 0.0), numbers(2 * size, 2, 0.0));
            let product = |left: &[f32], right: &[f32]| -> f64 {
                left.iter().zip(right).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
            };
            let forward = product(&bilinear(shape, &values), &slopes);
            let gradient = input_gradient(shape, &slopes);
            assert!((forward - product(&values, &gradient)).abs() < 1e-5, "{shape:?}");
            let alone = on_threads(1, || input_gradient(shape, &slopes));
            assert_eq!(alone, on_threads(3, || input_gradient(shape, &slopes)));
        }
    }
}
