//! The product of two matrices.

use rayon::prelude::*;

use super::Ending;
use super::factor::Factor;
use crate::buffers::Buffer;
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::panel::Panel;
use crate::simd::{Kernel, MAX_LANES, Program, Simd};

/// Vectors of columns that are computed together.
const VECTORS: usize = 3;
/// Length of the sums whose right factor is held in the cache at once. Miri is to see several.
const DEPTH: usize = if cfg!(miri) { 8 } else { 1024 };
/// Products of numbers that are worth a second thread. Miri is to see one.
const PARALLEL: usize = if cfg!(miri) { 1 << 10 } else { 1 << 17 };
/// Tasks for each thread, so that threads end at about the same time.
const TASKS: usize = 6;

/// A product to be computed: `[rows.lanes, columns.lanes]`.
#[derive(Clone, Copy)]
pub(super) struct Product<'a> {
    pub(super) rows: Factor<'a>,
    pub(super) columns: Factor<'a>,
    pub(super) ending: Ending<'a>,
}

impl Program for Product<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let (rows, columns, depth) = (self.rows.lanes, self.columns.lanes, self.rows.depth);
        if depth == 0 {
            return self.empty();
        }
        let groups = rows.div_ceil(S::LANES);
        let panels = columns.div_ceil(VECTORS * S::LANES);
        let threads = rayon::current_num_threads();
        let parallel = threads > 1 && rows * columns * depth >= PARALLEL;
        // Each block of rows orders the columns for itself, so there are no more than it takes.
        let wanted = (threads * TASKS).div_ceil(panels.max(1));
        let blocks = if parallel { wanted.min(groups.div_ceil(4)) } else { 1 };
        // Rows that lie one after another are read as they are.
        let streams = if self.rows.transposed { 0 } else { depth * S::LANES };
        let mut left = Buffer::take(groups * streams);
        let mut output = Fresh::new(length([rows, columns]));
        let target = output.target();
        let order = |(vector, stream): (usize, &mut [f32])| {
            s.run(Order { factor: self.rows, vector, stream });
        };
        if parallel {
            left.par_chunks_mut(streams.max(1)).enumerate().for_each(order);
        } else {
            left.chunks_mut(streams.max(1)).enumerate().for_each(order);
        }
        let compute = |task: usize| {
            let (panel, block) = (task % panels, task / panels);
            let groups = [block * groups / blocks, (block + 1) * groups / blocks];
            s.run(Block { product: self, left: &left, panel, groups, target });
        };
        if parallel {
            (0..panels * blocks).into_par_iter().for_each(compute);
        } else {
            (0..panels * blocks).for_each(compute);
        }
        // SAFETY: blocks and panels cover all rows and columns.
        unsafe { output.finish() }
    }
}

impl Product<'_> {
    /// Sums of nothing.
    fn empty(self) -> Vec<f32> {
        let columns = self.columns.lanes;
        (0..length([self.rows.lanes, columns]))
            .map(|index| self.ending.bias.map_or(0.0, |bias| bias[index % columns]))
            .map(|value| if self.ending.rectified && value < 0.0 { 0.0 } else { value })
            .collect()
    }
}

/// Puts a vector of rows into order.
struct Order<'a> {
    factor: Factor<'a>,
    vector: usize,
    stream: &'a mut [f32],
}

impl Kernel for Order<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        self.factor.pack(s, [self.vector, 1], 0..self.factor.depth, 0, self.stream);
    }
}

