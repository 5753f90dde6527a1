//! The gradient of the weights.
//!
//! A filter's gradient is a convolution of the input with the gradient of the output: F(3x3, 4x4)
//! on the same patches of 6x6 pixels as the convolution. The products of all tiles are summed in the
//! transformed domain, always in the same order, and transformed back once.

use rayon::prelude::*;

use super::gather::{Lanes, Masks, patch};
use super::shape::{Shape, Tiles};
use super::transform::{
    Filter4, Input, Output3, POINTS, Transform, both, load_points, store_points,
};
use crate::buffers::Buffer;
use crate::panel::Panel;
use crate::simd::{Kernel, MAX_LANES, Program, Simd};

/// Tiles that are summed at once.
const DEPTH: usize = 64;
/// Numbers of transformed values that are held at once: they fit a large cache.
const HELD: usize = 3 << 20;

/// A gradient to be computed.
#[derive(Clone, Copy)]
pub(super) struct WeightGradient<'a> {
    pub(super) shape: Shape,
    pub(super) output: [usize; 2],
    pub(super) input: &'a [f32],
    pub(super) gradient: &'a [f32],
}

impl Program for WeightGradient<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Shape { batch, channels, filters, .. } = self.shape;
        let tiles = Tiles::new(batch, self.output);
        let [rows, columns] = [filters, channels].map(|count| count.div_ceil(S::LANES));
        let stream = POINTS * DEPTH * S::LANES;
        let chunks = tiles.count.div_ceil(DEPTH);
        let together = (HELD / (stream * (rows + columns))).clamp(1, chunks.max(1));
        let mut streams = Buffer::take(together * (rows + columns) * stream);
        let row_stride = columns * S::LANES;
        let panel_size = S::LANES * row_stride;
        let mut sums = Buffer::take(POINTS * rows * panel_size);
        for first in (0..chunks).step_by(together) {
            let count = together.min(chunks - first);
            let held = &mut streams[..count * (rows + columns) * stream];
            held.par_chunks_mut(stream).enumerate().for_each(|(index, target)| {
                let (chunk, vector) = (first + index / (rows + columns), index % (rows + columns));
                let range = chunk * DEPTH..((chunk + 1) * DEPTH).min(tiles.count);
                s.run(Stream { gradient: self, tiles, range, vector, rows, target });
            });
            let held = &*held;
            sums.par_chunks_mut(panel_size).enumerate().for_each(|(index, target)| {
                let (point, row) = (index / rows, index % rows);
                s.run(Sums {
                    held,
                    rows: [row, rows],
                    columns,
                    filters,
                    point,
                    tiles: [first * DEPTH, tiles.count],
                    target,
                });
            });
        }
        let mut weight = vec![0.0; filters * channels * 9];
        let sums = &*sums;
        weight.par_chunks_mut(channels * 9).enumerate().for_each(|(filter, weight)| {
            s.run(Weights { sums, filter, padded: [rows * S::LANES, row_stride], weight });
        });
        weight
    }
}

/// The transforms of some tiles, for a vector of filters of the output's gradient (the first `rows`
/// vectors) or of channels of the input.
struct Stream<'a> {
    gradient: WeightGradient<'a>,
    tiles: Tiles,
    range: std::ops::Range<usize>,
    vector: usize,
    rows: usize,
    target: &'a mut [f32],
}

impl Kernel for Stream<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Shape { channels, filters, height, width, padding, .. } = self.gradient.shape;
        if self.vector < self.rows {
            let layers = Layers {
                source: self.gradient.gradient,
                count: filters,
                first: self.vector * S::LANES,
                sides: self.tiles.output,
                padding: [0, 0],
            };
            layers.transform::<S, Filter4, 4>(s, self.tiles, self.range, self.target);
        } else {
            let layers = Layers {
                source: self.gradient.input,
                count: channels,
                first: (self.vector - self.rows) * S::LANES,
                sides: [height, width],
                padding,
            };
            layers.transform::<S, Input, 6>(s, self.tiles, self.range, self.target);
        }
    }
}

