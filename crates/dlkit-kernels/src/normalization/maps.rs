//! Channels of many pixels, one after the other.

use rayon::prelude::*;

use super::{Differentiate, Gradients, Moments, Normalize, Shape, count, single};
use crate::buffers::Buffer;
use crate::fresh::{Fresh, Target};
use crate::simd::{Kernel, Program, Simd};

/// Sums that run side by side, so that the processor need not wait for one addition after another.
const SIDE_BY_SIDE: usize = 32;
/// Numbers that are summed in single precision.
const MOST_PENDING: usize = 1 << 12;

/// A sum of many numbers: in single precision side by side, and of some thousands at a time in double.
#[derive(Default)]
struct Sum {
    total: f64,
    sums: [f32; SIDE_BY_SIDE],
    pending: usize,
}

impl Sum {
    /// Adds what `term` makes of pairs of numbers of two slices of one length.
    #[inline(always)]
    fn add(&mut self, left: &[f32], right: &[f32], term: impl Fn(f32, f32) -> f32) {
        for (left, right) in left.chunks(MOST_PENDING).zip(right.chunks(MOST_PENDING)) {
            self.add_some(left, right, &term);
        }
    }

    #[inline(always)]
    fn add_some(&mut self, left: &[f32], right: &[f32], term: &impl Fn(f32, f32) -> f32) {
        let (whole_left, rest_left) = left.as_chunks::<SIDE_BY_SIDE>();
        let (whole_right, rest_right) = right.as_chunks::<SIDE_BY_SIDE>();
        let mut sums = self.sums;
        for (left, right) in whole_left.iter().zip(whole_right) {
            for ((sum, &left), &right) in sums.iter_mut().zip(left).zip(right) {
                *sum += term(left, right);
            }
        }
        for ((sum, &left), &right) in sums.iter_mut().zip(rest_left).zip(rest_right) {
            *sum += term(left, right);
        }
        self.sums = sums;
        self.pending += left.len();
        if self.pending >= MOST_PENDING {
            *self = Self { total: self.total(), ..Self::default() };
        }
    }

    #[inline(always)]
    fn total(&self) -> f64 {
        self.total + self.sums.iter().copied().map(f64::from).sum::<f64>()
    }
}

/// See [`super::moments`].
pub(super) struct EachMoment<'a> {
    pub(super) shape: Shape,
    pub(super) input: &'a [f32],
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
        let mut total = Sum::default();
        for start in shape.starts(channel) {
            let pixels = &input[start..start + shape.area];
            total.add(pixels, pixels, |pixel, _| pixel);
        }
        let mean = single(total.total() / count(shape));
        let mut squares = Sum::default();
        for start in shape.starts(channel) {
            let pixels = &input[start..start + shape.area];
            squares.add(pixels, pixels, |pixel, _| (pixel - mean) * (pixel - mean));
        }
        (mean, single(squares.total() / count(shape)))
    }
}

/// See [`super::normalized`].
pub(super) struct Normalization<'a>(pub(super) Normalize<'a>);

impl Program for Normalization<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Normalize { shape, input, moments, ending } = self.0;
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

/// See [`super::gradients`].
pub(super) struct Gradient<'a>(pub(super) Differentiate<'a>);

impl Program for Gradient<'_> {
    type Output = Gradients;

    fn run<S: Simd>(self, s: S) -> Gradients {
        let shape = self.0.shape;
        let mut result = Fresh::new(shape.numbers());
        let target = result.target();
        let channels = (0..shape.channels).into_par_iter();
        let each =
            channels.map(|channel| s.run(ChannelGradient { whole: self.0, channel, target }));
        let (gamma, beta) = each.unzip();
        // SAFETY: the channels are the whole gradient.
        Gradients { input: unsafe { result.finish() }, gamma, beta }
    }
}

struct ChannelGradient<'a> {
    whole: Differentiate<'a>,
    channel: usize,
    target: Target,
}

impl Kernel for ChannelGradient<'_> {
    /// Those of scale and shift.
    type Output = (f32, f32);

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> (f32, f32) {
        let Differentiate { shape, input, gradient, output, moments, .. } = self.whole;
        let mean = moments.mean[self.channel];
        // What passes the rectifier, if there is one.
        let mut passed = Buffer::take(shape.batch * shape.area);
        let (mut shifts, mut products) = (Sum::default(), Sum::default());
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
            shifts.add(passed, passed, |slope, _| slope);
            products.add(passed, pixels, |slope, pixel| slope * (pixel - mean));
        }
        let (shifts, products) = (shifts.total(), products.total());
        let [scale, shift, slope] = self.whole.coefficients(self.channel, [shifts, products]);
        for (start, passed) in shape.starts(self.channel).zip(passed.chunks(shape.area)) {
            // SAFETY: each channel is one task's own.
            let target = unsafe { self.target.room(start, shape.area) };
            let pixels = &input[start..start + shape.area];
            for ((target, &passed), &pixel) in target.iter_mut().zip(passed).zip(pixels) {
                target.write(scale * (passed - shift - (pixel - mean) * slope));
            }
        }
        let for_gamma = products * f64::from(self.whole.inverse(self.channel));
        (single(for_gamma), single(shifts))
    }
}