/// Some groups of rows by a panel of columns.
struct Block<'a> {
    product: Product<'a>,
    left: &'a [f32],
    panel: usize,
    /// The first group of rows, and that after the last.
    groups: [usize; 2],
    target: Target,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Product { rows: left, columns: right, ending } = self.product;
        let (rows, columns, depth) = (left.lanes, right.lanes, left.depth);
        let first_column = self.panel * VECTORS * S::LANES;
        let width = (VECTORS * S::LANES).min(columns - first_column);
        let vectors = width.div_ceil(S::LANES);
        let stream = DEPTH.min(depth) * S::LANES;
        let mut ordered = Buffer::take(vectors * stream);
        for start in (0..depth).step_by(DEPTH) {
            let end = (start + DEPTH).min(depth);
            let place = [self.panel * VECTORS, vectors];
            right.pack(s, place, start..end, stream, &mut ordered);
            for group in self.groups[0]..self.groups[1] {
                let first_row = group * S::LANES;
                let height = S::LANES.min(rows - first_row);
                let panel = Panel {
                    depth: end - start,
                    rows: height,
                    vectors,
                    right_stride: stream,
                    row_stride: columns,
                    accumulate: start > 0,
                };
                let left = if left.transposed {
                    Left::Rows {
                        numbers: &left.numbers[first_row * depth + start..],
                        stride: depth,
                    }
                } else {
                    Left::Stream(&self.left[(group * depth + start) * S::LANES..])
                };
                let place = first_row * columns + first_column;
                let whole = width == vectors * S::LANES && height.is_multiple_of(S::ROWS);
                let ending = (end == depth).then_some(ending);
                // SAFETY: these rows and columns are this block's own; whole rows and vectors lie
                // inside the product.
                unsafe {
                    let target = self.target.at(place, (height - 1) * columns + width);
                    if whole {
                        panel.compute_left(s, left, &ordered, target);
                    } else {
                        panel.compute_edge(s, left, &ordered, target, width);
                    }
                    if let Some(ending) = ending {
                        for row in 0..height {
                            let numbers = target.add(row * columns);
                            let numbers = std::slice::from_raw_parts_mut(numbers, width);
                            finish(numbers, first_column, ending);
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn finish(numbers: &mut [f32], first: usize, ending: Ending<'_>) {
    if let Some(bias) = ending.bias {
        for (number, bias) in numbers.iter_mut().zip(&bias[first..]) {
            *number += bias;
        }
    }
    if ending.rectified {
        for number in numbers {
            // Undefined numbers stay.
            *number = if *number <= 0.0 { 0.0 } else { *number };
        }
    }
}

/// The left factor of a panel.
#[derive(Clone, Copy)]
enum Left<'a> {
    /// `[depth, lane]`.
    Stream(&'a [f32]),
    /// Rows `stride` apart.
    Rows { numbers: &'a [f32], stride: usize },
}

impl Panel {
    /// As [`Panel::compute_at`] for both kinds of factors.
    ///
    /// # Safety
    /// As there.
    #[inline(always)]
    unsafe fn compute_left<S: Simd>(&self, s: S, left: Left<'_>, right: &[f32], product: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe {
            match left {
                Left::Stream(left) => self.compute_at(s, left, right, product),
                Left::Rows { numbers, stride } => {
                    self.compute_rows_at(s, numbers, stride, right, product);
                }
            }
        }
    }

    /// As [`Panel::compute_at`] for a product that ends within a vector or a group of rows.
    ///
    /// # Safety
    /// `product` is valid for reads and writes of `width` numbers at each of `rows` places
    /// `row_stride` apart, which no other thread uses.
    #[inline(always)]
    unsafe fn compute_edge<S: Simd>(
        &self,
        s: S,
        left: Left<'_>,
        right: &[f32],
        product: *mut f32,
        width: usize,
    ) {
        let mut numbers = [0.0; MAX_LANES * VECTORS * MAX_LANES];
        let row_stride = self.vectors * S::LANES;
        let whole = Self { row_stride, accumulate: false, ..*self };
        // SAFETY: the array has room for a vector of rows.
        unsafe { whole.compute_left(s, left, right, numbers.as_mut_ptr()) };
        for (row, numbers) in numbers.chunks_exact(row_stride).take(self.rows).enumerate() {
            for (column, &number) in numbers[..width].iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe {
                    let place = product.add(row * self.row_stride + column);
                    *place = if self.accumulate { *place + number } else { number };
                }
            }
        }
    }
}
