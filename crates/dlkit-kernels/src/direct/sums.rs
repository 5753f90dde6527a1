//! Weighted sums of shifted planes.

use crate::simd::{MAX_LANES, Simd};

/// Most rows that are computed together.
pub(super) const ROWS: usize = 8;
/// Vectors of places that are computed together.
pub(super) const VECTORS: usize = 3;

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

/// Rows of sums: those of row `r` begin at `r * VECTORS * LANES`.
pub(super) type Block = [f32; ROWS * VECTORS * MAX_LANES];

impl<'a> Sums<'a> {
    pub(super) fn new(weights: &'a [f32], offsets: &'a [usize], values: &'a [f32]) -> Self {
        let furthest = offsets.iter().copied().max().unwrap_or(0);
        Self { weights, offsets, values, furthest }
    }

    /// The sums of rows from `first` on, `count` of them, for the places from `place` on.
    ///
    /// # Panics
    /// If a row is missing, or values do not reach from the largest offset over all places.
    #[inline(always)]
    pub(super) fn compute<S: Simd>(
        &self,
        s: S,
        first: usize,
        count: usize,
        place: usize,
        block: &mut Block,
    ) {
        let depth = self.offsets.len();
        assert!(count > 0 && (first + count) * depth <= self.weights.len(), "rows of weights");
        let behind = self.values.len().checked_sub(self.furthest);
        let behind = behind.and_then(|behind| behind.checked_sub(VECTORS * S::LANES));
        let enough = behind.is_some_and(|behind| place <= behind);
        assert!(enough || depth == 0, "values behind the last place");
        // Rows that complete a group repeat the last one.
        let row = |row: usize| (first + row.min(count - 1)) * depth;
        let starts: [usize; ROWS] = std::array::from_fn(row);
        // SAFETY: rows, offsets and values were just checked; the block has room for all rows.
        unsafe {
            match (S::ROWS, count) {
                (_, 1) => self.registers::<S, 1>(s, &starts[..1], place, block),
                (8, 5..) => self.registers::<S, 8>(s, &starts, place, block),
                (_, 2..=4) => self.registers::<S, 4>(s, &starts[..4], place, block),
                _ => {
                    self.registers::<S, 4>(s, &starts[..4], place, block);
                    let (_, second) = block.split_at_mut(4 * VECTORS * S::LANES);
                    self.registers::<S, 4>(s, &starts[4..], place, second);
                }
            }
        }
    }

    /// # Safety
    /// `starts` are `R` places in the weights with as many numbers behind them as there are offsets;
    /// values reach from each offset over `VECTORS * LANES` places from `place` on; the block has room
    /// for `R` rows.
    #[inline(always)]
    unsafe fn registers<S: Simd, const R: usize>(
        &self,
        s: S,
        starts: &[usize],
        place: usize,
        block: &mut [f32],
    ) {
        let mut sums = [[s.splat(0.0); VECTORS]; R];
        let values = self.values.as_ptr().wrapping_add(place);
        let mut rows = [self.weights.as_ptr(); R];
        for (row, &start) in rows.iter_mut().zip(starts) {
            *row = row.wrapping_add(start);
        }
        for (index, &offset) in self.offsets.iter().enumerate() {
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
        for (row, sums) in sums.into_iter().enumerate() {
            for (vector, sum) in sums.into_iter().enumerate() {
                let start = (row * VECTORS + vector) * S::LANES;
                // SAFETY: the slice has a vector.
                unsafe { s.store(block[start..start + S::LANES].as_mut_ptr(), sum) };
            }
        }
    }
}
