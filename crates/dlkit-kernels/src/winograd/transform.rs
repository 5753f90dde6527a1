//! The transforms of F(4x4, 3x3), in one dimension and in two.
//!
//! A one-dimensional convolution is a product of polynomials, taken at the points 0, ±3/4, ±3/2 and
//! infinity. With these points the relative error of single precision is half of that with the usual
//! 0, ±1, ±2, and all constants but divisors are exact.
//!
//! # References
//! - A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2016
//! - B. Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution", 2020

use crate::simd::Simd;

/// Points of a transformed tile, six in each direction.
pub(super) const POINTS: usize = 36;

/// The smaller point and its square and cube.
const A: f32 = 0.75;
const A2: f32 = A * A;
const A3: f32 = A2 * A;
/// The larger point and its square and cube.
const B: f32 = 1.5;
const B2: f32 = B * B;
const B3: f32 = B2 * B;
/// One by the product of differences of point 0, ±A and ±B to all others.
const AT_0: f32 = 1.0 / (A2 * B2);
const AT_A: f32 = 1.0 / (2.0 * A2 * (A2 - B2));
const AT_B: f32 = 1.0 / (2.0 * B2 * (B2 - A2));

/// Six neighbouring inputs, transformed.
#[inline(always)]
fn input<S: Simd>(s: S, d: [S::Vector; 6]) -> [S::Vector; 6] {
    let product = s.splat(A2 * B2);
    let sum = s.splat(-(A2 + B2));
    let even_a = s.mul_add(s.splat(-B2), d[2], d[4]);
    let odd_a = s.mul_add(s.splat(-B2), d[1], d[3]);
    let even_b = s.mul_add(s.splat(-A2), d[2], d[4]);
    let odd_b = s.mul_add(s.splat(-A2), d[1], d[3]);
    [
        s.mul_add(product, d[0], s.mul_add(sum, d[2], d[4])),
        s.mul_add(s.splat(A), odd_a, even_a),
        s.mul_add(s.splat(-A), odd_a, even_a),
        s.mul_add(s.splat(B), odd_b, even_b),
        s.mul_add(s.splat(-B), odd_b, even_b),
        s.mul_add(product, d[1], s.mul_add(sum, d[3], d[5])),
    ]
}

/// Three neighbouring weights of a filter, transformed.
#[inline(always)]
fn filter3<S: Simd>(s: S, g: [S::Vector; 3]) -> [S::Vector; 6] {
    let even_a = s.mul_add(s.splat(A2 * AT_A), g[2], s.mul(s.splat(AT_A), g[0]));
    let even_b = s.mul_add(s.splat(B2 * AT_B), g[2], s.mul(s.splat(AT_B), g[0]));
    let (odd_a, odd_b) = (s.splat(A * AT_A), s.splat(B * AT_B));
    let (less_a, less_b) = (s.splat(-A * AT_A), s.splat(-B * AT_B));
    [
        s.mul(s.splat(AT_0), g[0]),
        s.mul_add(odd_a, g[1], even_a),
        s.mul_add(less_a, g[1], even_a),
        s.mul_add(odd_b, g[1], even_b),
        s.mul_add(less_b, g[1], even_b),
        g[2],
    ]
}

/// Four neighbouring gradients of outputs, transformed as the filter of the gradient of weights.
#[inline(always)]
fn filter4<S: Simd>(s: S, g: [S::Vector; 4]) -> [S::Vector; 6] {
    let even_a = s.mul_add(s.splat(A2 * AT_A), g[2], s.mul(s.splat(AT_A), g[0]));
    let even_b = s.mul_add(s.splat(B2 * AT_B), g[2], s.mul(s.splat(AT_B), g[0]));
    let odd_a = s.mul_add(s.splat(A3 * AT_A), g[3], s.mul(s.splat(A * AT_A), g[1]));
    let odd_b = s.mul_add(s.splat(B3 * AT_B), g[3], s.mul(s.splat(B * AT_B), g[1]));
    [
        s.mul(s.splat(AT_0), g[0]),
        s.add(even_a, odd_a),
        s.sub(even_a, odd_a),
        s.add(even_b, odd_b),
        s.sub(even_b, odd_b),
        g[3],
    ]
}

