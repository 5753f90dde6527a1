//! The linear solution of each model.

use nalgebra::{Matrix2, Matrix3};

use super::dlt;
use super::model::Model;
use super::normalized::NormalizedPairs;
use super::point::{Correspondence, Point};

/// The solution of the linear equations of a model.
#[derive(Clone, Debug)]
pub(super) struct LinearSolution {
    /// The matrix, in normalized coordinates.
    pub(super) matrix: Matrix3<f64>,
    /// How well the pairs determine it: the factor by which rounding grows.
    pub(super) condition: f64,
}

/// Below this share of their mean squared distance from the middle, points are on a line.
const FLAT: f64 = 1e-16;

/// Solves the equations of a model; none if they have no unique solution.
///
/// Homographies solve homogeneous equations, whose error is algebraic. All others minimize the
/// forward error.
///
/// # References
/// Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
/// 1991 (similarities and rigid motions).
pub(super) fn solve(model: Model, data: &NormalizedPairs) -> Option<LinearSolution> {
    if model == Model::Homography {
        let dlt::LinearSolution { matrix, condition } = dlt::solve(&data.pairs, &data.weights);
        return Some(LinearSolution { matrix, condition });
    }
    let moments = Moments::of(&data.pairs, &data.weights);
    let ratio = data.target.scale / data.source.scale;
    let ([[a, b], [c, d]], condition) = moments.turn(model, ratio)?;
    let Moments { source, target, .. } = moments;
    let matrix = Matrix3::new(
        a,
        b,
        target.x - a * source.x - b * source.y,
        c,
        d,
        target.y - c * source.x - d * source.y,
        0.0,
        0.0,
        1.0,
    );
    Some(LinearSolution { matrix, condition })
}

/// Weighted means of pairs, and sums of products around them.
struct Moments {
    source: Point,
    target: Point,
    /// Of x x, x y and y y of the sources.
    scatter: [f64; 3],
    /// Of u x, u y, v x and v y.
    mixed: [f64; 4],
}

impl Moments {
    fn of(pairs: &[Correspondence], weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mean = |coordinate: fn(&Correspondence) -> f64| {
            let products =
                pairs.iter().zip(weights).map(|(pair, weight)| weight * coordinate(pair));
            products.sum::<f64>() / total
        };
        let source = Point::new(mean(|pair| pair.source.x), mean(|pair| pair.source.y));
        let target = Point::new(mean(|pair| pair.target.x), mean(|pair| pair.target.y));
        let (mut scatter, mut mixed) = ([0.0; 3], [0.0; 4]);
        for (pair, weight) in pairs.iter().zip(weights) {
            let (x, y) = (pair.source.x - source.x, pair.source.y - source.y);
            let (u, v) = (pair.target.x - target.x, pair.target.y - target.y);
            for (sum, product) in scatter.iter_mut().zip([x * x, x * y, y * y]) {
                *sum += weight * product;
            }
            for (sum, product) in mixed.iter_mut().zip([u * x, u * y, v * x, v * y]) {
                *sum += weight * product;
            }
        }
        Self { source, target, scatter, mixed }
    }

    /// The linear part of a model, row by row, and the condition of its equations. `ratio` is the
    /// scale of rigid motions in these coordinates.
    fn turn(&self, model: Model, ratio: f64) -> Option<([[f64; 2]; 2], f64)> {
        let [xx, xy, yy] = self.scatter;
        let [ux, uy, vx, vy] = self.mixed;
        let spread = xx + yy;
        let (cosine, sine) = (ux + vy, vx - uy);
        let turned =
            |factor: f64| [[cosine, -sine], [sine, cosine]].map(|row| row.map(|e| e * factor));
        let length = cosine.hypot(sine);
        match model {
            Model::Translation => Some(([[ratio, 0.0], [0.0, ratio]], 1.0)),
            Model::Rigid => (length > 0.0 && spread > 0.0).then(|| (turned(ratio / length), 1.0)),
            Model::Similarity => {
                (length > 0.0 && spread > 0.0).then(|| (turned(1.0 / spread), 1.0))
            }
            Model::Affine | Model::Homography => {
                let scatter = Matrix2::new(xx, xy, xy, yy);
                if scatter.determinant() <= FLAT * spread * spread {
                    return None;
                }
                let inverse = scatter.try_inverse()?;
                let linear = Matrix2::new(ux, uy, vx, vy) * inverse;
                let values = scatter.symmetric_eigenvalues();
                let condition = (values.max() / values.min()).sqrt();
                let [a, b, c, d] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|place| linear[place]);
                let solved = linear.determinant() != 0.0 && condition.is_finite();
                solved.then_some(([[a, b], [c, d]], condition))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(matrix: &Matrix3<f64>, places: &[(f64, f64)]) -> Vec<Correspondence> {
        let pair = |&(x, y): &(f64, f64)| {
            let to = matrix * Point::new(x, y).homogeneous();
            Correspondence::new(x, y, to.x, to.y)
        };
        places.iter().map(pair).collect()
    }

    #[test]
    fn members_of_a_family_are_found_exactly_from_the_least_pairs() {
        let places = [(10.0, 20.0), (300.0, 50.0), (120.0, 260.0), (40.0, 180.0), (210.0, 90.0)];
        for (model, truth) in [
            (Model::Affine, Matrix3::new(1.2, 0.3, 30.0, -0.2, 0.8, 5.0, 0.0, 0.0, 1.0)),
            (Model::Similarity, Matrix3::new(1.2, 0.5, 30.0, -0.5, 1.2, 5.0, 0.0, 0.0, 1.0)),
            (Model::Rigid, Matrix3::new(0.6, 0.8, 30.0, -0.8, 0.6, 5.0, 0.0, 0.0, 1.0)),
            (Model::Translation, Matrix3::new(1.0, 0.0, -30.0, 0.0, 1.0, 5.0, 0.0, 0.0, 1.0)),
        ] {
            let pairs = mapped(&truth, &places);
            for count in model.pairs_needed().max(2)..=pairs.len() {
                let data = NormalizedPairs::of(&pairs[..count]);
                let found = data.in_pixels(&solve(model, &data).unwrap().matrix);
                assert!((found - truth).norm() < 1e-10, "{model:?} {count}: {found}");
            }
        }
    }

    #[test]
    fn pairs_that_do_not_determine_a_map_give_none() {
        let line = [(0.0, 0.0), (10.0, 20.0), (20.0, 40.0)];
        let pairs = mapped(&Matrix3::identity(), &line);
        assert!(solve(Model::Affine, &NormalizedPairs::of(&pairs)).is_none());
        assert!(solve(Model::Similarity, &NormalizedPairs::of(&pairs)).is_some());
    }

    /// The weighted mean of targets minus that of sources.
    #[test]
    fn weights_count() {
        let pairs =
            [Correspondence::new(0.0, 0.0, 4.0, 0.0), Correspondence::new(9.0, 0.0, 10.0, 0.0)];
        let mut data = NormalizedPairs::of(&pairs);
        data.weights = vec![2.0, 1.0];
        let expected = Matrix3::new(1.0, 0.0, 3.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0);
        let found = data.in_pixels(&solve(Model::Translation, &data).unwrap().matrix);
        assert!((found - expected).norm() < 1e-12, "{found}");
    }
}
