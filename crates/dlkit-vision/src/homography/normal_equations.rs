//! Squared transfer errors of pairs, and their derivatives by the nine entries of the matrix.

use nalgebra::{Matrix3, SMatrix, SVector};

use super::config::Refinement;
use super::loss::{Loss, Weighted, biweight, squared};
use super::matrix::adjugate;
use super::normalized::NormalizedPairs;
use super::point::{Correspondence, Point};

/// J^T J, J^T r and r^T r of the residuals r at one matrix.
#[derive(Clone, Debug)]
pub(super) struct NormalEquations {
    pub(super) curvature: SMatrix<f64, 9, 9>,
    pub(super) gradient: SVector<f64, 9>,
    pub(super) cost: f64,
}

impl NormalEquations {
    /// The equations at a matrix in normalized coordinates. The cost is in squared normalized
    /// target units, or in squared pixels for errors at the sources too.
    pub(super) fn at(
        matrix: &Matrix3<f64>,
        data: &NormalizedPairs,
        error: Refinement,
        loss: Loss,
    ) -> Self {
        match loss {
            Loss::Squared => Self::weighted(matrix, data, error, |square, _| squared(square)),
            Loss::Biweight { cutoff } => Self::weighted(matrix, data, error, |square, scale| {
                biweight(square, (cutoff * scale).powi(2))
            }),
        }
    }

    /// `loss` takes a squared residual in normalized units, and their scale.
    fn weighted(
        matrix: &Matrix3<f64>,
        data: &NormalizedPairs,
        error: Refinement,
        loss: impl Fn(f64, f64) -> Weighted,
    ) -> Self {
        let scale = data.target.scale;
        let mut equations = if error == Refinement::Backward {
            Self::zero()
        } else {
            forward(matrix, data, |square| loss(square, scale))
        };
        if matches!(error, Refinement::Symmetric | Refinement::Backward) {
            equations.scale(scale.powi(-2));
            let scale = data.source.scale;
            equations.add_backward(matrix, data, |square| loss(square, scale));
        }
        equations
    }

    fn zero() -> Self {
        Self { curvature: SMatrix::zeros(), gradient: SVector::zeros(), cost: 0.0 }
    }

    fn scale(&mut self, factor: f64) {
        self.curvature *= factor;
        self.gradient *= factor;
        self.cost *= factor;
    }

    /// Adds the residuals H^-1 p' - p, in pixels.
    ///
    /// With G = H^-1 and (X, Y, Z) = G p', dG = -G dH G gives d(X, Y, Z) = -G dH (X, Y, Z).
    fn add_backward(
        &mut self,
        matrix: &Matrix3<f64>,
        data: &NormalizedPairs,
        loss: impl Fn(f64) -> Weighted,
    ) {
        let inverse = adjugate(matrix);
        // The adjugate is det(H) times the inverse.
        let determinant = matrix.determinant();
        let squared_pixels = data.source.scale.powi(-2);
        for (Correspondence { source, target }, times) in data.pairs.iter().zip(&data.weights) {
            let mapped = inverse * target.homogeneous();
            let (x, y) = (mapped.x / mapped.z, mapped.y / mapped.z);
            let by_mapped =
                [[1.0 / mapped.z, 0.0, -x / mapped.z], [0.0, 1.0 / mapped.z, -y / mapped.z]];
            let residuals = [x - source.x, y - source.y];
            let (weight, cost) = loss(residuals[0].powi(2) + residuals[1].powi(2));
            let (weight, cost) = (times * weight, times * cost);
            let weight = weight * squared_pixels;
            self.cost += cost * squared_pixels;
            for (row, residual) in by_mapped.into_iter().zip(residuals) {
                let row = nalgebra::RowVector3::from(row) * inverse;
                let jacobian = SVector::<f64, 9>::from_fn(|index, _| {
                    -row[index / 3] * mapped[index % 3] / determinant
                });
                self.curvature += jacobian * jacobian.transpose() * weight;
                self.gradient += jacobian * residual * weight;
            }
        }
    }
}

/// Sums over the pairs of products of (x, y, 1) / w with itself: xx, xy, x, yy, y, 1.
type Products = [f64; 6];

