//! Channels of one pixel, which lie side by side.

use rayon::prelude::*;

use super::{Differentiate, Gradients, Moments, Normalize, Shape, count, single};
use crate::fresh::{Fresh, Target};
use crate::simd::{Kernel, Program, Simd};

/// Channels that are computed together.
const TOGETHER: usize = 64;
/// Such groups that are worth a thread.
const TASK: usize = 4;
/// Samples that are summed in single precision.
const SINGLE: usize = 64;

/// The first channel of each group and how many it has.
fn groups(channels: usize) -> impl IndexedParallelIterator<Item = [usize; 2]> {
    let groups = (0..channels.div_ceil(TOGETHER)).into_par_iter().with_min_len(TASK);
    groups.map(move |group| {
        let first = group * TOGETHER;
        [first, TOGETHER.min(channels - first)]
    })
}

/// The part of a sample's numbers that a group has.
#[inline(always)]
fn part(shape: Shape, numbers: &[f32], sample: usize, [first, count]: [usize; 2]) -> &[f32] {
    &numbers[sample * shape.channels + first..][..count]
}

/// The sums over samples of what `term` makes of a channel's place in the group and a sample.
#[inline(always)]
fn sums(
    batch: usize,
    count: usize,
    mut terms: impl FnMut(usize, &mut [f32; TOGETHER]),
) -> [f64; TOGETHER] {
    let mut totals = [0.0_f64; TOGETHER];
    for start in (0..batch).step_by(SINGLE) {
        let mut sums = [0.0_f32; TOGETHER];
        for sample in start..(start + SINGLE).min(batch) {
            terms(sample, &mut sums);
        }
        for (total, &sum) in totals.iter_mut().zip(&sums[..count]) {
            *total += f64::from(sum);
        }
    }
    totals
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
        let each = groups(shape.channels).map(|group| s.run(GroupMoments { shape, input, group }));
        let (mean, variance): (Vec<Vec<f32>>, Vec<Vec<f32>>) = each.unzip();
        Moments { mean: mean.concat(), variance: variance.concat() }
    }
}

struct GroupMoments<'a> {
    shape: Shape,
    input: &'a [f32],
    group: [usize; 2],
}

impl Kernel for GroupMoments<'_> {
    type Output = (Vec<f32>, Vec<f32>);

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> (Vec<f32>, Vec<f32>) {
        let Self { shape, input, group } = self;
        let [_, channels] = group;
        let totals = sums(shape.batch, channels, |sample, sums| {
            for (sum, &number) in sums.iter_mut().zip(part(shape, input, sample, group)) {
                *sum += number;
            }
        });
        let mean = totals.map(|total| single(total / count(shape)));
        let squares = sums(shape.batch, channels, |sample, sums| {
            let numbers = part(shape, input, sample, group).iter().zip(&mean);
            for (sum, (&number, &mean)) in sums.iter_mut().zip(numbers) {
                *sum += (number - mean) * (number - mean);
            }
        });
        let variance = squares.map(|squares| single(squares / count(shape)));
        (mean[..channels].to_vec(), variance[..channels].to_vec())
    }
}

/// See [`super::normalized`].
pub(super) struct Normalization<'a>(pub(super) Normalize<'a>);

impl Program for Normalization<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let mut output = Fresh::new(self.0.shape.numbers());
        let target = output.target();
        groups(self.0.shape.channels).for_each(|group| {
            s.run(Scaled { whole: self.0, group, target });
        });
        // SAFETY: the groups are the whole output.
        unsafe { output.finish() }
    }
}

struct Scaled<'a> {
    whole: Normalize<'a>,
    group: [usize; 2],
    target: Target,
}

impl Kernel for Scaled<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Normalize { shape, input, moments, ending } = self.whole;
        let [first, channels] = self.group;
        let range = first..first + channels;
        let (mean, shift) = (&moments.mean[range.clone()], &ending.beta[range.clone()]);
        let mut scale = [0.0_f32; TOGETHER];
        for (scale, channel) in scale.iter_mut().zip(range) {
            let deviation = (moments.variance[channel] + ending.epsilon).sqrt();
            *scale = ending.gamma[channel] / deviation;
        }
        for sample in 0..shape.batch {
            // SAFETY: these channels are one task's own.
            let target = unsafe { self.target.room(sample * shape.channels + first, channels) };
            let numbers = part(shape, input, sample, self.group).iter().zip(mean);
            let weights = scale.iter().zip(shift);
            for ((target, (&number, &mean)), (&scale, &shift)) in
                target.iter_mut().zip(numbers).zip(weights)
            {
                let value = (number - mean) * scale + shift;
                // Undefined numbers stay.
                target.write(if ending.rectified && value <= 0.0 { 0.0 } else { value });
            }
        }
    }
}