/// Some layers of pictures: channels of the input or filters of the output.
struct Layers<'a> {
    source: &'a [f32],
    count: usize,
    first: usize,
    sides: [usize; 2],
    padding: [usize; 2],
}

impl Layers<'_> {
    #[inline(always)]
    fn transform<S: Simd, T: Transform<N, 6>, const N: usize>(
        &self,
        s: S,
        tiles: Tiles,
        range: std::ops::Range<usize>,
        stream: &mut [f32],
    ) {
        let [height, width] = self.sides;
        let area = height * width;
        let used = S::LANES.min(self.count - self.first);
        let lanes = Lanes::new(S::LANES, |lane| (lane.min(used - 1) * area).cast_signed());
        let whole =
            |start: isize, side: usize| start >= 0 && start + N.cast_signed() <= side.cast_signed();
        for (step, index) in range.enumerate() {
            let tile = tiles.get(index);
            let y = tile.y.cast_signed() - self.padding[0].cast_signed();
            let x = tile.x.cast_signed() - self.padding[1].cast_signed();
            let inside = used == S::LANES && whole(y, height) && whole(x, width);
            let masks = (!inside)
                .then(|| Masks::new(s, self.sides, |lane| (lane < used).then_some([y, x])));
            let layer = (tile.image * self.count + self.first) * area;
            let shift = layer.cast_signed() + y * width.cast_signed() + x;
            let pixels: [[S::Vector; N]; N] =
                patch(s, self.source, shift, width, &lanes, masks.as_ref());
            let points = both::<S, T, N, 6>(s, &pixels);
            store_points(s, &points, &mut stream[step * S::LANES..], DEPTH * S::LANES);
        }
    }
}

/// A vector of filters by all channels at one point, summed over the tiles held.
struct Sums<'a> {
    held: &'a [f32],
    /// This vector of filters, and how many there are.
    rows: [usize; 2],
    columns: usize,
    filters: usize,
    point: usize,
    /// The first tile held, and how many there are in all.
    tiles: [usize; 2],
    target: &'a mut [f32],
}

impl Kernel for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let stream = POINTS * DEPTH * S::LANES;
        let [row, rows] = self.rows;
        for (chunk, held) in self.held.chunks_exact((rows + self.columns) * stream).enumerate() {
            let first = self.tiles[0] + chunk * DEPTH;
            let panel = Panel {
                depth: DEPTH.min(self.tiles[1] - first),
                rows: S::LANES.min(self.filters - row * S::LANES),
                vectors: self.columns,
                right_stride: stream,
                row_stride: self.columns * S::LANES,
                accumulate: first > 0,
            };
            let point = self.point * DEPTH * S::LANES;
            let left = &held[row * stream + point..];
            let right = &held[rows * stream + point..];
            panel.compute(s, left, right, self.target);
        }
    }
}

/// The gradient of one filter, from the sums.
struct Weights<'a> {
    sums: &'a [f32],
    filter: usize,
    /// Filters and channels, rounded up to whole vectors.
    padded: [usize; 2],
    /// `[channels, 3, 3]`.
    weight: &'a mut [f32],
}

impl Kernel for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let [rows, columns] = self.padded;
        for (vector, weights) in self.weight.chunks_mut(9 * S::LANES).enumerate() {
            let place = self.filter * columns + vector * S::LANES;
            let values = load_points(s, &self.sums[place..], rows * columns);
            let gradient = both::<S, Output3, 6, 3>(s, &values);
            let mut lanes = [[0.0_f32; MAX_LANES]; 9];
            for (lane, &value) in lanes.iter_mut().zip(gradient.iter().flatten()) {
                // SAFETY: the array is as long as the longest vector.
                unsafe { s.store(lane.as_mut_ptr(), value) };
            }
            for (channel, weights) in weights.chunks_exact_mut(9).enumerate() {
                for (weight, lane) in weights.iter_mut().zip(&lanes) {
                    *weight = lane[channel];
                }
            }
        }
    }
}
