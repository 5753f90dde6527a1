//! Pooling by maximum, with the places of the maxima for its gradient.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::{Windows, pairs};
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::simd::{Kernel, Program, Simd, with_best};

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
    let (area, output) = windows.checked();
    assert!(input.len().is_multiple_of(area), "the input's length");
    with_best(Maximum { windows, output, input })
}

/// The gradient of the input from `gradient`, that of the output: what each maximum gave goes to its
/// place.
///
/// # Shapes
/// - places: as [`maximum`] gave them, `[planes, rows, columns]`
/// - gradient: `[planes, rows, columns]`
/// - output: `[planes, height, width]`
///
/// # Panics
/// If lengths differ or are no whole number of planes, or there are no windows. A place outside its
/// window panics as well, or its gradient is lost.
#[must_use]
pub fn maximum_gradient(windows: Windows, places: &[u32], gradient: &[f32]) -> Vec<f32> {
    let (_, output) = windows.checked();
    let size = length(output);
    assert!(places.len() == gradient.len() && gradient.len().is_multiple_of(size), "lengths");
    with_best(Differentiate { windows, output, places, gradient })
}

#[derive(Clone, Copy)]
struct Maximum<'a> {
    windows: Windows,
    output: [usize; 2],
    input: &'a [f32],
}

impl Program for Maximum<'_> {
    type Output = (Vec<f32>, Vec<u32>);

    fn run<S: Simd>(self, s: S) -> (Vec<f32>, Vec<u32>) {
        let (area, size) = (length(self.windows.input), length(self.output));
        let count = length([self.input.len() / area, size]);
        let mut largest = Fresh::new(count);
        let target = largest.target();
        let mut places = Vec::with_capacity(count);
        let columns = self.windows.ranges(1, self.output[1]);
        let each = places.spare_capacity_mut()[..count].par_chunks_mut(size);
        let planes = self.input.par_chunks(area).zip(each).enumerate();
        planes.for_each(|(index, (plane, places))| {
            // SAFETY: each plane is one task's own.
            let largest = unsafe { target.room(index * size, size) };
            let windows = self.windows;
            s.run(Pooling { windows, columns: &columns, plane, largest, places });
        });
        // SAFETY: every window of every plane was written.
        unsafe {
            places.set_len(count);
            (largest.finish(), places)
        }
    }
}

struct Pooling<'a> {
    windows: Windows,
    columns: &'a [[usize; 2]],
    plane: &'a [f32],
    largest: &'a mut [MaybeUninit<f32>],
    places: &'a mut [MaybeUninit<u32>],
}

impl Kernel for Pooling<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { windows, columns, plane, largest, places } = self;
        let width = windows.input[1];
        let rows = largest.chunks_exact_mut(columns.len());
        for (row, (largest, places)) in rows.zip(places.chunks_exact_mut(columns.len())).enumerate()
        {
            if windows.are_pairs() {
                let [above, below] = pairs(plane, width, row);
                let (start, down) = (word(2 * row * width), word(width));
                // Places are counted, not zipped: so the compiler computes many windows at once.
                let windows = above.len();
                let (below, largest) = (&below[..windows], &mut largest[..windows]);
                let places = &mut places[..windows];
                for window in 0..windows {
                    let ([a, b], [c, d]) = (above[window], below[window]);
                    let place = start + 2 * word(window);
                    let first = larger((a, place), (b, place + 1));
                    let second = larger(first, (c, place + down));
                    let (value, place) = larger(second, (d, place + down + 1));
                    largest[window].write(value);
                    places[window].write(place);
                }
                continue;
            }
            let [top, bottom] = windows.range(0, row);
            for ((target, kept), &[left, right]) in largest.iter_mut().zip(places).zip(columns) {
                let start = top * width + left;
                let mut best = (plane[start], word(start));
                for start in (top..bottom).map(|y| y * width + left) {
                    let numbers = &plane[start..start + right - left];
                    for (place, &number) in (word(start)..).zip(numbers) {
                        best = larger(best, (number, place));
                    }
                }
                target.write(best.0);
                kept.write(best.1);
            }
        }
    }
}

/// A place of a plane: that all of them fit was found by [`Windows::output`].
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "found to fit")]
const fn word(place: usize) -> u32 {
    place as u32
}

/// The larger of two numbers with their places; of equal ones the first, of undefined ones the second.
#[inline(always)]
fn larger(best: (f32, u32), next: (f32, u32)) -> (f32, u32) {
    let wins = next.0 > best.0 || next.0.is_nan();
    (if wins { next.0 } else { best.0 }, if wins { next.1 } else { best.1 })
}

#[derive(Clone, Copy)]
struct Differentiate<'a> {
    windows: Windows,
    output: [usize; 2],
    places: &'a [u32],
    gradient: &'a [f32],
}