/// Four neighbouring outputs from their transform.
#[inline(always)]
fn output4<S: Simd>(s: S, m: [S::Vector; 6]) -> [S::Vector; 4] {
    let (even_a, odd_a) = (s.add(m[1], m[2]), s.sub(m[1], m[2]));
    let (even_b, odd_b) = (s.add(m[3], m[4]), s.sub(m[3], m[4]));
    [
        s.add(m[0], s.add(even_a, even_b)),
        s.mul_add(s.splat(B), odd_b, s.mul(s.splat(A), odd_a)),
        s.mul_add(s.splat(B2), even_b, s.mul(s.splat(A2), even_a)),
        s.add(s.mul_add(s.splat(B3), odd_b, s.mul(s.splat(A3), odd_a)), m[5]),
    ]
}

/// Three neighbouring gradients of weights from their transform.
#[inline(always)]
fn output3<S: Simd>(s: S, m: [S::Vector; 6]) -> [S::Vector; 3] {
    let (even_a, odd_a) = (s.add(m[1], m[2]), s.sub(m[1], m[2]));
    let (even_b, odd_b) = (s.add(m[3], m[4]), s.sub(m[3], m[4]));
    [
        s.add(m[0], s.add(even_a, even_b)),
        s.mul_add(s.splat(B), odd_b, s.mul(s.splat(A), odd_a)),
        s.add(s.mul_add(s.splat(B2), even_b, s.mul(s.splat(A2), even_a)), m[5]),
    ]
}

/// A transform of one dimension, from `I` values to `O`.
///
/// A trait and plain loops rather than closures: a closure is compiled for any processor, and
/// vectors would pass through memory on their way to it.
pub(super) trait Transform<const I: usize, const O: usize> {
    fn apply<S: Simd>(s: S, values: [S::Vector; I]) -> [S::Vector; O];
}

/// [`input`], for patches of 6x6 pixels.
pub(super) struct Input;
/// [`filter3`], for filters.
pub(super) struct Filter3;
/// [`filter4`], for tiles of the output's gradient.
pub(super) struct Filter4;
/// [`output4`], for tiles of outputs.
pub(super) struct Output4;
/// [`output3`], for gradients of filters.
pub(super) struct Output3;

macro_rules! transforms {
    ($($name:ident $function:ident $inputs:literal $outputs:literal;)*) => {$(
        impl Transform<$inputs, $outputs> for $name {
            #[inline(always)]
            fn apply<S: Simd>(s: S, values: [S::Vector; $inputs]) -> [S::Vector; $outputs] {
                $function(s, values)
            }
        }
    )*};
}

transforms! {
    Input input 6 6;
    Filter3 filter3 3 6;
    Filter4 filter4 4 6;
    Output4 output4 6 4;
    Output3 output3 6 3;
}

/// A transform along the rows, then along the columns.
#[inline(always)]
pub(super) fn both<S: Simd, T: Transform<I, O>, const I: usize, const O: usize>(
    s: S,
    tile: &[[S::Vector; I]; I],
) -> [[S::Vector; O]; O] {
    let mut rows = [[s.splat(0.0); O]; I];
    for (row, values) in rows.iter_mut().zip(tile) {
        *row = T::apply(s, *values);
    }
    let mut result = [[s.splat(0.0); O]; O];
    for column in 0..O {
        let mut values = [s.splat(0.0); I];
        for row in 0..I {
            values[row] = rows[row][column];
        }
        let values = T::apply(s, values);
        for row in 0..O {
            result[row][column] = values[row];
        }
    }
    result
}

/// Writes the points of a tile, `stride` apart.
#[inline(always)]
pub(super) fn store_points<S: Simd>(
    s: S,
    points: &[[S::Vector; 6]; 6],
    target: &mut [f32],
    stride: usize,
) {
    assert!((POINTS - 1) * stride + S::LANES <= target.len());
    for row in 0..6 {
        for column in 0..6 {
            // SAFETY: point 6 * row + column is at most the last, which is inside the target.
            unsafe {
                let place = target.as_mut_ptr().add((6 * row + column) * stride);
                s.store(place, points[row][column]);
            }
        }
    }
}

/// Reads the points of a tile, `stride` apart.
#[inline(always)]
pub(super) fn load_points<S: Simd>(s: S, source: &[f32], stride: usize) -> [[S::Vector; 6]; 6] {
    assert!((POINTS - 1) * stride + S::LANES <= source.len());
    let mut points = [[s.splat(0.0); 6]; 6];
    for row in 0..6 {
        for column in 0..6 {
            // SAFETY: point 6 * row + column is at most the last, which is inside the source.
            unsafe {
                let place = source.as_ptr().add((6 * row + column) * stride);
                points[row][column] = s.load(place);
            }
        }
    }
    points
}
