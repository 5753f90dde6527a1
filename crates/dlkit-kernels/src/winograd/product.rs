//! Products of transformed values, one for each point.
//!
//! Both factors are stored as streams: `[vector, point, depth, lane]`, where lanes of the left factor
//! become rows and lanes of the right factor become columns. A streamed factor is read in order.

use crate::simd::Simd;

/// The part of a product that one call computes.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// Length of the sums.
    pub(super) depth: usize,
    /// Rows wanted, at most the lanes of a vector.
    pub(super) rows: usize,
    /// Vectors of columns.
    pub(super) vectors: usize,
    /// Distance between vectors of the right factor.
    pub(super) right_stride: usize,
    /// Distance between rows of the product.
    pub(super) row_stride: usize,
    /// Adds to what is there.
    pub(super) accumulate: bool,
}

impl Panel {
    /// `product[row, column] (+)= sum over depth of left[depth, row] * right[column / LANES, depth,
    /// column % LANES]`. Rows are computed in groups of `S::ROWS`: the product has room for whole
    /// groups.
    #[inline(always)]
    pub(super) fn compute<S: Simd>(&self, s: S, left: &[f32], right: &[f32], product: &mut [f32]) {
        if self.vectors == 0 || self.rows == 0 {
            return;
        }
        let groups = self.rows.div_ceil(S::ROWS);
        assert!(self.rows <= S::LANES);
        assert!(self.depth * S::LANES <= left.len());
        assert!((self.vectors - 1) * self.right_stride + self.depth * S::LANES <= right.len());
        assert!(
            (groups * S::ROWS - 1) * self.row_stride + self.vectors * S::LANES <= product.len()
        );
        for group in 0..groups {
            let mut done = 0;
            while done < self.vectors {
                let count = match self.vectors - done {
                    1 => 1,
                    2 | 4 => 2,
                    _ => 3,
                };
                let first = group * S::ROWS;
                // SAFETY: `first + ROWS <= LANES`, `done + count <= vectors`, and the assertions
                // above hold for all rows and vectors.
                unsafe {
                    let left = left.as_ptr().add(first);
                    let right = right.as_ptr().add(done * self.right_stride);
                    let product =
                        product.as_mut_ptr().add(first * self.row_stride + done * S::LANES);
                    match (S::ROWS, count) {
                        (8, 1) => self.registers::<S, 8, 1>(s, left, right, product),
                        (8, 2) => self.registers::<S, 8, 2>(s, left, right, product),
                        (8, _) => self.registers::<S, 8, 3>(s, left, right, product),
                        (_, 1) => self.registers::<S, 4, 1>(s, left, right, product),
                        (_, 2) => self.registers::<S, 4, 2>(s, left, right, product),
                        _ => self.registers::<S, 4, 3>(s, left, right, product),
                    }
                }
                done += count;
            }
        }
    }

    /// `R` rows and `N` vectors of columns, summed in registers.
    ///
    /// # Safety
    /// The left factor is valid for reads of `R` numbers at each of `depth` places `LANES` apart,
    /// the right one of `depth * LANES` numbers at each of `N` places `right_stride` apart, the
    /// product for reads and writes of `N * LANES` numbers at each of `R` places `row_stride` apart.
    #[inline(always)]
    unsafe fn registers<S: Simd, const R: usize, const N: usize>(
        &self,
        s: S,
        left: *const f32,
        right: *const f32,
        product: *mut f32,
    ) {
        let mut sums = [[s.splat(0.0); N]; R];
        for step in 0..self.depth {
            // SAFETY: the caller's promise for `step < depth`.
            unsafe {
                let left = left.add(step * S::LANES);
                let right = right.add(step * S::LANES);
                let mut columns = [s.splat(0.0); N];
                for (vector, column) in columns.iter_mut().enumerate() {
                    *column = s.load(right.add(vector * self.right_stride));
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = s.splat(*left.add(row));
                    for (sum, &column) in sums.iter_mut().zip(&columns) {
                        *sum = s.mul_add(factor, column, *sum);
                    }
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