impl Program for Differentiate<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let (area, size) = (length(self.windows.input), length(self.output));
        let mut result = Fresh::new(length([self.gradient.len() / size, area]));
        let target = result.target();
        let planes = self.places.par_chunks(size).zip(self.gradient.par_chunks(size)).enumerate();
        planes.for_each(|(index, (places, gradient))| {
            s.run(Scatter { whole: self, index, target, places, gradient });
        });
        // SAFETY: every number of every plane was written.
        unsafe { result.finish() }
    }
}

/// A plane of the gradient.
struct Scatter<'a> {
    whole: Differentiate<'a>,
    index: usize,
    target: Target,
    places: &'a [u32],
    gradient: &'a [f32],
}

impl Kernel for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { whole: Differentiate { windows, output, .. }, index, target, places, gradient } =
            self;
        let area = length(windows.input);
        if !windows.are_pairs() {
            // SAFETY: each plane is one task's own; it is cleared before it is read.
            let plane = unsafe {
                let start = target.at(index * area, area);
                start.write_bytes(0, area);
                std::slice::from_raw_parts_mut(start, area)
            };
            for (&place, gradient) in places.iter().zip(gradient) {
                plane[place as usize] += gradient;
            }
            return;
        }
        // SAFETY: each plane is one task's own.
        let plane = unsafe { target.room(index * area, area) };
        let [width, columns] = [windows.input[1], output[1]];
        let (covered, rest) = plane.split_at_mut(2 * output[0] * width);
        let rows = places.chunks_exact(columns).zip(gradient.chunks_exact(columns));
        for ((row, (places, gradient)), two) in
            rows.enumerate().zip(covered.chunks_exact_mut(2 * width))
        {
            let (above, below) = two.split_at_mut(width);
            let (above, right) = above.as_chunks_mut::<2>();
            let (below, corner) = below.as_chunks_mut::<2>();
            let start = word(2 * row * width);
            let down = word(width);
            let windows = places.len();
            let (above, below) = (&mut above[..windows], &mut below[..windows]);
            let gradient = &gradient[..windows];
            for window in 0..windows {
                let place = places[window].wrapping_sub(start + 2 * word(window));
                let slope = gradient[window];
                let at = |offset: u32| if place == offset { slope } else { 0.0 };
                above[window] = [at(0), at(1)].map(MaybeUninit::new);
                below[window] = [at(down), at(down + 1)].map(MaybeUninit::new);
            }
            for place in right.iter_mut().chain(corner) {
                place.write(0.0);
            }
        }
        for place in rest {
            place.write(0.0);
        }
    }
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
        let gradient = maximum_gradient(windows, &places, &[5.0, 7.0]);
        assert_eq!(gradient, [0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 7.0, 0.0]);
    }

    #[test]
    fn overlapping_windows_add_their_gradients_and_padding_never_wins() {
        let windows = Windows { input: [3, 3], size: [3, 3], stride: [2, 1], padding: [1, 1] };
        let input = [-1.0, -2.0, -3.0, -4.0, -0.5, -6.0, -7.0, -8.0, -9.0];
        let (values, places) = maximum(windows, &input);
        assert_eq!(values, [-0.5; 6]);
        assert_eq!(places, [4; 6]);
        let gradient = maximum_gradient(windows, &places, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 21.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn rows_that_fill_no_window_are_left_out() {
        let windows = Windows { input: [3, 5], size: [2, 2], stride: [2, 2], padding: [0, 0] };
        let input: Vec<f32> = (0..30_u8).map(f32::from).collect();
        assert_eq!(maximum(windows, &input), (vec![6.0, 8.0, 21.0, 23.0], vec![6, 8, 6, 8]));
        let gradient = maximum_gradient(windows, &[6, 8, 6, 8], &[1.0, 2.0, 3.0, 4.0]);
        let expected: Vec<f32> = [[1.0, 2.0], [3.0, 4.0]]
            .into_iter()
            .flat_map(|[left, right]| {
                (0..15).map(move |place| match place {
                    6 => left,
                    8 => right,
                    _ => 0.0,
                })
            })
            .collect();
        assert_eq!(gradient, expected);
    }

    #[test]
    fn wide_planes_of_pairs_are_pooled_as_any_others() {
        let input = crate::reference::numbers(3 * 41 * 38, 1, 0.0);
        let windows = Windows { input: [41, 38], size: [2, 2], stride: [2, 2], padding: [0, 0] };
        let (values, places) = maximum(windows, &input);
        for (index, (value, &place)) in values.iter().zip(&places).enumerate() {
            let (plane, row, column) = (index / (20 * 19), index / 19 % 20, index % 19);
            let at = |y: usize, x: usize| (2 * row + y) * 38 + 2 * column + x;
            let window = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
            assert!(window.contains(&(place as usize)));
            let numbers = window.map(|place| input[plane * 41 * 38 + place]);
            assert!(numbers.iter().all(|number| number <= value));
            assert_eq!(input[plane * 41 * 38 + place as usize].to_bits(), value.to_bits());
        }
    }
}
