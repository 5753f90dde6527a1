//! Least squares on transfer errors by the method of Levenberg and Marquardt.

use nalgebra::{Matrix3, SMatrix, SVector};

use super::config::Refinement;
use super::loss::Loss;
use super::normal_equations::NormalEquations;
use super::normalized::NormalizedPairs;

/// A step that lowers the cost by a smaller share is the last step.
const CONVERGED: f64 = 1e-12;

/// Above this damping, steps are too small to matter.
const DAMPING_LIMIT: f64 = 1e12;

/// Lowers the sum of the losses of transfer errors from a start matrix in normalized coordinates, in at
/// most `steps` steps. Returns a matrix of unit norm that is at least as good as the start.
///
/// The nine entries move on the unit sphere, along a basis of its tangent space. So the scale of
/// the matrix is fixed, and every entry may be 0.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, 4.2 (the errors), A6.2 (the method),
/// A6.9.3 (homogeneous vectors).
pub(super) fn refine(
    start: &Matrix3<f64>,
    data: &NormalizedPairs,
    error: Refinement,
    loss: Loss,
    steps: usize,
) -> Matrix3<f64> {
    let mut matrix = start / start.norm();
    if error == Refinement::None {
        return matrix;
    }
    let mut equations = NormalEquations::at(&matrix, data, error, loss);
    let mut damping = 1e-4;
    for _ in 0..steps {
        let Some(moved) = step(&matrix, &equations, damping) else {
            damping *= 10.0;
            if damping > DAMPING_LIMIT {
                break;
            }
            continue;
        };
        let next = NormalEquations::at(&moved, data, error, loss);
        // NaN is not an improvement.
        if next.cost < equations.cost {
            let done = equations.cost - next.cost <= CONVERGED * equations.cost;
            (matrix, equations) = (moved, next);
            damping *= 0.1;
            if done {
                break;
            }
        } else {
            if next.cost - equations.cost <= CONVERGED * equations.cost {
                break;
            }
            damping *= 10.0;
            if damping > DAMPING_LIMIT {
                break;
            }
        }
    }
    matrix
}

/// The matrix after one damped step; none if the equations cannot be solved.
fn step(matrix: &Matrix3<f64>, equations: &NormalEquations, damping: f64) -> Option<Matrix3<f64>> {
    let entries = SVector::<f64, 9>::from_fn(|index, _| matrix[(index / 3, index % 3)]);
    let tangent = tangent_basis(&entries);
    let mut curvature = tangent.transpose() * equations.curvature * tangent;
    for index in 0..8 {
        curvature[(index, index)] *= 1.0 + damping;
    }
    let gradient = tangent.transpose() * equations.gradient;
    let moved = entries - tangent * curvature.cholesky()?.solve(&gradient);
    let norm = moved.norm();
    (norm.is_finite() && norm > 0.0)
        .then(|| Matrix3::from_fn(|row, column| moved[3 * row + column] / norm))
}

/// Eight orthonormal vectors orthogonal to a unit vector: all columns but one of the Householder
/// reflection that maps an axis to it.
fn tangent_basis(unit: &SVector<f64, 9>) -> SMatrix<f64, 9, 8> {
    let axis = unit.iamax();
    let mut normal = *unit;
    normal[axis] += unit[axis].signum();
    let factor = 2.0 / normal.norm_squared();
    SMatrix::from_fn(|row, column| {
        let column = if column < axis { column } else { column + 1 };
        let identity = if row == column { 1.0 } else { 0.0 };
        identity - factor * normal[row] * normal[column]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tangent_basis_is_orthonormal_and_orthogonal() {
        let unit =
            SVector::<f64, 9>::from_fn(|index, _| [0.3, -0.2, 0.9, 0.1][index % 4]).normalize();
        let basis = tangent_basis(&unit);
        assert!((basis.transpose() * basis - SMatrix::<f64, 8, 8>::identity()).norm() < 1e-14);
        assert!((basis.transpose() * unit).norm() < 1e-14);
    }
}
