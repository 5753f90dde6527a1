//! The gradient of the input.

use rayon::prelude::*;

use super::forward::SLACK;
use super::shape::{Planes, Shape};
use super::sums::{Sums, VECTORS};
use crate::buffers::Buffer;
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::simd::{Kernel, Program, Simd};

/// Channels of a task: what is read for one of them is in the cache for the others.
const CHANNELS: usize = 16;

/// A gradient to be computed.
#[derive(Clone, Copy)]
pub(super) struct InputGradient<'a> {
    pub(super) shape: Shape,
    pub(super) output: [usize; 2],
    pub(super) gradient: &'a [f32],
    pub(super) weight: &'a [f32],
}

/// What a plane of the input is summed from.
struct Sources {
    /// Of each filter's gradient and each value of the kernel that reads this plane.
    offsets: Vec<usize>,
    /// `[channels, offsets]`.
    weights: Vec<f32>,
}

impl Program for InputGradient<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Shape { batch, channels, filters, input: [height, width], .. } = self.shape;
        let planes = Planes::new(self.shape, self.output);
        let stride = stride(&planes);
        let sources: Vec<Sources> =
            (0..planes.each()).map(|plane| self.sources(&planes, plane, stride)).collect();
        let mut output = Fresh::new(length([batch, channels, height, width]));
        let target = output.target();
        let area = self.output[0] * self.output[1];
        let groups = self.shape.group_channels().div_ceil(CHANNELS);
        let tasks = self.shape.groups * groups;
        let few = batch < 2 * rayon::current_num_threads();
        let images = self.gradient.par_chunks(filters * area);
        images.enumerate().for_each(|(image, gradient)| {
            let mut wide = Buffer::take(filters * stride + SLACK);
            widen(&planes, gradient, planes.largest_shift(), stride, &mut wide);
            let wide = &*wide;
            let compute = |task: usize| {
                let (group, first) = (task / groups, task % groups * CHANNELS);
                s.run(Channels {
                    whole: self,
                    planes,
                    sources: &sources,
                    wide,
                    stride,
                    image,
                    group,
                    first,
                    target,
                });
            };
            if few {
                (0..tasks).into_par_iter().for_each(compute);
            } else {
                (0..tasks).for_each(compute);
            }
        });
        // SAFETY: the channels of all groups are the whole output.
        unsafe { output.finish() }
    }
}

/// Numbers from one filter's gradient to the next, when rows are as long as those of planes and zeros lie
/// before and after.
fn stride(planes: &Planes) -> usize {
    planes.largest_shift() + planes.area() + SLACK
}

/// Puts the gradient of an image into rows as long as those of planes, `before` zeros before each filter.
pub(super) fn widen(
    planes: &Planes,
    gradient: &[f32],
    before: usize,
    stride: usize,
    wide: &mut [f32],
) {
    let [height, width] = planes.output;
    wide.fill(0.0);
    for (layer, wide) in gradient.chunks_exact(height * width).zip(wide.chunks_mut(stride)) {
        for (row, numbers) in layer.chunks_exact(width).enumerate() {
            wide[before + row * planes.columns..][..width].copy_from_slice(numbers);
        }
    }
}

impl InputGradient<'_> {
    fn sources(&self, planes: &Planes, plane: usize, stride: usize) -> Sources {
        let (channels, filters) = (self.shape.group_channels(), self.shape.group_filters());
        let before = planes.largest_shift();
        let taps: Vec<(usize, usize)> = planes
            .taps()
            .enumerate()
            .filter(|(_, tap)| tap.plane == plane)
            .map(|(index, tap)| (index, before - tap.shift))
            .collect();
        let of_filter =
            |filter: usize| taps.iter().map(move |(_, offset)| filter * stride + offset);
        let offsets: Vec<usize> = (0..filters).flat_map(of_filter).collect();
        let mut weights = Vec::with_capacity(self.shape.channels * offsets.len());
        for group in 0..self.shape.groups {
            for channel in 0..channels {
                for filter in 0..filters {
                    let filter = group * filters + filter;
                    let start = (filter * channels + channel) * self.shape.taps();
                    weights.extend(taps.iter().map(|(tap, _)| self.weight[start + tap]));
                }
            }
        }
        Sources { offsets, weights }
    }
}

/// Some channels of an image's gradient.
struct Channels<'a> {
    whole: InputGradient<'a>,
    planes: Planes,
    sources: &'a [Sources],
    wide: &'a [f32],
    stride: usize,
    image: usize,
    group: usize,
    /// The first channel in the group.
    first: usize,
    target: Target,
}

impl Kernel for Channels<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let shape = self.whole.shape;
        let (channels, filters) = (shape.group_channels(), shape.group_filters());
        let rows = self.first..channels.min(self.first + CHANNELS);
        let [height, width] = shape.input;
        let area = self.planes.area();
        let step = VECTORS * S::LANES;
        let mut block = Buffer::take(Sums::room::<S>(rows.len()));
        let mut planes = Buffer::take(rows.len() * self.planes.channel());
        for (plane, sources) in self.sources.iter().enumerate() {
            let depth = sources.offsets.len();
            let weights = &sources.weights[self.group * channels * depth..];
            let values = &self.wide[self.group * filters * self.stride..];
            let sums = Sums::new(weights, &sources.offsets, values);
            for place in (0..area).step_by(step) {
                sums.compute(s, rows.clone(), place, &mut block);
                let used = step.min(area - place);
                for (row, sums) in block.chunks_exact(step).take(rows.len()).enumerate() {
                    let start = row * self.planes.channel() + plane * area + place;
                    planes[start..start + used].copy_from_slice(&sums[..used]);
                }
            }
        }
        for (row, planes) in rows.zip(planes.chunks_exact(self.planes.channel())) {
            let channel = self.group * channels + row;
            let start = (self.image * shape.channels + channel) * height * width;
            // SAFETY: each channel is one task's own, and is written only.
            let pixels = unsafe { self.target.room(start, height * width) };
            self.planes.take(planes, pixels);
        }
    }
}
