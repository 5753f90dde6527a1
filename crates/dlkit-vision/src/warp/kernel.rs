//! Interpolation: the weights of the pixels around a place.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use std::f64::consts::PI;

use super::vectors::Vectors;

/// How a color between pixels is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest pixel; colors stay unchanged, edges become steps.
    Nearest,
    /// 2x2 pixels, by distance.
    #[default]
    Bilinear,
    /// 4x4 pixels, by the cubic convolution of Keys (1981) with a = -0.75, as in OpenCV.
    Bicubic,
    /// 8x8 pixels, by a windowed sinc (Lanczos with a = 4), scaled to sum to 1, as OpenCV's
    /// `INTER_LANCZOS4`.
    Lanczos,
}

/// Weights of `TAPS` pixels in a row, as functions of the place between the middle two.
pub(super) trait Kernel<const TAPS: usize>: Copy + Send + Sync {
    /// Added to a coordinate before it is split into pixel and fraction.
    const SHIFT: f64 = 0.0;

    /// The weights for a place `fraction` (0 to 1) to the right of pixel `TAPS / 2 - 1`.
    fn weights(&self, fraction: f32) -> [f32; TAPS];

    /// The same weights with vector instructions, if there are enough to fill vectors.
    #[inline(always)]
    fn weights_by<V: Vectors>(&self, _: V, fraction: f32) -> [f32; TAPS] {
        self.weights(fraction)
    }
}

/// The nearest pixel.
#[derive(Clone, Copy)]
pub(super) struct Nearest;

impl Kernel<1> for Nearest {
    const SHIFT: f64 = 0.5;

    #[inline(always)]
    fn weights(&self, _: f32) -> [f32; 1] {
        [1.0]
    }
}

/// A straight line between two pixels.
#[derive(Clone, Copy)]
pub(super) struct Linear;

impl Kernel<2> for Linear {
    #[inline(always)]
    fn weights(&self, fraction: f32) -> [f32; 2] {
        [1.0 - fraction, fraction]
    }
}

/// Weights that are polynomials of the fraction, all of one degree.
#[derive(Clone, Copy)]
pub(super) struct Polynomials<const TAPS: usize, const TERMS: usize> {
    /// The center of the polynomials.
    center: f32,
    /// Coefficients of the highest power first.
    coefficients: [[f32; TAPS]; TERMS],
}

impl<const TAPS: usize, const TERMS: usize> Kernel<TAPS> for Polynomials<TAPS, TERMS> {
    #[inline(always)]
    fn weights(&self, fraction: f32) -> [f32; TAPS] {
        let place = fraction - self.center;
        let mut weights = self.coefficients[0];
        for coefficients in &self.coefficients[1..] {
            for (weight, coefficient) in weights.iter_mut().zip(coefficients) {
                *weight = *weight * place + coefficient;
            }
        }
        weights
    }

    #[inline(always)]
    fn weights_by<V: Vectors>(&self, vectors: V, fraction: f32) -> [f32; TAPS] {
        let place = vectors.splat(fraction - self.center);
        let mut weights = [0.0; TAPS];
        for (index, weights) in weights.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let four =
                |coefficients: &[f32; TAPS]| vectors.four(coefficients.as_chunks::<4>().0[index]);
            let mut sum = four(&self.coefficients[0]);
            for coefficients in &self.coefficients[1..] {
                sum = vectors.add_weighted(four(coefficients), sum, place);
            }
            *weights = vectors.array(sum);
        }
        weights
    }
}

/// The cubic convolution.
///
/// # References
/// Keys, "Cubic convolution interpolation for digital image processing", 1981, equation 4, with
/// a = -0.75.
pub(super) const CUBIC: Polynomials<4, 4> = {
    const A: f32 = -0.75;
    Polynomials {
        center: 0.0,
        coefficients: [
            [A, A + 2.0, -(A + 2.0), -A],
            [-2.0 * A, -(A + 3.0), 2.0 * A + 3.0, A],
            [A, 0.0, -A, 0.0],
            [0.0, 1.0, 0.0, 0.0],
        ],
    }
};

