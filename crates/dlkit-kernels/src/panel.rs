//! Products of factors that lie in the order in which they are read.
//!
//! Both factors are streams: `[vector, depth, lane]`, where lanes of the left factor become rows and
//! lanes of the right factor become columns.

use crate::length::reach;
use crate::simd::Simd;

/// The part of a product that one call computes.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    /// Length of the sums.
    pub(crate) depth: usize,
    /// Rows wanted, at most the lanes of a vector.
    pub(crate) rows: usize,
    /// Vectors of columns.
    pub(crate) vectors: usize,
    /// Distance between vectors of the right factor.
    pub(crate) right_stride: usize,
    /// Distance between rows of the product.
    pub(crate) row_stride: usize,
    /// Adds to what is there.
    pub(crate) accumulate: bool,
}

impl Panel {
    /// `product[row, column] (+)= sum over depth of left[depth, row] * right[column / LANES, depth,
    /// column % LANES]`. Rows are computed in groups of `S::ROWS`: the product has room for whole
    /// groups.
    #[inline(always)]
    pub(crate) fn compute<S: Simd>(&self, s: S, left: &[f32], right: &[f32], product: &mut [f32]) {
        if self.vectors == 0 || self.rows == 0 {
            return;
        }
        let rows = self.rows.next_multiple_of(S::ROWS);
        let needed = self.vectors.checked_mul(S::LANES);
        let needed = needed.and_then(|width| reach(rows, self.row_stride, width));
        assert!(needed.is_some_and(|needed| needed <= product.len()), "room for the product");
        // SAFETY: the slice holds all rows, as just checked, and is borrowed.
        unsafe { self.compute_at(s, left, right, product.as_mut_ptr()) };
    }

    /// As [`Self::compute`], in memory that others may write beside the product.
    ///
    /// # Safety
    /// `product` is valid for writes, and for reads if it accumulates, of `vectors * LANES` numbers at
    /// each of `rows` places `row_stride` apart, `rows` rounded up to whole groups of `S::ROWS`. No
    /// other thread uses these numbers.
    #[inline(always)]
    pub(crate) unsafe fn compute_at<S: Simd>(
        &self,
        s: S,
        left: &[f32],
        right: &[f32],
        product: *mut f32,
    ) {
        assert!(self.rows <= S::LANES, "rows of one vector");
        assert!(self.depth <= left.len() / S::LANES, "the left factor's length");
        // SAFETY: the left factor is long enough, as just checked; the product by the caller's promise.
        unsafe { self.compute_from::<S, false>(s, left, 0, right, product) };
    }

    /// As [`Self::compute_at`] with a left factor of rows `left_stride` apart, each `depth` numbers
    /// one after another. Rows that complete a group repeat the last one.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    pub(crate) unsafe fn compute_rows_at<S: Simd>(
        &self,
        s: S,
        left: &[f32],
        left_stride: usize,
        right: &[f32],
        product: *mut f32,
    ) {
        let needed = reach(self.rows, left_stride, self.depth);
        let enough = needed.is_some_and(|needed| needed <= left.len());
        assert!(self.rows == 0 || enough, "the left factor's length");
        // SAFETY: the left factor is long enough, as just checked; the product by the caller's promise.
        unsafe { self.compute_from::<S, true>(s, left, left_stride, right, product) };
    }

    /// # Safety
    /// As the two above; the left factor has as many numbers as they check.
    #[inline(always)]
    unsafe fn compute_from<S: Simd, const BY_ROWS: bool>(
        &self,
        s: S,
        left: &[f32],
        left_stride: usize,
        right: &[f32],
        product: *mut f32,
    ) {
        if self.vectors == 0 || self.rows == 0 {
            return;
        }
        let needed = self.depth.checked_mul(S::LANES);
        let needed = needed.and_then(|length| reach(self.vectors, self.right_stride, length));
        assert!(needed.is_some_and(|needed| needed <= right.len()), "the right factor's length");
        for first in (0..self.rows).step_by(S::ROWS) {
            let halved = S::ROWS == 8 && self.rows - first <= 4;
            let mut starts = [left.as_ptr(); 8];
            for (row, start) in starts.iter_mut().enumerate() {
                let row = first + row;
                let place = if BY_ROWS { row.min(self.rows - 1) * left_stride } else { row };
                *start = start.wrapping_add(place);
            }
            let mut done = 0;
            while done < self.vectors {
                let count = match self.vectors - done {
                    1 => 1,
                    2 | 4 => 2,
                    _ => 3,
                };
                // SAFETY: `done + count <= vectors`, and `first + ROWS <= LANES` or rows repeat; the
                // factors are long enough, the product by the caller's promise.
                unsafe {
                    let right = right.as_ptr().add(done * self.right_stride);
                    let product = product.add(first * self.row_stride + done * S::LANES);
                    match (S::ROWS, halved, count) {
                        (8, false, 1) => {
                            self.registers::<S, 8, 1, BY_ROWS>(s, &starts, right, product);
                        }
                        (8, false, 2) => {
                            self.registers::<S, 8, 2, BY_ROWS>(s, &starts, right, product);
                        }
                        (8, false, _) => {
                            self.registers::<S, 8, 3, BY_ROWS>(s, &starts, right, product);
                        }
                        (_, _, 1) => {
                            self.registers::<S, 4, 1, BY_ROWS>(s, &starts, right, product);
                        }
                        (_, _, 2) => {
                            self.registers::<S, 4, 2, BY_ROWS>(s, &starts, right, product);
                        }
                        _ => self.registers::<S, 4, 3, BY_ROWS>(s, &starts, right, product),
                    }
                }
                done += count;
            }
        }
    }

    /// `R` rows and `N` vectors of columns, summed in registers.
    ///
    /// # Safety
    /// `left[0]` is valid for reads of `R` numbers at each of `depth` places `LANES` apart, or, if it is
    /// by rows, each of the first `R` for reads of `depth` numbers; the right factor for
    /// `depth * LANES` numbers at each of `N` places `right_stride` apart, the product for reads and
    /// writes of `N * LANES` numbers at each of `R` places `row_stride` apart.
    #[inline(always)]
    unsafe fn registers<S: Simd, const R: usize, const N: usize, const BY_ROWS: bool>(
        &self,
        s: S,
        left: &[*const f32; 8],
        right: *const f32,
        product: *mut f32,
    ) {
        let mut sums = [[s.splat(0.0); N]; R];
        for step in 0..self.depth {
            // SAFETY: the caller's promise for `step < depth`.
            unsafe {
                let right = right.add(step * S::LANES);
                let mut columns = [s.splat(0.0); N];
                for (vector, column) in columns.iter_mut().enumerate() {
                    *column = s.load(right.add(vector * self.right_stride));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = s.splat(if BY_ROWS {
                        *left[row].add(step)
                    } else {
                        *left[0].add(step * S::LANES + row)
                    });
                    for (sum, &column) in sums.iter_mut().zip(&columns) {
                        *sum = s.mul_add(factor, column, *sum);
                    }
                    s.fence();
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (vector, sum) in sums.into_iter().enumerate() {
                // SAFETY: the caller's promise for `row < R` and `vector < N`.
                unsafe {
                    let place = product.add(row * self.row_stride + vector * S::LANES);
                    let sum = if self.accumulate { s.add(s.load(place), sum) } else { sum };
                    s.store(place, sum);
                }
            }
        }
    }
}
