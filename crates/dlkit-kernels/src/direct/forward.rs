//! The convolution itself.

use rayon::prelude::*;

use super::Ending;
use super::shape::{Planes, Shape};
use super::sums::{Sums, VECTORS};
use crate::buffers::Buffer;
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::simd::{Kernel, MAX_LANES, Program, Simd};

/// Values that are read behind the last place of a plane.
pub(super) const SLACK: usize = VECTORS * MAX_LANES;
/// Places of a task where there are fewer images than threads.
const TASK: usize = 16;

/// A convolution to be computed.
#[derive(Clone, Copy)]
pub(super) struct Convolution<'a> {
    pub(super) shape: Shape,
    pub(super) output: [usize; 2],
    pub(super) input: &'a [f32],
    pub(super) weight: &'a [f32],
    pub(super) ending: Ending<'a>,
}

impl Program for Convolution<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Shape { batch, channels, filters, input: [height, width], .. } = self.shape;
        let planes = Planes::new(self.shape, self.output);
        let offsets = planes.offsets();
        let mut output = Fresh::new(length([batch, filters, self.output[0], self.output[1]]));
        let target = output.target();
        let blocks = planes.places().div_ceil(VECTORS * S::LANES);
        let few = batch < 2 * rayon::current_num_threads();
        let images = self.input.par_chunks(channels * height * width);
        images.enumerate().for_each(|(image, pixels)| {
            let mut values = Buffer::take(channels * planes.channel() + SLACK);
            s.run(Fill { planes, pixels, values: &mut values });
            let values = &*values;
            let offsets = &offsets;
            let compute = |first: usize, count: usize| {
                let mut block = Buffer::take(Sums::room::<S>(self.shape.group_filters()));
                for place in first..(first + count).min(blocks) {
                    let place = place * VECTORS * S::LANES;
                    let convolution = self;
                    let places =
                        Places { convolution, planes, offsets, values, image, place, target };
                    s.run(Sum { places, block: &mut block });
                }
            };
            if few {
                let tasks = blocks.div_ceil(TASK);
                (0..tasks).into_par_iter().for_each(|task| compute(task * TASK, TASK));
            } else {
                compute(0, blocks);
            }
        });
        // SAFETY: the places of all blocks cover the output.
        unsafe { output.finish() }
    }
}

/// The planes of an image, and zeros behind them.
pub(super) struct Fill<'a> {
    pub(super) planes: Planes,
    pub(super) pixels: &'a [f32],
    pub(super) values: &'a mut [f32],
}

impl Kernel for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (filled, slack) = self.values.split_at_mut(self.values.len() - SLACK);
        self.planes.fill(self.pixels, filled);
        slack.fill(0.0);
    }
}

/// All filters at some places of an image.
#[derive(Clone, Copy)]
struct Places<'a> {
    convolution: Convolution<'a>,
    planes: Planes,
    /// Of the values that a filter of the first group reads.
    offsets: &'a [usize],
    values: &'a [f32],
    image: usize,
    place: usize,
    target: Target,
}

/// Computes them.
struct Sum<'a> {
    places: Places<'a>,
    /// Room for the sums of a group.
    block: &'a mut [f32],
}

impl Kernel for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { places, block } = self;
        let Convolution { shape, weight, ending, .. } = places.convolution;
        let (channels, filters) = (shape.group_channels(), shape.group_filters());
        for group in 0..shape.groups {
            let values = &places.values[group * channels * places.planes.channel()..];
            let weights = &weight[group * filters * places.offsets.len()..];
            let sums = Sums::new(weights, places.offsets, values);
            sums.compute(s, 0..filters, places.place, block);
            let rows = block.chunks_exact_mut(VECTORS * S::LANES);
            for (filter, sums) in (group * filters..(group + 1) * filters).zip(rows) {
                let bias = ending.bias.map_or(0.0, |bias| bias[filter]);
                for sum in sums.iter_mut() {
                    *sum += bias;
                    if ending.rectified {
                        // Undefined numbers stay.
                        *sum = if *sum <= 0.0 { 0.0 } else { *sum };
                    }
                }
                places.write(filter, sums);
            }
        }
    }
}

impl Places<'_> {
    /// Writes the sums of a filter that belong to outputs.
    #[inline(always)]
    fn write(&self, filter: usize, sums: &[f32]) {
        let [height, width] = self.planes.output;
        let columns = self.planes.columns;
        let layer = (self.image * self.convolution.shape.filters + filter) * height * width;
        let mut done = 0;
        while done < sums.len() {
            let place = self.place + done;
            let (y, x) = (place / columns, place % columns);
            if y >= height {
                return;
            }
            let left = sums.len() - done;
            let count = width.saturating_sub(x).min(left);
            if count > 0 {
                // SAFETY: each place belongs to one block.
                unsafe {
                    let target = self.target.at(layer + y * width + x, count);
                    target.copy_from_nonoverlapping(sums[done..].as_ptr(), count);
                }
            }
            done += (columns - x).min(left);
        }
    }
}
