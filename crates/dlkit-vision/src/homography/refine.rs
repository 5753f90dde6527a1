//! Least squares on transfer errors by the method of Levenberg and Marquardt.

use nalgebra::Matrix3;

use super::config::Refinement;
use super::loss::Loss;
use super::model::Model;
use super::normal_equations::NormalEquations;
use super::normalized::NormalizedPairs;

/// A step that lowers the cost by a smaller share is the last step.
const CONVERGED: f64 = 1e-12;

/// Above this damping, steps are too small to matter.
const DAMPING_LIMIT: f64 = 1e12;

/// Lowers the sum of the losses of transfer errors from a start matrix in normalized coordinates, in at
/// most `steps` steps. Returns a matrix of the model that is at least as good as the start, which
/// must belong to the model.
///
/// The nine entries of a homography move on the unit sphere, along a basis of its tangent space. So
/// the scale of the matrix is fixed, and every entry may be 0. Those of other models move in as many
/// directions as they have unknowns.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, 4.2 (the errors), A6.2 (the method),
/// A6.9.3 (homogeneous vectors).
pub(super) fn refine(
    model: Model,
    start: &Matrix3<f64>,
    data: &NormalizedPairs,
    error: Refinement,
    loss: Loss,
    steps: usize,
) -> Matrix3<f64> {
    let mut matrix = model.scaled(start);
    if error == Refinement::None {
        return matrix;
    }
    let mut equations = NormalEquations::at(&matrix, data, error, loss);
    let mut damping = 1e-4;
    for _ in 0..steps {
        let Some(moved) = step(model, &matrix, &equations, damping) else {
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
fn step(
    model: Model,
    matrix: &Matrix3<f64>,
    equations: &NormalEquations,
    damping: f64,
) -> Option<Matrix3<f64>> {
    let tangent = model.tangent(matrix);
    let mut curvature = tangent.transpose() * equations.curvature * tangent;
    for index in 0..model.unknowns() {
        curvature[(index, index)] *= 1.0 + damping;
    }
    for index in model.unknowns()..8 {
        curvature[(index, index)] = 1.0;
    }
    let gradient = tangent.transpose() * equations.gradient;
    model.moved(matrix, &tangent, &-curvature.cholesky()?.solve(&gradient))
}
