//! Filters, transformed.

use rayon::prelude::*;

use super::gather::Lanes;
use super::transform::{Filter3, POINTS, both, store_points};
use crate::buffers::Buffer;
use crate::simd::{Kernel, Simd};

/// How filters are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// As they are: the convolution itself.
    Forward,
    /// Turned by half a turn, inputs and outputs exchanged: the gradient of the input.
    Reverse,
}

/// Filters `[filters, channels, 3, 3]` as streams `[output / LANES, point, input, output % LANES]`,
/// where outputs and inputs are filters and channels, or the reverse.
pub(super) fn transform<S: Simd>(
    s: S,
    weight: &[f32],
    [filters, channels]: [usize; 2],
    direction: Direction,
) -> Buffer {
    let [outputs, inputs] = match direction {
        Direction::Forward => [filters, channels],
        Direction::Reverse => [channels, filters],
    };
    let mut streams = Buffer::take(outputs.div_ceil(S::LANES) * POINTS * inputs * S::LANES);
    streams.par_chunks_mut(POINTS * inputs * S::LANES).enumerate().for_each(|(vector, target)| {
        let first = vector * S::LANES;
        s.run(Stream { weight, channels, direction, inputs, first, outputs, target });
    });
    streams
}

struct Stream<'a> {
    weight: &'a [f32],
    channels: usize,
    direction: Direction,
    inputs: usize,
    first: usize,
    outputs: usize,
    target: &'a mut [f32],
}

impl Kernel for Stream<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let forward = self.direction == Direction::Forward;
        let [output_step, input_step] =
            if forward { [9 * self.channels, 9] } else { [9, 9 * self.channels] };
        let count = S::LANES.min(self.outputs - self.first);
        // Lanes without an output repeat the last one: what they give is not used.
        let lanes = Lanes::new(S::LANES, |lane| (lane.min(count - 1) * output_step).cast_signed());
        for input in 0..self.inputs {
            let shift = (self.first * output_step + input * input_step).cast_signed();
            let start = lanes.columns(s, self.weight, shift);
            let end = lanes.columns(s, self.weight, shift + 3);
            let flat = [
                start[0], start[1], start[2], start[3], start[4], start[5], end[3], end[4], end[5],
            ];
            let mut weights = [[s.splat(0.0); 3]; 3];
            for (place, &value) in flat.iter().enumerate() {
                let place = if forward { place } else { 8 - place };
                weights[place / 3][place % 3] = value;
            }
            let points = both::<S, Filter3, 3, 6>(s, &weights);
            store_points(s, &points, &mut self.target[input * S::LANES..], self.inputs * S::LANES);
        }
    }
}
