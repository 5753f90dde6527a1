//! Products of large matrices, in parallel and the same for any number of threads.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// Columns that one piece of work computes: the cut must not depend on the number of threads.
const BLOCK: usize = 64;

/// The product `a b`.
pub(super) fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let mut result = DMatrix::zeros(a.nrows(), b.ncols());
    let rows = a.nrows().max(1);
    result.as_mut_slice().par_chunks_mut(rows * BLOCK).enumerate().for_each(|(index, chunk)| {
        let columns = chunk.len() / rows;
        let mut part = DMatrix::zeros(a.nrows(), columns);
        part.gemm(1.0, a, &b.columns(index * BLOCK, columns), 0.0);
        chunk.copy_from_slice(part.as_slice());
    });
    result
}

/// The symmetric product `aᵀ a`: inner products of the columns.
pub(super) fn gram(a: &DMatrix<f64>) -> DMatrix<f64> {
    let count = a.ncols();
    let transposed = a.transpose();
    let starts: Vec<usize> = (0..count).step_by(BLOCK).collect();
    let pairs: Vec<(usize, usize)> = starts
        .iter()
        .flat_map(|first| starts.iter().map(move |second| (*first, *second)))
        .filter(|(first, second)| first <= second)
        .collect();
    let size = |start: usize| BLOCK.min(count - start);
    let blocks: Vec<DMatrix<f64>> = pairs
        .par_iter()
        .map(|&(first, second)| {
            let mut block = DMatrix::zeros(size(first), size(second));
            let (left, right) =
                (transposed.rows(first, size(first)), a.columns(second, size(second)));
            block.gemm(1.0, &left, &right, 0.0);
            block
        })
        .collect();
    let mut result = DMatrix::zeros(count, count);
    for ((first, second), block) in pairs.into_iter().zip(blocks) {
        result.view_mut((first, second), block.shape()).copy_from(&block);
        if first != second {
            let (rows, columns) = block.shape();
            result.view_mut((second, first), (columns, rows)).copy_from(&block.transpose());
        }
    }
    // Rounding may leave the blocks on the diagonal a last bit from symmetric.
    result.fill_lower_triangle_with_upper_triangle();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_equal_their_definition_beyond_a_block() {
        let a = DMatrix::from_fn(7, 130, |row, column| ((row * 31 + column * 17) % 23) as f64);
        let b = DMatrix::from_fn(130, 70, |row, column| ((row * 5 + column * 13) % 19) as f64);
        assert_eq!(product(&a, &b), &a * &b);
        assert_eq!(gram(&a), a.transpose() * &a);
    }
}
