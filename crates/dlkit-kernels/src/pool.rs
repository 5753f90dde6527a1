//! Pooling by maximum, with the places of the maxima for its gradient.

use rayon::prelude::*;

use crate::fresh::Fresh;
use crate::length::length;

/// Windows over planes of `height` rows and `width` columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Height and width of a plane.
    pub input: [usize; 2],
    /// Height and width of a window.
    pub size: [usize; 2],
    /// Rows and columns between windows.
    pub stride: [usize; 2],
    /// Rows and columns on each side that belong to windows but never win, fewer than a window has.
    pub padding: [usize; 2],
}

impl Windows {
    /// Rows and columns of windows, if there are any and each holds a number.
    #[must_use]
    pub fn output(&self) -> Option<[usize; 2]> {
        let side = |axis: usize| {
            let Self { input, size, stride, padding } = self;
            let fits = stride[axis] > 0 && padding[axis] < size[axis] && input[axis] > 0;
            let room =
                input[axis].checked_add(padding[axis].checked_mul(2)?)?.checked_sub(size[axis])?;
            fits.then(|| room / stride[axis] + 1)
        };
        let area = self.input[0].checked_mul(self.input[1])?;
        Some([side(0)?, side(1)?]).filter(|_| u32::try_from(area).is_ok())
    }

    /// Whether windows are of 2x2 beside each other, the usual ones.
    fn are_pairs(&self) -> bool {
        [self.size, self.stride] == [[2; 2]; 2] && self.padding == [0; 2]
    }

    /// First and last but one place of window `index`.
    fn range(&self, axis: usize, index: usize) -> [usize; 2] {
        let start = index * self.stride[axis];
        let end = (start + self.size[axis] - self.padding[axis]).min(self.input[axis]);
        [start.saturating_sub(self.padding[axis]), end]
    }
}

/// The largest number of each window, and where in its plane it is. Of equal ones the first counts;
/// undefined numbers are the largest.
///
/// # Shapes
/// - input: `[planes, height, width]`
/// - output: `[planes, rows, columns]`
///
/// # Panics
/// If the input is no whole number of planes, or there are no windows.
#[must_use]
pub fn maximum(windows: Windows, input: &[f32]) -> (Vec<f32>, Vec<u32>) {
    let (area, [rows, columns]) = checked(&windows);
    assert!(input.len().is_multiple_of(area), "the input's length");
    let size = length([rows, columns]);
    let planes = input.len() / area;
    let mut largest = Fresh::new(length([planes, size]));
    let target = largest.target();
    let mut places = vec![0; planes * size];
    let ranges: Vec<[usize; 2]> = (0..columns).map(|column| windows.range(1, column)).collect();
    input.par_chunks(area).zip(places.par_chunks_mut(size)).enumerate().for_each(
        |(index, (plane, places))| {
            // SAFETY: each plane is one task's own.
            let target = unsafe { target.at(index * size, size) };
            for (row, places) in places.chunks_exact_mut(columns).enumerate() {
                let mut put = |column: usize, (value, place): (f32, usize)| {
                    // Places of a plane were found to fit.
                    places[column] = u32::try_from(place).unwrap_or(0);
                    // SAFETY: within the plane's outputs.
                    unsafe { *target.add(row * columns + column) = value };
                };
                if windows.are_pairs() {
                    let (start, width) = (2 * row * windows.input[1], windows.input[1]);
                    let (above, below) = plane[start..start + 2 * width].split_at(width);
                    let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
                    for (column, (above, below)) in pairs.enumerate() {
                        let place = start + 2 * column;
                        let first = larger((above[0], place), (above[1], place + 1));
                        let second = larger(first, (below[0], place + width));
                        put(column, larger(second, (below[1], place + width + 1)));
                    }
                    continue;
                }
                let [top, bottom] = windows.range(0, row);
                for (column, &[left, right]) in ranges.iter().enumerate() {
                    let start = top * windows.input[1] + left;
                    let mut best = (plane[start], start);
                    for y in top..bottom {
                        let start = y * windows.input[1];
                        for (x, &number) in (left..right).zip(&plane[start + left..start + right]) {
                            best = larger(best, (number, start + x));
                        }
                    }
                    put(column, best);
                }
            }
        },
    );
    // SAFETY: every window was written.
    (unsafe { largest.finish() }, places)
}

/// The larger of two numbers with their places; of equal ones the first, of undefined ones the second.
#[inline]
fn larger(best: (f32, usize), next: (f32, usize)) -> (f32, usize) {
    let wins = next.0 > best.0 || next.0.is_nan();
    (if wins { next.0 } else { best.0 }, if wins { next.1 } else { best.1 })
}

/// The gradient of the input from `gradient`, that of the output: what each maximum gave goes to its
/// place.
///
/// # Shapes
/// - places, gradient: `[planes, rows, columns]`
/// - output: `[planes, height, width]`
///
/// # Panics
/// If lengths differ or are no whole number of planes, a place lies outside its plane, or there are no
/// windows.
#[must_use]
pub fn input_gradient(windows: Windows, places: &[u32], gradient: &[f32]) -> Vec<f32> {
    let (area, [rows, columns]) = checked(&windows);
    let size = length([rows, columns]);
    assert!(places.len() == gradient.len() && gradient.len().is_multiple_of(size), "lengths");
    let mut result = vec![0.0; gradient.len() / size * area];
    result
        .par_chunks_mut(area)
        .zip(places.par_chunks(size))
        .zip(gradient.par_chunks(size))
        .for_each(|((plane, places), gradient)| {
            for (&place, gradient) in places.iter().zip(gradient) {
                plane[place as usize] += gradient;
            }
        });
    result
}

fn checked(windows: &Windows) -> (usize, [usize; 2]) {
    let output = windows.output();
    assert!(output.is_some(), "{windows:?} have no output");
    (windows.input[0] * windows.input[1], output.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_and_the_last_undefined_number_win() {
        let windows = Windows { input: [2, 4], size: [2, 2], stride: [2, 2], padding: [0, 0] };
        let (values, places) =
            maximum(windows, &[1.0, 3.0, f32::NAN, 2.0, 3.0, -1.0, f32::NAN, 9.0]);
        assert!(values[0].to_bits() == 3.0_f32.to_bits() && values[1].is_nan());
        assert_eq!(places, [1, 6]);
        let gradient = input_gradient(windows, &places, &[5.0, 7.0]);
        assert_eq!(gradient, [0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0]);
    }

    #[test]
    fn overlapping_windows_add_their_gradients_and_padding_never_wins() {
        let windows = Windows { input: [3, 3], size: [3, 3], stride: [2, 1], padding: [1, 1] };
        let input = [-1.0, -2.0, -3.0, -4.0, -0.5, -6.0, -7.0, -8.0, -9.0];
        let (values, places) = maximum(windows, &input);
        assert_eq!(values, [-0.5; 6]);
        assert_eq!(places, [4; 6]);
        let gradient = input_gradient(windows, &places, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 21.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn rows_that_fill_no_window_are_left_out() {
        let windows = Windows { input: [3, 5], size: [2, 2], stride: [2, 2], padding: [0, 0] };
        let input: Vec<f32> = (0..30_u8).map(f32::from).collect();
        assert_eq!(maximum(windows, &input), (vec![6.0, 8.0, 21.0, 23.0], vec![6, 8, 6, 8]));
    }
}