/// The residuals H p - p', in normalized target units.
///
/// With s = (x, y, 1) / w and (u, v) the mapped point, the rows of J are (s, 0, -u s) and
/// (0, s, -v s), so J^T J has only four different 3x3 blocks.
fn forward(
    matrix: &Matrix3<f64>,
    data: &NormalizedPairs,
    loss: impl Fn(f64) -> Weighted,
) -> NormalEquations {
    let [h11, h21, h31, h12, h22, h32, h13, h23, h33] =
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|i| matrix[i]);
    let mut blocks = [[0.0; 6]; 4];
    let mut gradient = [[0.0; 3]; 3];
    let mut cost = 0.0;
    for (pair, times) in data.pairs.iter().zip(&data.weights) {
        let Correspondence { source: Point { x, y }, target } = pair;
        let depth = 1.0 / (h31 * x + h32 * y + h33);
        let u = (h11 * x + h12 * y + h13) * depth;
        let v = (h21 * x + h22 * y + h23) * depth;
        let s = [x * depth, y * depth, depth];
        let products =
            [s[0] * s[0], s[0] * s[1], s[0] * s[2], s[1] * s[1], s[1] * s[2], s[2] * s[2]];
        let (ru, rv) = (u - target.x, v - target.y);
        let (weight, pair_cost) = loss(ru * ru + rv * rv);
        let (weight, pair_cost) = (times * weight, times * pair_cost);
        let factors = [weight, weight * u, weight * v, weight * (u * u + v * v)];
        for (block, factor) in blocks.iter_mut().zip(factors) {
            for (sum, product) in block.iter_mut().zip(products) {
                *sum += factor * product;
            }
        }
        let (ru, rv) = (weight * ru, weight * rv);
        for (sums, factor) in gradient.iter_mut().zip([ru, rv, -(u * ru + v * rv)]) {
            for (sum, entry) in sums.iter_mut().zip(s) {
                *sum += factor * entry;
            }
        }
        cost += pair_cost;
    }
    let [plain, by_u, by_v, by_both] = blocks.map(symmetric);
    let mut curvature = SMatrix::<f64, 9, 9>::zeros();
    for (row, column, block) in [
        (0, 0, plain),
        (3, 3, plain),
        (0, 6, -by_u),
        (6, 0, -by_u),
        (3, 6, -by_v),
        (6, 3, -by_v),
        (6, 6, by_both),
    ] {
        curvature.fixed_view_mut::<3, 3>(row, column).copy_from(&block);
    }
    let gradient = SVector::<f64, 9>::from_fn(|index, _| gradient[index / 3][index % 3]);
    NormalEquations { curvature, gradient, cost }
}

fn symmetric([xx, xy, x, yy, y, one]: Products) -> Matrix3<f64> {
    Matrix3::new(xx, xy, x, xy, yy, y, x, y, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Derivatives against differences of the cost.
    #[test]
    fn the_gradient_is_that_of_the_cost() {
        let pairs: Vec<_> = [
            [10.0, 20.0, 31.0, 42.0],
            [200.0, 15.0, 220.0, 30.0],
            [190.0, 170.0, 200.0, 210.0],
            [5.0, 180.0, 20.0, 190.0],
            [90.0, 100.0, 115.0, 117.0],
        ]
        .map(|[x, y, u, v]| Correspondence::new(x, y, u, v))
        .to_vec();
        let data = NormalizedPairs::of(&pairs);
        let matrix = Matrix3::new(1.0, 0.1, 0.05, -0.1, 0.9, 0.02, 0.05, -0.04, 1.0);
        let errors = [Refinement::Forward, Refinement::Symmetric, Refinement::Backward];
        let losses = [Loss::Squared, Loss::Biweight { cutoff: 60.0 }];
        for (error, loss) in errors.into_iter().flat_map(|error| losses.map(|loss| (error, loss))) {
            let equations = NormalEquations::at(&matrix, &data, error, loss);
            for index in 0..9 {
                let step = 1e-6;
                let cost = |sign: f64| {
                    let mut moved = matrix;
                    moved[(index / 3, index % 3)] += sign * step;
                    NormalEquations::at(&moved, &data, error, loss).cost
                };
                let slope = (cost(1.0) - cost(-1.0)) / (2.0 * step);
                let expected = 2.0 * equations.gradient[index];
                let scale = expected.abs().max(equations.gradient.norm());
                assert!((slope - expected).abs() < 1e-6 * scale, "{error:?} {loss:?} {index}");
            }
        }
    }
}
