//! Batch normalization: moments of channels, normalized values and their gradients.
//!
//! Everything is `[batch, channels, area]` in row-major order. Results are the same for any number of
//! threads, bit for bit; they differ in rounding between instruction sets.

use rayon::prelude::*;

use crate::buffers::Buffer;
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::simd::{Kernel, Program, Simd, with_best};

/// Sums that run side by side, so that the processor need not wait for one addition after another.
const SIDE_BY_SIDE: usize = 32;

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
    with_best(EachMoment { shape, input })
}

/// Each channel with mean 0 and variance 1 but for epsilon, then scaled and shifted.
///
/// # Panics
/// If slices do not have the lengths of their shapes.
#[must_use]
pub fn normalized(shape: Shape, input: &[f32], moments: &Moments, ending: Ending<'_>) -> Vec<f32> {
    assert_eq!(input.len(), shape.numbers(), "the input's length");
    check_channels(shape, moments, ending);
    with_best(Normalize { shape, input, moments, ending })
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
    with_best(Differentiate { shape, input, gradient, output, moments, ending })
}

fn check_channels(shape: Shape, moments: &Moments, ending: Ending<'_>) {
    for numbers in [&moments.mean[..], &moments.variance, ending.gamma, ending.beta] {
        assert_eq!(numbers.len(), shape.channels, "one number for each channel");
    }
}

/// The sum of what `term` makes of pairs of numbers of two slices of one length.
#[inline(always)]
fn sum(left: &[f32], right: &[f32], term: impl Fn(f32, f32) -> f32) -> f64 {
    let mut sums = [0.0_f32; SIDE_BY_SIDE];
    let (whole_left, rest_left) = left.as_chunks::<SIDE_BY_SIDE>();
    let (whole_right, rest_right) = right.as_chunks::<SIDE_BY_SIDE>();
    for (left, right) in whole_left.iter().zip(whole_right) {
        for ((sum, &left), &right) in sums.iter_mut().zip(left).zip(right) {
            *sum += term(left, right);
        }
    }
    let rest = rest_left.iter().zip(rest_right).map(|(&left, &right)| f64::from(term(left, right)));
    sums.into_iter().map(f64::from).sum::<f64>() + rest.sum::<f64>()
}

#[expect(clippy::cast_possible_truncation, reason = "results are single precision")]
const fn single(number: f64) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "a batch holds fewer than 2^52 numbers")]
const fn count(shape: Shape) -> f64 {
    (shape.batch * shape.area) as f64
}

struct EachMoment<'a> {
    shape: Shape,
    input: &'a [f32],
}

impl Program for EachMoment<'_> {
    type Output = Moments;

    fn run<S: Simd>(self, s: S) -> Moments {
        let Self { shape, input } = self;
        let channels = (0..shape.channels).into_par_iter();
        let each = channels.map(|channel| s.run(ChannelMoments { shape, input, channel }));
        let (mean, variance) = each.unzip();
        Moments { mean, variance }
    }
}

struct ChannelMoments<'a> {
    shape: Shape,
    input: &'a [f32],
    channel: usize,
}

impl Kernel for ChannelMoments<'_> {
    type Output = (f32, f32);

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> (f32, f32) {
        let Self { shape, input, channel } = self;
        let mut total = 0.0;
        for start in shape.starts(channel) {
            let pixels = &input[start..start + shape.area];
            total += sum(pixels, pixels, |pixel, _| pixel);
        }
        let mean = single(total / count(shape));
        let mut squares = 0.0;
        for start in shape.starts(channel) {
            let pixels = &input[start..start + shape.area];
            squares += sum(pixels, pixels, |pixel, _| (pixel - mean) * (pixel - mean));
        }
        (mean, single(squares / count(shape)))
    }
}

struct Normalize<'a> {
    shape: Shape,
    input: &'a [f32],
    moments: &'a Moments,
    ending: Ending<'a>,
}

impl Program for Normalize<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Self { shape, input, moments, ending } = self;
        let mut output = Fresh::new(shape.numbers());
        let target = output.target();
        (0..shape.channels).into_par_iter().for_each(|channel| {
            let deviation = (moments.variance[channel] + ending.epsilon).sqrt();
            let (scale, mean) = (ending.gamma[channel] / deviation, moments.mean[channel]);
            let shift = ending.beta[channel];
            let rectified = ending.rectified;
            s.run(Scaled { shape, input, channel, scale, mean, shift, rectified, target });
        });
        // SAFETY: the channels are the whole output.
        unsafe { output.finish() }
    }
}

