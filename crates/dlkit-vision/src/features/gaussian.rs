//! Gaussian blur.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use rayon::prelude::*;

use super::plane::Plane;
use super::vectorized::vectorized;

/// Rows of one task.
const BAND: usize = 16;

/// Pixels whose sums stay in registers.
const LANES: usize = 32;

/// Standard deviations after which the kernel ends: what is left out is below 0.05 %.
const REACH: f64 = 3.5;

/// Blurs a plane by a Gaussian of standard deviation `sigma` in pixels. Beyond its edges, the plane
/// is mirrored about its outermost pixels.
///
/// Each row is blurred downward first, then across, so that no plane in between is stored.
pub(crate) fn blur(plane: &Plane, sigma: f64) -> Plane {
    let kernel = kernel(sigma);
    let mut blurred = Plane::zeros(plane.width, plane.height);
    if plane.len() == 0 {
        return blurred;
    }
    blurred.values.par_chunks_mut(plane.width * BAND).enumerate().for_each(|(index, band)| {
        vectorized(
            #[inline(always)]
            || blur_band(plane, &kernel, index * BAND, band),
        );
    });
    blurred
}

/// One half of the kernel, from its center.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "there are few weights, and weights are single precision"
)]
fn kernel(sigma: f64) -> Vec<f32> {
    let radius = (REACH * sigma).ceil().max(1.0) as usize;
    let weight = |distance: usize| (-(distance as f64 / sigma).powi(2) / 2.0).exp();
    let sum = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f64>();
    (0..=radius).map(|distance| (weight(distance) / sum) as f32).collect()
}

/// Blurs the rows from `top` that fill `band`.
#[inline(always)]
fn blur_band(plane: &Plane, kernel: &[f32], top: usize, band: &mut [f32]) {
    let radius = kernel.len() - 1;
    let mut padded = vec![0.0; plane.width + 2 * radius];
    let mut rows = Vec::with_capacity(radius);
    for (offset, target) in band.chunks_exact_mut(plane.width).enumerate() {
        let y = top + offset;
        rows.clear();
        rows.extend(kernel.iter().enumerate().skip(1).map(|(distance, &weight)| {
            let before = mirrored(y, distance, true, plane.height);
            let after = mirrored(y, distance, false, plane.height);
            (weight, plane.row(before), plane.row(after))
        }));
        weighted_sum(kernel[0], plane.row(y), &rows, &mut padded[radius..][..plane.width]);
        pad(&mut padded, radius, plane.width);
        let pair = |(distance, &weight): (usize, &f32)| {
            let part = |start: usize| &padded[start..][..plane.width];
            (weight, part(radius - distance), part(radius + distance))
        };
        let columns: Vec<_> = kernel.iter().enumerate().skip(1).map(pair).collect();
        weighted_sum(kernel[0], &padded[radius..][..plane.width], &columns, target);
    }
}

/// Sums a row and pairs of rows, each with its weight.
#[inline(always)]
fn weighted_sum(center: f32, row: &[f32], pairs: &[(f32, &[f32], &[f32])], target: &mut [f32]) {
    let (blocks, rest) = target.as_chunks_mut::<LANES>();
    let end = blocks.len() * LANES;
    for (block, left) in blocks.iter_mut().zip((0..).step_by(LANES)) {
        *block = summed(center, row, pairs, left);
    }
    for (value, x) in rest.iter_mut().zip(end..) {
        let mut sum = row[x] * center;
        for (weight, before, after) in pairs {
            sum += weight * (before[x] + after[x]);
        }
        *value = sum;
    }
}

/// The sums of `LANES` neighbors.
#[inline(always)]
fn summed(center: f32, row: &[f32], pairs: &[(f32, &[f32], &[f32])], left: usize) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for (sum, value) in sums.iter_mut().zip(&row[left..left + LANES]) {
        *sum = value * center;
    }
    for (weight, before, after) in pairs {
        let (before, after) = (&before[left..left + LANES], &after[left..left + LANES]);
        for ((sum, before), after) in sums.iter_mut().zip(before).zip(after) {
            *sum += weight * (before + after);
        }
    }
    sums
}

/// Mirrors the `width` values in the middle of a row into the `radius` values on each side.
#[inline(always)]
fn pad(padded: &mut [f32], radius: usize, width: usize) {
    for distance in 1..=radius {
        padded[radius - distance] = padded[radius + mirrored(0, distance, true, width)];
        let last = width - 1;
        padded[radius + last + distance] = padded[radius + mirrored(last, distance, false, width)];
    }
}

/// The index `distance` before or after an index below `count`, mirrored about the first and last.
#[inline(always)]
pub(super) const fn mirrored(index: usize, distance: usize, before: bool, count: usize) -> usize {
    if count == 1 {
        return 0;
    }
    let period = 2 * (count - 1);
    // Before 0 and after it, a mirrored row looks the same.
    let place = if before { index.abs_diff(distance) } else { index + distance } % period;
    if place < count { place } else { period - place }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: the sum over the mirrored plane with the product of both kernels.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn is_the_weighted_mean_of_the_neighborhood() {
        for (width, height, sigma) in [(71, 19, 1.2), (5, 3, 2.4), (1, 1, 3.0), (40, 1, 0.8)] {
            let value = |index: usize| ((index * 7919) % 101) as f32 / 101.0;
            let plane = Plane { width, height, values: (0..width * height).map(value).collect() };
            let blurred = blur(&plane, sigma);
            let weights = kernel(sigma);
            let at = |place: usize, count: usize| -> Vec<(f32, usize)> {
                let mut taps = vec![(weights[0], place)];
                for (distance, &weight) in weights.iter().enumerate().skip(1) {
                    for before in [true, false] {
                        taps.push((weight, mirrored(place, distance, before, count)));
                    }
                }
                taps
            };
            for y in 0..height {
                for x in 0..width {
                    let mut expected = 0.0;
                    for (down, row) in at(y, height) {
                        for (across, column) in at(x, width) {
                            expected += down * across * plane.row(row)[column];
                        }
                    }
                    assert!((blurred.row(y)[x] - expected).abs() < 1e-5, "{width} {x} {y}");
                }
            }
        }
    }

    #[test]
    fn places_beyond_the_edges_are_mirrored() {
        let before = |distance| mirrored(1, distance, true, 4);
        assert_eq!([1, 2, 3, 4, 5, 8].map(before), [0, 1, 2, 3, 2, 1]);
        let after = |distance| mirrored(2, distance, false, 4);
        assert_eq!([1, 2, 3, 4, 5].map(after), [3, 2, 1, 0, 1]);
        assert_eq!(mirrored(0, 9, true, 1), 0);
    }
}
