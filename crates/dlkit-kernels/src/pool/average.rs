//! Pooling by the mean of the numbers that a window holds; padding is none of them.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::{Windows, pairs};
use crate::fresh::Fresh;
use crate::length::length;
use crate::simd::{Kernel, Program, Simd, with_best};

/// The mean of each window.
///
/// # Shapes
/// - input: `[planes, height, width]`
/// - output: `[planes, rows, columns]`
///
/// # Panics
/// If the input is no whole number of planes, or there are no windows.
#[must_use]
pub fn average(windows: Windows, input: &[f32]) -> Vec<f32> {
    let (area, output) = windows.checked();
    assert!(input.len().is_multiple_of(area), "the input's length");
    with_best(Average { windows, output, input })
}

/// The gradient of the input from `gradient`, that of the output: it is spread evenly over each window.
///
/// # Shapes
/// - gradient: `[planes, rows, columns]`
/// - output: `[planes, height, width]`
///
/// # Panics
/// If the gradient is no whole number of planes, or there are no windows.
#[must_use]
pub fn average_gradient(windows: Windows, gradient: &[f32]) -> Vec<f32> {
    let (_, output) = windows.checked();
    assert!(gradient.len().is_multiple_of(length(output)), "the gradient's length");
    with_best(Differentiate { windows, output, gradient })
}

/// What a window's sum is multiplied by.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "a rounded count is good enough for a mean")]
fn share([top, bottom]: [usize; 2], [left, right]: [usize; 2]) -> f32 {
    1.0 / ((bottom - top) * (right - left)) as f32
}

#[derive(Clone, Copy)]
struct Average<'a> {
    windows: Windows,
    output: [usize; 2],
    input: &'a [f32],
}

impl Program for Average<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Self { windows, output, input } = self;
        let (area, size) = (length(windows.input), length(output));
        let columns = windows.ranges(1, output[1]);
        let mut means = Fresh::new(length([input.len() / area, size]));
        let target = means.target();
        input.par_chunks(area).enumerate().for_each(|(index, plane)| {
            // SAFETY: each plane is one task's own.
            let means = unsafe { target.room(index * size, size) };
            s.run(Pooling { windows, columns: &columns, plane, means });
        });
        // SAFETY: every window of every plane was written.
        unsafe { means.finish() }
    }
}

struct Pooling<'a> {
    windows: Windows,
    columns: &'a [[usize; 2]],
    plane: &'a [f32],
    means: &'a mut [MaybeUninit<f32>],
}

impl Kernel for Pooling<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { windows, columns, plane, means } = self;
        let width = windows.input[1];
        for (row, means) in means.chunks_exact_mut(columns.len()).enumerate() {
            if windows.are_pairs() {
                let [above, below] = pairs(plane, width, row);
                for (mean, (above, below)) in means.iter_mut().zip(above.iter().zip(below)) {
                    mean.write(((above[0] + above[1]) + (below[0] + below[1])) * 0.25);
                }
                continue;
            }
            let rows = windows.range(0, row);
            for (mean, &[left, right]) in means.iter_mut().zip(columns) {
                let numbers = |y: usize| &plane[y * width + left..y * width + right];
                let sum: f32 = (rows[0]..rows[1]).flat_map(numbers).sum();
                mean.write(sum * share(rows, [left, right]));
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Differentiate<'a> {
    windows: Windows,
    output: [usize; 2],
    gradient: &'a [f32],
}

impl Program for Differentiate<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Self { windows, output, gradient } = self;
        let (area, size) = (length(windows.input), length(output));
        let columns = windows.ranges(1, output[1]);
        let mut result = vec![0.0; length([gradient.len() / size, area])];
        let planes = result.par_chunks_mut(area).zip(gradient.par_chunks(size));
        planes.for_each(|(plane, gradient)| {
            s.run(Spread { windows, columns: &columns, gradient, plane });
        });
        result
    }
}

/// A plane of the gradient, cleared.
struct Spread<'a> {
    windows: Windows,
    columns: &'a [[usize; 2]],
    gradient: &'a [f32],
    plane: &'a mut [f32],
}

impl Kernel for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { windows, columns, gradient, plane } = self;
        let width = windows.input[1];
        for (row, slopes) in gradient.chunks_exact(columns.len()).enumerate() {
            let rows = windows.range(0, row);
            if windows.are_pairs() {
                for row in plane[rows[0] * width..rows[1] * width].chunks_exact_mut(width) {
                    for (pair, slope) in row.as_chunks_mut::<2>().0.iter_mut().zip(slopes) {
                        *pair = [slope * 0.25; 2];
                    }
                }
                continue;
            }
            for (slope, &[left, right]) in slopes.iter().zip(columns) {
                let each = slope * share(rows, [left, right]);
                for y in rows[0]..rows[1] {
                    for number in &mut plane[y * width + left..y * width + right] {
                        *number += each;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_no_part_of_a_mean() {
        let windows = Windows { input: [2, 3], size: [2, 2], stride: [1, 2], padding: [1, 1] };
        let input = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(average(windows, &input), [1.0, 2.5, 2.5, 4.0, 4.0, 5.5]);
        let gradient = average_gradient(windows, &[1.0, 2.0, 2.0, 8.0, 4.0, 4.0]);
        assert_eq!(gradient, [1.0 + 1.0, 1.0 + 2.0, 1.0 + 2.0, 1.0 + 4.0, 2.0 + 2.0, 4.0]);
    }

    #[test]
    fn pairs_are_averaged_as_any_others() {
        let windows = Windows { input: [3, 5], size: [2, 2], stride: [2, 2], padding: [0, 0] };
        let input: Vec<f32> = (0..30_u8).map(f32::from).collect();
        assert_eq!(average(windows, &input), [3.0, 5.0, 18.0, 20.0]);
        let gradient = average_gradient(windows, &[4.0, 8.0]);
        let expected = [1.0, 1.0, 2.0, 2.0, 0.0, 1.0, 1.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(gradient, expected);
    }
}
