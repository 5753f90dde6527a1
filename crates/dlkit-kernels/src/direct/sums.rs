//! Weighted sums of shifted planes.

use std::ops::Range;

use crate::simd::Simd;

/// Most rows that are computed together.
const ROWS: usize = 8;
/// Vectors of places that are computed together.
pub(super) const VECTORS: usize = 3;
/// Offsets that are summed for all rows before the next ones, so that their values stay in the nearest cache.
/// Miri is to see several groups.
const DEPTH: usize = if cfg!(miri) { 8 } else { 96 };

/// What one call computes: `sums[row, place] = sum over i of weights[row, i] * values[offsets[i] + place]`.
#[derive(Clone, Copy)]
pub(super) struct Sums<'a> {
    /// `[rows, offsets]`.
    weights: &'a [f32],
    offsets: &'a [usize],
    values: &'a [f32],
    /// The largest offset.
    furthest: usize,
}

impl<'a> Sums<'a> {
    pub(super) fn new(weights: &'a [f32], offsets: &'a [usize], values: &'a [f32]) -> Self {
        let furthest = offsets.iter().copied().max().unwrap_or(0);
        Self { weights, offsets, values, furthest }
    }

    /// Numbers of a block for so many rows: those of row `r` begin at `r * VECTORS * LANES`.
    pub(super) const fn room<S: Simd>(rows: usize) -> usize {
        rows.next_multiple_of(ROWS) * VECTORS * S::LANES
    }

    /// The sums of some rows for the places from `place` on.
    ///
    /// # Panics
    /// If there are no rows or one is missing, values do not reach from the largest offset over all
    /// places, or the block has no room.
    #[inline(always)]
    pub(super) fn compute<S: Simd>(
        &self,
        s: S,
        rows: Range<usize>,
        place: usize,
        block: &mut [f32],
    ) {
        let depth = self.offsets.len();
        let step = VECTORS * S::LANES;
        assert!(!rows.is_empty() && rows.end * depth <= self.weights.len(), "rows of weights");
        let block = &mut block[..Self::room::<S>(rows.len())];
        let behind = self.values.len().checked_sub(self.furthest);
        let behind = behind.and_then(|behind| behind.checked_sub(step));
        let enough = behind.is_some_and(|behind| place <= behind);
        assert!(enough || depth == 0, "values behind the last place");
        if depth == 0 {
            block.fill(0.0);
        }
        for start in (0..depth).step_by(DEPTH) {
            let range = start..(start + DEPTH).min(depth);
            let groups = block.chunks_exact_mut(ROWS * step);
            for (first, block) in rows.clone().step_by(ROWS).zip(groups) {
                let count = ROWS.min(rows.end - first);
                // Rows that complete a group repeat the last one.
                let mut starts = [0; ROWS];
                for (row, start) in starts.iter_mut().enumerate() {
                    *start = (first + row.min(count - 1)) * depth;
                }
                // SAFETY: rows, offsets and values were just checked; the block has room for all rows.
                unsafe {
                    match (S::ROWS, count) {
                        (_, 1) => self.registers::<S, 1>(s, &starts[..1], &range, place, block),
                        (8, 5..) => self.registers::<S, 8>(s, &starts, &range, place, block),
                        (_, 2..=4) => self.registers::<S, 4>(s, &starts[..4], &range, place, block),
                        _ => {
                            self.registers::<S, 4>(s, &starts[..4], &range, place, block);
                            let (_, second) = block.split_at_mut(4 * step);
                            self.registers::<S, 4>(s, &starts[4..], &range, place, second);
                        }
                    }
                }
            }
        }
    }

    /// Sums over some offsets, added to what is there unless they are the first.
    ///
    /// # Safety
    /// `starts` are `R` places in the weights with as many numbers behind them as there are offsets;
    /// values reach from each offset over `VECTORS * LANES` places from `place` on; the block has room
    /// for `R` rows.
    #[inline(always)]
    unsafe fn registers<S: Simd, const R: usize>(
        &self,
        s: S,
        starts: &[usize],
        range: &Range<usize>,
        place: usize,
        block: &mut [f32],
    ) {
        let mut sums = [[s.splat(0.0); VECTORS]; R];
        let block = &mut block[..R * VECTORS * S::LANES];
        if range.start > 0 {
            for (sums, numbers) in sums.iter_mut().zip(block.chunks_exact(VECTORS * S::LANES)) {
                for (sum, numbers) in sums.iter_mut().zip(numbers.chunks_exact(S::LANES)) {
                    // SAFETY: the slice is a vector.
                    *sum = unsafe { s.load(numbers.as_ptr()) };
                }
            }
        }
        let values = self.values.as_ptr().wrapping_add(place);
        let mut rows = [self.weights.as_ptr(); R];
        for (row, &start) in rows.iter_mut().zip(starts) {
            *row = row.wrapping_add(start);
        }
        for (index, &offset) in (range.start..).zip(&self.offsets[range.clone()]) {
            // SAFETY: the caller's promise.
            unsafe {
                let values = values.add(offset);
                let mut columns = [s.splat(0.0); VECTORS];
                for (vector, column) in columns.iter_mut().enumerate() {
                    *column = s.load(values.add(vector * S::LANES));
                }
                for (row, sums) in rows.iter().zip(&mut sums) {
                    let weight = s.splat(*row.add(index));
                    for (sum, &column) in sums.iter_mut().zip(&columns) {
                        *sum = s.mul_add(weight, column, *sum);
                    }
                    s.fence();
                }
            }
        }
        for (sums, numbers) in sums.into_iter().zip(block.chunks_exact_mut(VECTORS * S::LANES)) {
            for (sum, numbers) in sums.into_iter().zip(numbers.chunks_exact_mut(S::LANES)) {
                // SAFETY: the slice is a vector.
                unsafe { s.store(numbers.as_mut_ptr(), sum) };
            }
        }
    }
}