/// Terms of the polynomials for Lanczos weights, whose error is then below 1e-7.
const LANCZOS_TERMS: usize = 11;

/// Lanczos weights with a = 4, scaled to sum to 1, from polynomials through Chebyshev points.
///
/// # References
/// Duchon, "Lanczos filtering in one and two dimensions", 1979 (the window); Trefethen,
/// "Approximation theory and approximation practice", 2013, chapter 2 (the points).
pub(super) fn lanczos() -> Polynomials<8, LANCZOS_TERMS> {
    let mut coefficients = [[0.0; 8]; LANCZOS_TERMS];
    for tap in 0..8 {
        let polynomial = interpolating(|fraction| lanczos_weights(fraction)[tap]);
        for (terms, coefficient) in coefficients.iter_mut().rev().zip(polynomial) {
            #[expect(clippy::cast_possible_truncation, reason = "weights are single precision")]
            let coefficient = coefficient as f32;
            terms[tap] = coefficient;
        }
    }
    Polynomials { center: 0.5, coefficients }
}

/// The weights by their definition.
fn lanczos_weights(fraction: f64) -> [f64; 8] {
    let sinc = |x: f64| if x.abs() < 1e-12 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let weights: [f64; 8] = [3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0].map(|left: f64| {
        let distance = fraction + left;
        sinc(distance) * sinc(distance / 4.0)
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

/// The coefficients of the polynomial through a function at the Chebyshev points of 0 to 1, lowest
/// power of (x - 0.5) first: Newton's divided differences, multiplied out.
#[expect(clippy::cast_precision_loss, reason = "there are a dozen points")]
fn interpolating(function: impl Fn(f64) -> f64) -> [f64; LANCZOS_TERMS] {
    const TERMS: usize = LANCZOS_TERMS;
    let places: [f64; TERMS] =
        std::array::from_fn(|index| 0.5 * (PI * (index as f64 + 0.5) / TERMS as f64).cos());
    let mut differences = places.map(|place| function(place + 0.5));
    for order in 1..TERMS {
        for index in (order..TERMS).rev() {
            differences[index] = (differences[index] - differences[index - 1])
                / (places[index] - places[index - order]);
        }
    }
    let mut polynomial = [0.0; TERMS];
    for index in (0..TERMS).rev() {
        // polynomial = polynomial * (x - place) + difference
        for power in (1..TERMS).rev() {
            polynomial[power] = polynomial[power - 1] - polynomial[power] * places[index];
        }
        polynomial[0] = differences[index] - polynomial[0] * places[index];
    }
    polynomial
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact")]
mod tests {
    use super::*;

    #[test]
    fn lanczos_polynomials_meet_the_definition() {
        let kernel = lanczos();
        for step in 0..=1000_u16 {
            let fraction = f32::from(step) / 1000.0;
            let exact = lanczos_weights(f64::from(fraction));
            for (weight, exact) in kernel.weights(fraction).iter().zip(exact) {
                assert!((f64::from(*weight) - exact).abs() < 3e-7, "{fraction}: {weight} {exact}");
            }
        }
    }

    #[test]
    fn weights_sum_to_one_and_pick_the_pixel_they_are_on() {
        for step in 0..=16_u16 {
            let fraction = f32::from(step) / 16.0;
            assert!((CUBIC.weights(fraction).iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((lanczos().weights(fraction).iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
        assert_eq!(CUBIC.weights(0.0), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(Linear.weights(0.25), [0.75, 0.25]);
    }

    /// Half way, by hand: -0.75 / 8 outside, 1 / 2 + 0.75 / 8 inside.
    #[test]
    fn the_cubic_is_that_of_opencv() {
        assert_eq!(CUBIC.weights(0.5), [-0.09375, 0.59375, 0.59375, -0.09375]);
    }
}
