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
pub(super) fn input<S: Simd>(s: S, d: [S::Vector; 6]) -> [S::Vector; 6] {
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
pub(super) fn filter3<S: Simd>(s: S, g: [S::Vector; 3]) -> [S::Vector; 6] {
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
pub(super) fn filter4<S: Simd>(s: S, g: [S::Vector; 4]) -> [S::Vector; 6] {
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
pub(super) fn output4<S: Simd>(s: S, m: [S::Vector; 6]) -> [S::Vector; 4] {
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
pub(super) fn output3<S: Simd>(s: S, m: [S::Vector; 6]) -> [S::Vector; 3] {
    let (even_a, odd_a) = (s.add(m[1], m[2]), s.sub(m[1], m[2]));
    let (even_b, odd_b) = (s.add(m[3], m[4]), s.sub(m[3], m[4]));
    [
        s.add(m[0], s.add(even_a, even_b)),
        s.mul_add(s.splat(B), odd_b, s.mul(s.splat(A), odd_a)),
        s.add(s.mul_add(s.splat(B2), even_b, s.mul(s.splat(A2), even_a)), m[5]),
    ]
}

/// A transform along the rows, then along the columns.
#[inline(always)]
pub(super) fn both<V: Copy, const I: usize, const O: usize>(
    tile: [[V; I]; I],
    transform: impl Fn([V; I]) -> [V; O],
) -> [[V; O]; O] {
    let rows = tile.map(&transform);
    let columns: [[V; O]; O] =
        std::array::from_fn(|column| transform(std::array::from_fn(|row| rows[row][column])));
    std::array::from_fn(|row| std::array::from_fn(|column| columns[column][row]))
}