struct Scaled<'a> {
    shape: Shape,
    input: &'a [f32],
    channel: usize,
    scale: f32,
    mean: f32,
    shift: f32,
    rectified: bool,
    target: Target,
}

impl Kernel for Scaled<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Self { shape, input, channel, scale, mean, shift, rectified, target } = self;
        for start in shape.starts(channel) {
            // SAFETY: each channel is one task's own.
            let target = unsafe { target.room(start, shape.area) };
            let pixels = &input[start..start + shape.area];
            if rectified {
                for (target, &pixel) in target.iter_mut().zip(pixels) {
                    let value = (pixel - mean) * scale + shift;
                    // Undefined numbers stay.
                    target.write(if value <= 0.0 { 0.0 } else { value });
                }
            } else {
                for (target, &pixel) in target.iter_mut().zip(pixels) {
                    target.write((pixel - mean) * scale + shift);
                }
            }
        }
    }
}

struct Differentiate<'a> {
    shape: Shape,
    input: &'a [f32],
    gradient: &'a [f32],
    output: Option<&'a [f32]>,
    moments: &'a Moments,
    ending: Ending<'a>,
}

impl Program for Differentiate<'_> {
    type Output = Gradients;

    fn run<S: Simd>(self, s: S) -> Gradients {
        let shape = self.shape;
        let mut result = Fresh::new(shape.numbers());
        let target = result.target();
        let channels = (0..shape.channels).into_par_iter();
        let each = channels.map(|channel| s.run(ChannelGradient { whole: &self, channel, target }));
        let (gamma, beta) = each.unzip();
        // SAFETY: the channels are the whole gradient.
        Gradients { input: unsafe { result.finish() }, gamma, beta }
    }
}

struct ChannelGradient<'a> {
    whole: &'a Differentiate<'a>,
    channel: usize,
    target: Target,
}

