//! A factor of a product, and how it is put into the order in which it is read.

use std::ops::Range;

use crate::length::length;
use crate::simd::{MAX_LANES, Simd};

/// A matrix `[depth, lanes]` whose products are summed over its depth.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    pub(super) numbers: &'a [f32],
    pub(super) depth: usize,
    pub(super) lanes: usize,
    /// Stored as `[lanes, depth]`.
    pub(super) transposed: bool,
}

impl<'a> Factor<'a> {
    /// A factor stored as `[depth, lanes]`.
    pub(super) fn new(numbers: &'a [f32], [depth, lanes]: [usize; 2]) -> Self {
        let expected = length([depth, lanes]);
        assert_eq!(numbers.len(), expected, "the length of a {depth} x {lanes} matrix");
        Self { numbers, depth, lanes, transposed: false }
    }

    /// A factor stored as `[lanes, depth]`.
    pub(super) fn transposed(numbers: &'a [f32], [lanes, depth]: [usize; 2]) -> Self {
        let expected = length([lanes, depth]);
        assert_eq!(numbers.len(), expected, "the length of a {lanes} x {depth} matrix");
        Self { numbers, depth, lanes, transposed: true }
    }

    /// Writes `count` vectors of lanes as streams `[depth, lane]` that are `stride` apart; what is
    /// written after the last lane means nothing.
    #[inline(always)]
    pub(super) fn pack<S: Simd>(
        &self,
        s: S,
        [vector, count]: [usize; 2],
        range: Range<usize>,
        stride: usize,
        streams: &mut [f32],
    ) {
        let first = vector * S::LANES;
        let used = (count * S::LANES).min(self.lanes - first);
        if self.transposed {
            for lane in (0..used).step_by(S::LANES) {
                let stream = &mut streams[lane / S::LANES * stride..][..range.len() * S::LANES];
                let lanes = first + lane..first + used.min(lane + S::LANES);
                self.pack_transposed(s, lanes, range.clone(), stream);
            }
            return;
        }
        for (step, depth) in range.enumerate() {
            let numbers = &self.numbers[depth * self.lanes + first..][..used];
            let (whole, rest) = (used / S::LANES, used % S::LANES);
            for vector in 0..whole {
                let target = &mut streams[vector * stride + step * S::LANES..][..S::LANES];
                // SAFETY: `(vector + 1) * LANES <= used`; the target has a vector.
                unsafe {
                    let numbers = s.load(numbers.as_ptr().add(vector * S::LANES));
                    s.store(target.as_mut_ptr(), numbers);
                }
            }
            if rest > 0 {
                let target = &mut streams[whole * stride + step * S::LANES..];
                for (target, &number) in target.iter_mut().zip(&numbers[whole * S::LANES..]) {
                    *target = number;
                }
            }
        }
    }

    #[inline(always)]
    fn pack_transposed<S: Simd>(
        &self,
        s: S,
        lanes: Range<usize>,
        range: Range<usize>,
        stream: &mut [f32],
    ) {
        let last = lanes.end - 1;
        let row = |lane: usize| (lanes.start + lane).min(last) * self.depth;
        let offsets: [isize; MAX_LANES] = std::array::from_fn(|lane| row(lane).cast_signed());
        // Eight numbers are read where six are used.
        let readable = self.numbers.len() - last * self.depth;
        let mut depth = range.start;
        while depth + 6 <= range.end && depth + 8 <= readable {
            let place = (depth - range.start) * S::LANES;
            let target = &mut stream[place..place + 6 * S::LANES];
            // SAFETY: the last row is readable for eight numbers from `depth` on, those before it for
            // more; the target has six vectors.
            unsafe {
                let columns = s.load_columns(self.numbers.as_ptr().add(depth), &offsets);
                for (index, column) in columns.into_iter().enumerate() {
                    s.store(target.as_mut_ptr().add(index * S::LANES), column);
                }
            }
            depth += 6;
        }
        for (depth, target) in (depth..range.end)
            .zip(stream[(depth - range.start) * S::LANES..].chunks_exact_mut(S::LANES))
        {
            for (target, &offset) in target.iter_mut().zip(&offsets) {
                *target = self.numbers[offset.cast_unsigned() + depth];
            }
        }
    }
}