/// See [`super::gradients`].
pub(super) struct Gradient<'a>(pub(super) Differentiate<'a>);

impl Program for Gradient<'_> {
    type Output = Gradients;

    fn run<S: Simd>(self, s: S) -> Gradients {
        let mut result = Fresh::new(self.0.shape.numbers());
        let target = result.target();
        let each = groups(self.0.shape.channels)
            .map(|group| s.run(GroupGradient { whole: self.0, group, target }));
        let (gamma, beta): (Vec<Vec<f32>>, Vec<Vec<f32>>) = each.unzip();
        // SAFETY: the groups are the whole gradient.
        let input = unsafe { result.finish() };
        Gradients { input, gamma: gamma.concat(), beta: beta.concat() }
    }
}

struct GroupGradient<'a> {
    whole: Differentiate<'a>,
    group: [usize; 2],
    target: Target,
}

impl GroupGradient<'_> {
    /// What passes the rectifier, if there is one, of a sample.
    #[inline(always)]
    fn passed(&self, sample: usize, passed: &mut [f32; TOGETHER]) {
        let Differentiate { shape, gradient, output, .. } = self.whole;
        let slopes = part(shape, gradient, sample, self.group);
        match output {
            Some(output) => {
                let pairs = slopes.iter().zip(part(shape, output, sample, self.group));
                for (passed, (&slope, &output)) in passed.iter_mut().zip(pairs) {
                    // An undefined output lets the gradient through.
                    *passed = if output <= 0.0 { 0.0 } else { slope };
                }
            }
            None => passed[..slopes.len()].copy_from_slice(slopes),
        }
    }
}

impl Kernel for GroupGradient<'_> {
    /// Those of scale and shift.
    type Output = (Vec<f32>, Vec<f32>);

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> (Vec<f32>, Vec<f32>) {
        let Differentiate { shape, input, moments, .. } = self.whole;
        let [first, channels] = self.group;
        let mean = &moments.mean[first..first + channels];
        let mut passed = [0.0_f32; TOGETHER];
        let shifts = sums(shape.batch, channels, |sample, sums| {
            self.passed(sample, &mut passed);
            for (sum, &passed) in sums.iter_mut().zip(&passed[..channels]) {
                *sum += passed;
            }
        });
        let products = sums(shape.batch, channels, |sample, sums| {
            self.passed(sample, &mut passed);
            let numbers = part(shape, input, sample, self.group).iter().zip(mean);
            for ((sum, &passed), (&number, &mean)) in sums.iter_mut().zip(&passed).zip(numbers) {
                *sum += passed * (number - mean);
            }
        });
        let mut coefficients = [[0.0_f32; TOGETHER]; 3];
        for lane in 0..channels {
            let found = self.whole.coefficients(first + lane, [shifts[lane], products[lane]]);
            for (coefficients, found) in coefficients.iter_mut().zip(found) {
                coefficients[lane] = found;
            }
        }
        let [scale, shift, slope] = &coefficients;
        for sample in 0..shape.batch {
            self.passed(sample, &mut passed);
            // SAFETY: these channels are one task's own.
            let target = unsafe { self.target.room(sample * shape.channels + first, channels) };
            let numbers = part(shape, input, sample, self.group).iter().zip(mean);
            let weights = passed.iter().zip(scale).zip(shift.iter().zip(slope));
            for ((target, (&number, &mean)), ((&passed, &scale), (&shift, &slope))) in
                target.iter_mut().zip(numbers).zip(weights)
            {
                target.write(scale * (passed - shift - (number - mean) * slope));
            }
        }
        let for_gamma =
            |lane: usize| single(products[lane] * f64::from(self.whole.inverse(first + lane)));
        let gamma = (0..channels).map(for_gamma).collect();
        (gamma, shifts[..channels].iter().map(|&sum| single(sum)).collect())
    }
}