impl Kernel for ChannelGradient<'_> {
    /// Those of scale and shift.
    type Output = (f32, f32);

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> (f32, f32) {
        let Differentiate { shape, input, gradient, output, moments, ending } = *self.whole;
        let mean = moments.mean[self.channel];
        let inverse = 1.0 / (moments.variance[self.channel] + ending.epsilon).sqrt();
        // What passes the rectifier, if there is one.
        let mut passed = Buffer::take(shape.batch * shape.area);
        let (mut shifts, mut products) = (0.0, 0.0);
        for (start, passed) in shape.starts(self.channel).zip(passed.chunks_mut(shape.area)) {
            let part = start..start + shape.area;
            let slopes = &gradient[part.clone()];
            match output {
                Some(output) => {
                    let pairs = slopes.iter().zip(&output[part.clone()]);
                    for (passed, (&slope, &output)) in passed.iter_mut().zip(pairs) {
                        // An undefined output lets the gradient through.
                        *passed = if output <= 0.0 { 0.0 } else { slope };
                    }
                }
                None => passed.copy_from_slice(slopes),
            }
            let (passed, pixels) = (&*passed, &input[part]);
            shifts += sum(passed, passed, |slope, _| slope);
            products += sum(passed, pixels, |slope, pixel| slope * (pixel - mean));
        }
        let for_gamma = products * f64::from(inverse);
        let scale = ending.gamma[self.channel] * inverse;
        let shift = single(shifts / count(shape));
        let slope = single(for_gamma / count(shape)) * inverse;
        for (start, passed) in shape.starts(self.channel).zip(passed.chunks(shape.area)) {
            // SAFETY: each channel is one task's own.
            let target = unsafe { self.target.room(start, shape.area) };
            let pixels = &input[start..start + shape.area];
            for ((target, &passed), &pixel) in target.iter_mut().zip(passed).zip(pixels) {
                target.write(scale * (passed - shift - (pixel - mean) * slope));
            }
        }
        (single(for_gamma), single(shifts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{numbers, on_threads};

    const SHAPE: Shape = Shape { batch: 3, channels: 5, area: 77 };

    struct Case {
        input: Vec<f32>,
        gradient: Vec<f32>,
        gamma: Vec<f32>,
        beta: Vec<f32>,
    }

    impl Case {
        fn new(mean: f32) -> Self {
            let count = SHAPE.numbers();
            Self {
                input: numbers(count, 1, mean),
                gradient: numbers(count, 2, 0.3),
                gamma: numbers(5, 3, 1.5),
                beta: numbers(5, 4, 0.0),
            }
        }

        fn ending(&self, rectified: bool) -> Ending<'_> {
            Ending { gamma: &self.gamma, beta: &self.beta, epsilon: 1e-3, rectified }
        }

        /// The output by the definition, in double precision, for a changed input or weight.
        fn output(&self, input: &[f64], rectified: bool) -> Vec<f64> {
            let mut output = vec![0.0; input.len()];
            for channel in 0..SHAPE.channels {
                let places: Vec<usize> =
                    SHAPE.starts(channel).flat_map(|start| start..start + SHAPE.area).collect();
                let count = f64::from(u32::try_from(places.len()).unwrap());
                let mean = places.iter().map(|&place| input[place]).sum::<f64>() / count;
                let squares = places.iter().map(|&place| (input[place] - mean).powi(2));
                let deviation = (squares.sum::<f64>() / count + 1e-3).sqrt();
                for &place in &places {
                    let value = (input[place] - mean) / deviation * f64::from(self.gamma[channel])
                        + f64::from(self.beta[channel]);
                    output[place] = if rectified { value.max(0.0) } else { value };
                }
            }
            output
        }

        fn loss(&self, input: &[f64], rectified: bool) -> f64 {
            let slopes = self.gradient.iter().map(|&slope| f64::from(slope));
            self.output(input, rectified).into_iter().zip(slopes).map(|(a, b)| a * b).sum()
        }
    }

    #[test]
    fn outputs_are_those_of_the_definition() {
        for (mean, rectified) in [(0.0, false), (20.0, true)] {
            let case = Case::new(mean);
            let input: Vec<f64> = case.input.iter().map(|&value| f64::from(value)).collect();
            let moments = moments(SHAPE, &case.input);
            let output = normalized(SHAPE, &case.input, &moments, case.ending(rectified));
            for (value, expected) in output.iter().zip(case.output(&input, rectified)) {
                assert!((f64::from(*value) - expected).abs() < 1e-5, "{value} {expected}");
            }
        }
    }

    #[test]
    fn gradients_are_slopes() {
        for rectified in [false, true] {
            let case = Case::new(0.5);
            let moments = moments(SHAPE, &case.input);
            let ending = case.ending(rectified);
            let output = normalized(SHAPE, &case.input, &moments, ending);
            let output = rectified.then_some(&output[..]);
            let found = gradients(SHAPE, [&case.input, &case.gradient], output, &moments, ending);
            let input: Vec<f64> = case.input.iter().map(|&value| f64::from(value)).collect();
            let step = 1e-5;
            for place in [0, 80, 200, 1000] {
                let moved = |step: f64| {
                    let mut input = input.clone();
                    input[place] += step;
                    case.loss(&input, rectified)
                };
                let slope = (moved(step) - moved(-step)) / (2.0 * step);
                assert!((slope - f64::from(found.input[place])).abs() < 1e-4, "{place}");
            }
            let masked = |place: usize, expected: f64| {
                let slope = f64::from(case.gradient[place]);
                if rectified && expected <= 0.0 { 0.0 } else { slope }
            };
            let expected = case.output(&input, false);
            let places = || SHAPE.starts(2).flat_map(|start| start..start + SHAPE.area);
            let beta: f64 = places().map(|place| masked(place, expected[place])).sum();
            let gamma: f64 = places()
                .map(|place| {
                    let normal =
                        (expected[place] - f64::from(case.beta[2])) / f64::from(case.gamma[2]);
                    masked(place, expected[place]) * normal
                })
                .sum();
            assert!((beta - f64::from(found.beta[2])).abs() < 1e-3);
            assert!((gamma - f64::from(found.gamma[2])).abs() < 1e-3);
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let case = Case::new(1.0);
        let run = |threads| {
            on_threads(threads, || {
                let moments = moments(SHAPE, &case.input);
                let found = gradients(
                    SHAPE,
                    [&case.input, &case.gradient],
                    None,
                    &moments,
                    case.ending(false),
                );
                (moments, found)
            })
        };
        assert_eq!(run(1), run(3));
    }
}
