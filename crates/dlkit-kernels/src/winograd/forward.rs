//! The convolution itself; with filters reversed, the gradient of its input.

use rayon::prelude::*;

use super::Ending;
use super::filters::{self, Direction};
use super::gather::{Lanes, Masks, patch};
use super::shape::{Shape, TILE, Tile, Tiles};
use super::transform::{Input, Output4, POINTS, both, load_points, store_points};
use crate::buffers::Buffer;
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::panel::Panel;
use crate::simd::{Kernel, MAX_LANES, Program, Simd};

/// Numbers of a block's transformed inputs and outputs that are worth keeping in the cache.
const BLOCK: usize = 1 << 19;
/// Vectors of tiles that a block of many channels still has, to use each filter this often.
const FEWEST: usize = 3;

/// A convolution to be computed.
#[derive(Clone, Copy)]
pub(super) struct Convolution<'a> {
    pub(super) shape: Shape,
    pub(super) output: [usize; 2],
    pub(super) input: &'a [f32],
    /// As the convolution whose gradient this is has it, if `direction` is reverse.
    pub(super) weight: &'a [f32],
    pub(super) ending: Ending<'a>,
    pub(super) direction: Direction,
}

impl Program for Convolution<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Shape { batch, channels, filters, .. } = self.shape;
        let weights = match self.direction {
            Direction::Forward => [filters, channels],
            Direction::Reverse => [channels, filters],
        };
        let filter_streams = filters::transform(s, self.weight, weights, self.direction);
        let tiles = Tiles::new(batch, self.output);
        let mut output = Fresh::new(length([batch, filters, self.output[0], self.output[1]]));
        let target = output.target();
        let vectors = tiles.count.div_ceil(S::LANES);
        let blocks = blocks(vectors, POINTS * S::LANES * (channels + filters));
        (0..blocks).into_par_iter().for_each(|index| {
            let first = index * vectors / blocks;
            let count = (index + 1) * vectors / blocks - first;
            s.run(Block {
                convolution: self,
                filters: &filter_streams,
                tiles,
                first,
                count,
                target,
            });
        });
        // SAFETY: the tiles of all blocks cover the output.
        unsafe { output.finish() }
    }
}

/// How many blocks there are, of `vectors` vectors of tiles that take `size` numbers each. What is
/// computed for a tile does not depend on its block.
fn blocks(vectors: usize, size: usize) -> usize {
    let threads = rayon::current_num_threads();
    let largest = (BLOCK / size.max(1)).max(FEWEST);
    let blocks = vectors.div_ceil(largest);
    if blocks <= 1 && vectors < 2 { 1 } else { blocks.next_multiple_of(threads).min(vectors) }
}

/// Some vectors of tiles.
struct Block<'a> {
    convolution: Convolution<'a>,
    filters: &'a [f32],
    tiles: Tiles,
    first: usize,
    count: usize,
    target: Target,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Shape { channels, filters, .. } = self.convolution.shape;
        let groups = filters.div_ceil(S::LANES);
        let row_stride = self.count * S::LANES;
        let stream = POINTS * channels * S::LANES;
        let mut inputs = Buffer::take(self.count * stream);
        let mut products = Buffer::take(POINTS * groups * S::LANES * row_stride);
        for (vector, stream) in inputs.chunks_exact_mut(stream).enumerate() {
            self.transform_inputs(s, vector, stream);
        }
        for point in 0..POINTS {
            for group in 0..groups {
                let panel = Panel {
                    depth: channels,
                    rows: S::LANES.min(filters - group * S::LANES),
                    vectors: self.count,
                    right_stride: stream,
                    row_stride,
                    accumulate: false,
                };
                let left = &self.filters[(group * POINTS + point) * channels * S::LANES..];
                let right = &inputs[point * channels * S::LANES..];
                let place = (point * groups + group) * S::LANES * row_stride;
                panel.compute(s, left, right, &mut products[place..]);
            }
        }
        self.transform_outputs(s, groups * S::LANES * row_stride, row_stride, &products);
    }
}

