//! Batch normalization: moments of channels, normalized values and their gradients.
//!
//! Everything is `[batch, channels, area]` in row-major order. Results are the same for any number of
//! threads, bit for bit; they differ in rounding between instruction sets.

mod maps;
#[cfg(test)]
mod tests;
mod vectors;

use crate::length::length;
use crate::simd::{Program, with_best};

/// The sizes of what is normalized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Samples.
    pub batch: usize,
    /// Channels, each of which is normalized by itself.
    pub channels: usize,
    /// Pixels of a channel.
    pub area: usize,
}

/// Moments of the channels of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// `[channels]`.
    pub mean: Vec<f32>,
    /// The biased variance: `[channels]`.
    pub variance: Vec<f32>,
}

/// What is made of a normalized channel.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// Scale: `[channels]`.
    pub gamma: &'a [f32],
    /// Shift: `[channels]`.
    pub beta: &'a [f32],
    /// Added to the variance before the square root.
    pub epsilon: f32,
    /// Negative values become zero (ReLU); undefined ones stay.
    pub rectified: bool,
}

/// Gradients of a normalization.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients {
    /// Of the input, as it is.
    pub input: Vec<f32>,
    /// Of the scale: `[channels]`.
    pub gamma: Vec<f32>,
    /// Of the shift: `[channels]`.
    pub beta: Vec<f32>,
}

impl Shape {
    fn numbers(&self) -> usize {
        length([self.batch, self.channels, self.area])
    }

    /// Where the pixels of a channel begin in each sample.
    fn starts(self, channel: usize) -> impl Iterator<Item = usize> {
        (0..self.batch).map(move |sample| (sample * self.channels + channel) * self.area)
    }
}

/// Mean and biased variance of each channel.
///
/// # Panics
/// If the input does not have the length of its shape.
#[must_use]
pub fn moments(shape: Shape, input: &[f32]) -> Moments {
    assert_eq!(input.len(), shape.numbers(), "the input's length");
    on_maps_or_vectors(
        shape,
        maps::EachMoment { shape, input },
        vectors::EachMoment { shape, input },
    )
}

/// Each channel with mean 0 and variance 1 but for epsilon, then scaled and shifted.
///
/// # Panics
/// If slices do not have the lengths of their shapes.
#[must_use]
pub fn normalized(shape: Shape, input: &[f32], moments: &Moments, ending: Ending<'_>) -> Vec<f32> {
    assert_eq!(input.len(), shape.numbers(), "the input's length");
    check_channels(shape, moments, ending);
    let normalize = Normalize { shape, input, moments, ending };
    on_maps_or_vectors(shape, maps::Normalization(normalize), vectors::Normalization(normalize))
}

/// The gradients from `gradient`, that of the output, where the moments are those of the batch. The output
/// is needed where it was rectified.
///
/// # Panics
/// If slices do not have the lengths of their shapes.
#[must_use]
pub fn gradients(
    shape: Shape,
    [input, gradient]: [&[f32]; 2],
    output: Option<&[f32]>,
    moments: &Moments,
    ending: Ending<'_>,
) -> Gradients {
    for numbers in [input, gradient].into_iter().chain(output) {
        assert_eq!(numbers.len(), shape.numbers(), "the lengths of input, output and gradient");
    }
    check_channels(shape, moments, ending);
    let differentiate = Differentiate { shape, input, gradient, output, moments, ending };
    on_maps_or_vectors(shape, maps::Gradient(differentiate), vectors::Gradient(differentiate))
}

/// Channels of one pixel lie side by side and are computed together.
fn on_maps_or_vectors<T>(
    shape: Shape,
    maps: impl Program<Output = T>,
    vectors: impl Program<Output = T>,
) -> T {
    if shape.area == 1 { with_best(vectors) } else { with_best(maps) }
}

/// A normalization to be computed.
#[derive(Clone, Copy)]
struct Normalize<'a> {
    shape: Shape,
    input: &'a [f32],
    moments: &'a Moments,
    ending: Ending<'a>,
}

/// Gradients to be computed.
#[derive(Clone, Copy)]
struct Differentiate<'a> {
    shape: Shape,
    input: &'a [f32],
    gradient: &'a [f32],
    output: Option<&'a [f32]>,
    moments: &'a Moments,
    ending: Ending<'a>,
}

impl Differentiate<'_> {
    /// One over the deviation of a channel.
    #[inline(always)]
    fn inverse(&self, channel: usize) -> f32 {
        1.0 / (self.moments.variance[channel] + self.ending.epsilon).sqrt()
    }

    /// For each number `scale * (gradient - shift - (input - mean) * slope)`: scale, shift and slope of a
    /// channel, from the sums of its gradients and of their products with the centered input.
    #[inline(always)]
    fn coefficients(&self, channel: usize, [shifts, products]: [f64; 2]) -> [f32; 3] {
        let inverse = self.inverse(channel);
        let for_gamma = products * f64::from(inverse);
        let scale = self.ending.gamma[channel] * inverse;
        let count = count(self.shape);
        [scale, single(shifts / count), single(for_gamma / count) * inverse]
    }
}

fn check_channels(shape: Shape, moments: &Moments, ending: Ending<'_>) {
    for numbers in [&moments.mean[..], &moments.variance, ending.gamma, ending.beta] {
        assert_eq!(numbers.len(), shape.channels, "one number for each channel");
    }
}

#[expect(clippy::cast_possible_truncation, reason = "results are single precision")]
const fn single(number: f64) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "a batch holds fewer than 2^52 numbers")]
const fn count(shape: Shape) -> f64 {
    (shape.batch * shape.area) as f64
}
