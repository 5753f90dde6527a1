//! The direct linear transformation.

use nalgebra::{DMatrix, Matrix3, SMatrix};

use super::point::Correspondence;

/// The solution of the linear equations.
#[derive(Clone, Debug)]
pub(super) struct LinearSolution {
    /// The matrix, with unit Frobenius norm, in the coordinates of the pairs.
    pub(super) matrix: Matrix3<f64>,
    /// Largest over second smallest singular value: how well the pairs determine the matrix. It is
    /// 5 to 50 for points spread over a picture, and infinite if they do not determine it.
    pub(super) condition: f64,
}

/// Pairs in one orthogonal reduction.
const BLOCK: usize = 64;

/// Solves the 2n x 9 equations H p x p' = 0 in the least-squares sense under ||h|| = 1: the right
/// singular vector of the smallest singular value. h33 may be 0.
///
/// The pairs must be normalized; each counts as often as its weight says. Orthogonal transformations first reduce the rows to a 9x9
/// triangle, block by block, which keeps singular values and right singular vectors.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, algorithm 4.2 and equation 4.3; Chan,
/// "An improved algorithm for computing the singular value decomposition", 1982.
pub(super) fn solve(pairs: &[Correspondence], weights: &[f64]) -> LinearSolution {
    let decomposition = triangle(pairs, weights).svd(false, true);
    let values = decomposition.singular_values;
    let condition = values[0] / values[7];
    let matrix = decomposition.v_t.map_or_else(Matrix3::zeros, |vectors| {
        Matrix3::from_fn(|row, column| vectors[(8, 3 * row + column)])
    });
    LinearSolution { matrix, condition }
}

/// The condition of the equations only, from their normal matrix: exact to half the digits of
/// double precision, and much faster.
pub(super) fn condition(pairs: &[Correspondence]) -> f64 {
    let mut normal = SMatrix::<f64, 9, 9>::zeros();
    for row in pairs.iter().flat_map(equations) {
        for (index, left) in row.iter().enumerate() {
            for (other, right) in row.iter().enumerate().take(index + 1) {
                normal[(index, other)] += left * right;
            }
        }
    }
    normal.fill_upper_triangle_with_lower_triangle();
    let mut values = normal.symmetric_eigenvalues();
    values.as_mut_slice().sort_by(f64::total_cmp);
    (values[8] / values[1].max(0.0)).sqrt()
}

/// The 9x9 triangle with the singular values and right singular vectors of the equations.
fn triangle(pairs: &[Correspondence], weights: &[f64]) -> SMatrix<f64, 9, 9> {
    let mut triangle = DMatrix::<f64>::zeros(9, 9);
    for (block, weights) in pairs.chunks(BLOCK).zip(weights.chunks(BLOCK)) {
        let mut stacked = DMatrix::<f64>::zeros(9 + 2 * block.len(), 9);
        stacked.rows_mut(0, 9).copy_from(&triangle);
        for (index, (pair, weight)) in block.iter().zip(weights).enumerate() {
            let factor = weight.sqrt();
            for (offset, row) in equations(pair).iter().enumerate() {
                for (column, entry) in row.iter().enumerate() {
                    stacked[(9 + 2 * index + offset, column)] = factor * entry;
                }
            }
        }
        triangle = stacked.qr().r();
    }
    SMatrix::from_fn(|row, column| triangle[(row, column)])
}

/// The two independent rows of H p x p' = 0.
fn equations(pair: &Correspondence) -> [[f64; 9]; 2] {
    let Correspondence { source: p, target: q } = pair;
    [
        [0.0, 0.0, 0.0, -p.x, -p.y, -1.0, q.y * p.x, q.y * p.y, q.y],
        [p.x, p.y, 1.0, 0.0, 0.0, 0.0, -q.x * p.x, -q.x * p.y, -q.x],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_exact_pairs_of_any_number() {
        let truth: Matrix3<f64> = Matrix3::new(1.0, 0.2, -0.1, -0.3, 0.8, 0.4, 0.1, -0.2, 0.7);
        let truth: Matrix3<f64> = truth / truth.norm();
        for count in [4_u32, 5, 64, 200] {
            let pairs: Vec<_> = (0..count)
                .map(|index| {
                    let angle = f64::from(index) * 2.4;
                    let (x, y) = (angle.cos() * (0.3 + angle / 500.0), angle.sin());
                    let mapped: nalgebra::Vector3<f64> = truth * nalgebra::Vector3::new(x, y, 1.0);
                    Correspondence::new(x, y, mapped.x / mapped.z, mapped.y / mapped.z)
                })
                .collect();
            let LinearSolution { matrix, condition } = solve(&pairs, &vec![1.0; pairs.len()]);
            let sign = matrix.dot(&truth).signum();
            assert!((matrix * sign - truth).norm() < 1e-12, "{count}: {matrix}");
            assert!(condition < 100.0, "{count}: {condition}");
        }
    }
}