impl Block<'_> {
    fn tile(&self, lanes: usize, vector: usize, lane: usize) -> Option<Tile> {
        let index = (self.first + vector) * lanes + lane;
        (index < self.tiles.count).then(|| self.tiles.get(index))
    }

    #[inline(always)]
    fn transform_inputs<S: Simd>(&self, s: S, vector: usize, stream: &mut [f32]) {
        let Shape { channels, height, width, padding, .. } = self.convolution.shape;
        let area = height * width;
        let corner = |lane: usize| {
            self.tile(S::LANES, vector, lane).map(|tile| {
                let place =
                    |start: usize, padding: usize| start.cast_signed() - padding.cast_signed();
                [place(tile.y, padding[0]), place(tile.x, padding[1])]
            })
        };
        let lanes = Lanes::new(S::LANES, |lane| {
            let image = self.tile(S::LANES, vector, lane).map_or(0, |tile| tile.image);
            let [y, x] = corner(lane).unwrap_or([0, 0]);
            (image * channels * area).cast_signed() + y * width.cast_signed() + x
        });
        let whole = |start: isize, side: usize| start >= 0 && start + 6 <= side.cast_signed();
        let inside = (0..S::LANES)
            .all(|lane| corner(lane).is_some_and(|[y, x]| whole(y, height) && whole(x, width)));
        let masks = (!inside).then(|| Masks::new(s, [height, width], corner));
        for channel in 0..channels {
            let shift = (channel * area).cast_signed();
            let pixels: [[S::Vector; 6]; 6] =
                patch(s, self.convolution.input, shift, width, &lanes, masks.as_ref());
            let points = both::<S, Input, 6, 6>(s, &pixels);
            store_points(s, &points, &mut stream[channel * S::LANES..], channels * S::LANES);
        }
    }

    #[inline(always)]
    fn transform_outputs<S: Simd>(
        &self,
        s: S,
        point_stride: usize,
        row_stride: usize,
        products: &[f32],
    ) {
        let filters = self.convolution.shape.filters;
        let ending = self.convolution.ending;
        let mut tiles = Vec::with_capacity(row_stride);
        for vector in 0..self.count {
            for lane in 0..S::LANES {
                tiles.push(self.tile(S::LANES, vector, lane));
            }
        }
        // Vectors of tiles are neighbours in memory, so they are the inner loop.
        for filter in 0..filters {
            let bias = s.splat(ending.bias.map_or(0.0, |bias| bias[filter]));
            for (vector, tiles) in tiles.chunks_exact(S::LANES).enumerate() {
                let place = filter * row_stride + vector * S::LANES;
                let values = load_points(s, &products[place..], point_stride);
                self.write(s, filter, bias, &values, tiles);
            }
        }
    }

    /// Transforms the points of a vector of tiles and writes their outputs.
    #[inline(always)]
    fn write<S: Simd>(
        &self,
        s: S,
        filter: usize,
        bias: S::Vector,
        values: &[[S::Vector; 6]; 6],
        tiles: &[Option<Tile>],
    ) {
        let filters = self.convolution.shape.filters;
        let ending = self.convolution.ending;
        let [height, width] = self.tiles.output;
        let mut rows = [0.0; TILE * MAX_LANES];
        let outputs = both::<S, Output4, 6, 4>(s, values);
        for (row, mut line) in outputs.into_iter().enumerate() {
            for value in &mut line {
                *value = s.add(*value, bias);
                if ending.rectified {
                    *value = s.rectify(*value);
                }
            }
            s.store_rows(line, &mut rows);
            for (tile, values) in tiles.iter().zip(rows.as_chunks::<TILE>().0) {
                let Some(tile) = tile else { continue };
                let y = tile.y + row;
                if y >= height {
                    continue;
                }
                let start = ((tile.image * filters + filter) * height + y) * width + tile.x;
                // SAFETY: tiles do not overlap, and each belongs to one block.
                unsafe {
                    if tile.x + TILE <= width {
                        let target = self.target.at(start, TILE);
                        target.copy_from_nonoverlapping(values.as_ptr(), TILE);
                    } else {
                        let length = width - tile.x;
                        let target = self.target.at(start, length);
                        target.copy_from_nonoverlapping(values.as_ptr(), length);
                    }
                }
            }
        }
    }
}
