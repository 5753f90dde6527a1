//! Computes inner products of the columns of large matrices, in parallel. The results are the same
//! for any number of threads.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use nalgebra::DMatrix;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Columns of each factor in one task; it must not depend on the number of threads.
const BLOCK: usize = 48;
/// Rows summed at a time, so that both blocks stay in the cache of a core.
const DEPTH: usize = 512;
/// Inner products summed at once: as many as the registers hold.
const ROWS: usize = 4;
const COLUMNS: usize = 3;

/// The inner products `aᵀ b` of all columns.
pub(super) fn inner_products(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let tasks = tasks(a.ncols(), b.ncols(), |_, _| true);
    let mut result = DMatrix::zeros(a.ncols(), b.ncols());
    for (task, block) in computed(a, b, tasks) {
        place(&mut result, task, &block);
    }
    result
}

/// The inner products `aᵀ a`, exactly symmetric.
pub(super) fn gram(a: &DMatrix<f64>) -> DMatrix<f64> {
    let tasks = tasks(a.ncols(), a.ncols(), |row, column| row <= column);
    let mut result = DMatrix::zeros(a.ncols(), a.ncols());
    for (task, block) in computed(a, a, tasks) {
        place(&mut result, task, &block);
    }
    result.fill_lower_triangle_with_upper_triangle();
    result
}

/// The product `a b`, from the columns of the transpose of `a`.
pub(super) fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    inner_products(&a.transpose(), b)
}

/// A block of the result: its first entry and its size.
#[derive(Clone, Copy)]
struct Task {
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
}

fn tasks(rows: usize, columns: usize, wanted: impl Fn(usize, usize) -> bool) -> Vec<Task> {
    let mut tasks = Vec::new();
    for column in (0..columns).step_by(BLOCK) {
        for row in (0..rows).step_by(BLOCK).filter(|row| wanted(*row, column)) {
            let size = |start: usize, all: usize| BLOCK.min(all - start);
            tasks.push(Task { row, rows: size(row, rows), column, columns: size(column, columns) });
        }
    }
    tasks
}

fn computed(a: &DMatrix<f64>, b: &DMatrix<f64>, tasks: Vec<Task>) -> Vec<(Task, Vec<f64>)> {
    let depth = a.nrows();
    let columns = |matrix: &DMatrix<f64>, first: usize, count: usize| {
        first * matrix.nrows()..(first + count) * matrix.nrows()
    };
    tasks
        .into_par_iter()
        .map(|task| {
            let mut sums = vec![0.0; task.rows * task.columns];
            run(Block {
                a: &a.as_slice()[columns(a, task.row, task.rows)],
                b: &b.as_slice()[columns(b, task.column, task.columns)],
                depth,
                rows: task.rows,
                sums: &mut sums,
            });
            (task, sums)
        })
        .collect()
}

/// Computes a block, with AVX2 if the processor has it.
fn run(block: Block<'_>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return Simd::vectorize(simd, block);
    }
    Arch::new().dispatch(block);
}

fn place(result: &mut DMatrix<f64>, task: Task, block: &[f64]) {
    for (offset, column) in block.chunks_exact(task.rows).enumerate() {
        result.view_mut((task.row, task.column + offset), (task.rows, 1)).copy_from_slice(column);
    }
}

/// Inner products of the columns of two blocks, each column `depth` long.
struct Block<'a> {
    a: &'a [f64],
    b: &'a [f64],
    depth: usize,
    rows: usize,
    /// One column for each column of `b`.
    sums: &'a mut [f64],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, b, depth, rows, sums } = self;
        if depth == 0 {
            return;
        }
        let columns = b.len() / depth;
        for start in (0..depth).step_by(DEPTH) {
            let part = start..(start + DEPTH).min(depth);
            let range = |index: usize| index * depth + part.start..index * depth + part.end;
            for column in (0..columns).step_by(COLUMNS) {
                // At the edge the last column is repeated, and its sums are dropped.
                let right: [&[f64]; COLUMNS] =
                    std::array::from_fn(|offset| &b[range((column + offset).min(columns - 1))]);
                for row in (0..rows).step_by(ROWS) {
                    let left: [&[f64]; ROWS] =
                        std::array::from_fn(|offset| &a[range((row + offset).min(rows - 1))]);
                    let tile = tile(simd, left, right);
                    for (offset, tile_column) in tile.iter().enumerate().take(columns - column) {
                        let first = (column + offset) * rows + row;
                        let place = &mut sums[first..first + ROWS.min(rows - row)];
                        for (sum, part) in place.iter_mut().zip(tile_column) {
                            *sum += part;
                        }
                    }
                }
            }
        }
    }
}

/// The inner products of `ROWS` columns with `COLUMNS` others.
#[inline(always)]
fn tile<S: Simd>(
    simd: S,
    left: [&[f64]; ROWS],
    right: [&[f64]; COLUMNS],
) -> [[f64; ROWS]; COLUMNS] {
    let mut left_vectors: [&[S::f64s]; ROWS] = [&[]; ROWS];
    let mut right_vectors: [&[S::f64s]; COLUMNS] = [&[]; COLUMNS];
    let mut tails = [[0.0; ROWS]; COLUMNS];
    let whole = left[0].len() / S::F64_LANES * S::F64_LANES;
    for (vectors, column) in left_vectors.iter_mut().zip(left) {
        *vectors = S::as_simd_f64s(&column[..whole]).0;
    }
    for (vectors, column) in right_vectors.iter_mut().zip(right) {
        *vectors = S::as_simd_f64s(&column[..whole]).0;
    }
    let mut sums = [[simd.splat_f64s(0.0); ROWS]; COLUMNS];
    let steps = left_vectors[0].len();
    // The compiler then knows that all are equally long, and omits checks in the loop.
    let left_vectors = left_vectors.map(|vectors| &vectors[..steps]);
    let right_vectors = right_vectors.map(|vectors| &vectors[..steps]);
    for step in 0..steps {
        let mut others = [simd.splat_f64s(0.0); COLUMNS];
        for column in 0..COLUMNS {
            others[column] = right_vectors[column][step];
        }
        for row in 0..ROWS {
            let value = left_vectors[row][step];
            for column in 0..COLUMNS {
                sums[column][row] = simd.mul_add_e_f64s(value, others[column], sums[column][row]);
            }
        }
    }
    for column in 0..COLUMNS {
        for row in 0..ROWS {
            let rest = left[row][whole..].iter().zip(&right[column][whole..]);
            let rest: f64 = rest.map(|(a, b)| a * b).sum();
            tails[column][row] = simd.reduce_sum_f64s(sums[column][row]) + rest;
        }
    }
    tails
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers, so that no order of summation rounds.
    fn whole(rows: usize, columns: usize, salt: usize) -> DMatrix<f64> {
        DMatrix::from_fn(rows, columns, |row, column| {
            f64::from(u32::try_from((row * 31 + column * 17 + salt) % 23).unwrap())
        })
    }

    #[test]
    fn products_equal_their_definition_at_every_edge() {
        for (depth, rows, columns) in
            [(1, 1, 1), (7, 5, 4), (513, 49, 50), (1030, 97, 3), (130, 3, 97)]
        {
            let (a, b) = (whole(depth, rows, 1), whole(depth, columns, 5));
            assert_eq!(inner_products(&a, &b), a.transpose() * &b, "{depth} {rows} {columns}");
            assert_eq!(gram(&a), a.transpose() * &a, "{depth} {rows}");
            assert_eq!(product(&a.transpose(), &b), a.transpose() * &b);
        }
    }
}
