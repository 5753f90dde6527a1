//! The models as the robust driver sees them.

use nalgebra::Matrix3;
use rand::rngs::ChaCha12Rng;

use super::config::Refinement;
use super::linear;
use super::loss::Loss;
use super::minimal;
use super::model::Model;
use super::multiplicity::weights;
use super::normalized::NormalizedPairs;
use super::off_line;
use super::point::Correspondence;
use super::refine::refine;
use crate::ransac::Estimator;

/// Fits a model to few pairs, and measures the forward transfer error in pixels.
///
/// Pairs beyond the line that the model maps to infinity are never inliers: the model would turn
/// the plane between them and the others inside out.
pub(super) struct ModelEstimator {
    data: NormalizedPairs,
    model: Model,
    columns: Columns,
    /// The factor from squared normalized target units to squared pixels.
    squared_pixels: f64,
}

/// The coordinates of normalized pairs, column by column, so that many errors are computed at once.
/// They are in an order without pattern, so that some of them speak for all.
struct Columns {
    x: Vec<f64>,
    y: Vec<f64>,
    u: Vec<f64>,
    v: Vec<f64>,
    weights: Vec<f64>,
    /// The sum of the weights.
    total: f64,
}

/// Pairs between two checks of the limit.
const BLOCK: usize = 64;

/// A model is given up if, after some pairs, it has gained fewer standard deviations than this
/// below what a model at the limit gains.
const GIVEN_UP: f64 = 3.5;

/// A model is given up, too, if of this many pairs hardly more than one agrees: a share that the most
/// samples would not find. One of the pairs may be of the sample itself.
const SPEAKING: f64 = 300.0;
const HOPELESS: f64 = 1.5;

/// Steps of least squares in local optimization; the last refinement runs until it converges.
const LOCAL_STEPS: usize = 2;

/// Most inliers used in local optimization: enough for a model that the last refinement improves.
const LOCAL_PAIRS: usize = 128;

/// Most pairs used to settle.
const SETTLING_PAIRS: usize = 512;

/// The cutoffs of the biweight on the way to the threshold, in thresholds. A biweight weighs
/// residuals of a third of its cutoff by 0.8, so that the first keep all that may be right.
const CUTOFFS: [f64; 4] = [6.0, 4.0, 2.5, 1.5];

/// A choice of inliers is ambiguous if the pairs within this many thresholds are more by one in so
/// many.
const NEAR: f64 = 3.0;
const AMBIGUOUS: usize = 100;

/// Most steps at each cutoff.
const GRADUAL_STEPS: usize = 6;

/// Most rounds of least squares and new choice of inliers.
const ROUNDS: usize = 20;

impl ModelEstimator {
    /// `threshold` is in pixels.
    pub(super) fn new(pairs: &[Correspondence], model: Model, threshold: f64) -> Self {
        let mut data = NormalizedPairs::robust(pairs);
        data.weights = weights(&data, threshold * data.target.scale);
        let order = scattered(pairs.len());
        let column = |entry: fn(&Correspondence) -> f64| {
            order.iter().map(|&index| entry(&data.pairs[index])).collect()
        };
        let columns = Columns {
            x: column(|pair| pair.source.x),
            y: column(|pair| pair.source.y),
            u: column(|pair| pair.target.x),
            v: column(|pair| pair.target.y),
            weights: order.iter().map(|&index| data.weights[index]).collect(),
            total: data.weights.iter().sum(),
        };
        let squared_pixels = data.target.scale.powi(-2);
        Self { data, model, columns, squared_pixels }
    }

    /// Converts a model to a matrix in pixels.
    pub(super) fn in_pixels(&self, model: &Matrix3<f64>) -> Matrix3<f64> {
        self.data.in_pixels(model)
    }

    /// How often each pair counts.
    pub(super) fn weights(&self) -> &[f64] {
        &self.data.weights
    }

    /// How many inliers are on one line and how many off it, if those off it may agree by chance.
    /// `threshold` is in pixels.
    pub(super) fn undetermined(&self, inliers: &[usize], threshold: f64) -> Option<[usize; 2]> {
        if self.model != Model::Homography {
            return None;
        }
        off_line::undetermined(&self.data, inliers, threshold * self.data.target.scale)
    }

    /// The minimum of the truncated cost near the linear solution of some pairs, and that cost; none
    /// if they do not determine the model.
    pub(super) fn fitted_near(
        &self,
        pairs: &[usize],
        threshold: f64,
    ) -> Option<(Matrix3<f64>, f64)> {
        let start = linear::solve(self.model, &self.chosen(pairs, usize::MAX))?.matrix;
        let start = match pairs.first().map(|&index| self.data.pairs[index].source) {
            Some(front) if (start * front.homogeneous()).z < 0.0 => -start,
            _ => start,
        };
        let matrix = self.truncated(start, threshold * threshold, usize::MAX);
        let cost = self.cost(&matrix, threshold * threshold, f64::INFINITY);
        Some((matrix, cost))
    }

    /// The weighted sum of squared errors of inliers, in squared pixels, and their weight.
    pub(super) fn squares(&self, matrix: &Matrix3<f64>, threshold: f64) -> (f64, f64) {
        let inliers = self.within(matrix, threshold * threshold);
        inliers.iter().fold((0.0, 0.0), |(squares, weights), &index| {
            let weight = self.data.weights[index];
            (squares + weight * self.squared_error(matrix, index), weights + weight)
        })
    }

    /// Some pairs with their weights, at most `most`, evenly taken.
    fn chosen(&self, indices: &[usize], most: usize) -> NormalizedPairs {
        let stride = indices.len().div_ceil(most).max(1);
        let taken = || indices.iter().step_by(stride);
        NormalizedPairs {
            pairs: taken().map(|&index| self.data.pairs[index]).collect(),
            weights: taken().map(|&index| self.data.weights[index]).collect(),
            ..self.data
        }
    }

    /// The pairs within a squared threshold in squared pixels.
    fn within(&self, matrix: &Matrix3<f64>, squared_threshold: f64) -> Vec<usize> {
        let agrees = |index: &usize| self.squared_error(matrix, *index) <= squared_threshold;
        (0..self.count()).filter(agrees).collect()
    }

    /// Least squares on the inliers until they stay the same: a minimum of the truncated cost.
    fn truncated(
        &self,
        mut matrix: Matrix3<f64>,
        squared_threshold: f64,
        most: usize,
    ) -> Matrix3<f64> {
        let mut inliers = self.within(&matrix, squared_threshold);
        for _ in 0..ROUNDS {
            if inliers.len() <= self.sample_size() {
                break;
            }
            let data = self.chosen(&inliers, most);
            let error = Refinement::Forward;
            matrix = refine(self.model, &matrix, &data, error, Loss::Squared, GRADUAL_STEPS);
            let agrees = self.within(&matrix, squared_threshold);
            if agrees == inliers {
                break;
            }
            inliers = agrees;
        }
        matrix
    }

    /// Whether some pairs are just beyond the threshold, so that another choice of inliers may be
    /// better.
    fn is_ambiguous(&self, matrix: &Matrix3<f64>, squared_threshold: f64) -> bool {
        let (mut inliers, mut near) = (0, 0);
        for index in 0..self.count() {
            let error = self.squared_error(matrix, index);
            inliers += usize::from(error <= squared_threshold);
            near += usize::from(error <= NEAR * NEAR * squared_threshold);
        }
        AMBIGUOUS * (near - inliers) > inliers
    }

    /// The model after biweights whose cutoffs come down to the threshold.
    fn gradual(&self, mut matrix: Matrix3<f64>, squared_threshold: f64) -> Matrix3<f64> {
        let threshold = squared_threshold.sqrt();
        for factor in CUTOFFS {
            let cutoff = factor * threshold;
            let near = self.within(&matrix, cutoff * cutoff);
            let data = self.chosen(&near, SETTLING_PAIRS);
            let loss = Loss::Biweight { cutoff };
            let error = Refinement::Forward;
            matrix = refine(self.model, &matrix, &data, error, loss, GRADUAL_STEPS);
        }
        matrix
    }
}

impl Estimator for ModelEstimator {
    type Model = Matrix3<f64>;

    fn sample_size(&self) -> usize {
        self.model.pairs_needed()
    }

    fn count(&self) -> usize {
        self.data.pairs.len()
    }

    fn weight(&self, index: usize) -> f64 {
        self.data.weights[index]
    }

    fn fit(&self, sample: &[usize]) -> Option<Matrix3<f64>> {
        if let (Model::Homography, &[a, b, c, d]) = (self.model, sample) {
            return minimal::solve([a, b, c, d].map(|index| &self.data.pairs[index]));
        }
        let data = NormalizedPairs {
            pairs: sample.iter().map(|&index| self.data.pairs[index]).collect(),
            weights: vec![1.0; sample.len()],
            ..self.data
        };
        linear::solve(self.model, &data).map(|solution| solution.matrix)
    }

    fn squared_error(&self, matrix: &Matrix3<f64>, index: usize) -> f64 {
        let Correspondence { source, target } = self.data.pairs[index];
        let (error, depth) = squared_error(matrix, source.x, source.y, target.x, target.y);
        if depth > 0.0 { error * self.squared_pixels } else { f64::INFINITY }
    }

    fn cost(&self, matrix: &Matrix3<f64>, squared_threshold: f64, limit: f64) -> f64 {
        let Columns { x, y, u, v, weights, total } = &self.columns;
        let threshold = squared_threshold / self.squared_pixels;
        let limit = limit / self.squared_pixels;
        // What a model at the limit gains over one without inliers, per unit of weight.
        let gain = (threshold - limit / total).max(0.0);
        let (mut sum, mut done) = (0.0, 0.0);
        let blocks = x.chunks(BLOCK).zip(y.chunks(BLOCK)).zip(u.chunks(BLOCK)).zip(v.chunks(BLOCK));
        for ((((x, y), u), v), weights) in blocks.zip(weights.chunks(BLOCK)) {
            // Four sums, because a single sum would wait for each addition.
            let (mut sums, mut tested) = ([0.0; 4], [0.0; 4]);
            let rows = x.iter().zip(y).zip(u).zip(v).zip(weights);
            for (index, ((((x, y), u), v), weight)) in rows.enumerate() {
                let (error, depth) = squared_error(matrix, *x, *y, *u, *v);
                // A NaN counts as the threshold.
                let cost = if error < threshold && depth > 0.0 { error } else { threshold };
                sums[index % 4] += weight * cost;
                tested[index % 4] += weight;
            }
            sum += sums.iter().sum::<f64>();
            done += tested.iter().sum::<f64>();
            if sum > limit {
                break;
            }
            let gained = threshold * done - sum;
            if limit.is_finite() && done >= SPEAKING && gained <= HOPELESS * threshold {
                return f64::INFINITY;
            }
            // The variance of a gain between 0 and the threshold is at most their product.
            let expected = gain * done;
            let missed = expected - gained;
            if missed > 0.0 && missed * missed > GIVEN_UP * GIVEN_UP * threshold * expected {
                return f64::INFINITY;
            }
        }
        sum * self.squared_pixels
    }

    fn improve(&self, matrix: &Matrix3<f64>, inliers: &[usize]) -> Option<Matrix3<f64>> {
        let data = self.chosen(inliers, LOCAL_PAIRS);
        let error = Refinement::Forward;
        Some(refine(self.model, matrix, &data, error, Loss::Squared, LOCAL_STEPS))
    }

    fn settle(&self, matrix: &Matrix3<f64>, squared_threshold: f64) -> Option<Matrix3<f64>> {
        if !self.is_ambiguous(matrix, squared_threshold) {
            // Nothing but the least squares that follow.
            return None;
        }
        let direct = self.truncated(*matrix, squared_threshold, SETTLING_PAIRS);
        let gradual = self.gradual(direct, squared_threshold);
        let gradual = self.truncated(gradual, squared_threshold, SETTLING_PAIRS);
        let [first, second] =
            [&gradual, &direct].map(|matrix| self.cost(matrix, squared_threshold, f64::INFINITY));
        Some(if first <= second { gradual } else { direct })
    }

    fn complete(
        &self,
        matrix: &Matrix3<f64>,
        inliers: &[usize],
        squared_threshold: f64,
        random: &mut ChaCha12Rng,
    ) -> Option<Matrix3<f64>> {
        if self.model != Model::Homography {
            return None;
        }
        let threshold = squared_threshold.sqrt() * self.data.target.scale;
        let cost = |matrix: &Matrix3<f64>, limit| self.cost(matrix, squared_threshold, limit);
        // With all inliers: some of many would leave out those off the line.
        let settle = |start| self.truncated(start, squared_threshold, usize::MAX);
        off_line::complete(&self.data, (matrix, inliers), threshold, random, cost, settle)
    }
}

/// The squared distance from a mapped source to its target, and the third coordinate of the first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop around it uses vector instructions")]
fn squared_error(matrix: &Matrix3<f64>, x: f64, y: f64, u: f64, v: f64) -> (f64, f64) {
    let row = |index: usize| matrix[index] * x + matrix[index + 3] * y + matrix[index + 6];
    let depth = row(2);
    let factor = 1.0 / depth;
    ((row(0) * factor - u).powi(2) + (row(1) * factor - v).powi(2), depth)
}

/// The numbers below `count` in an order without pattern: multiples of a number near the golden
/// section of the count, which has no factor in common with it.
fn scattered(count: usize) -> Vec<usize> {
    let common = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let golden = count - count * 382 / 1000;
    let step = (golden..=count + 1).find(|step| common(*step, count) == 1).unwrap_or(1);
    (0..count)
        .scan(0, |place, _| {
            let index = *place;
            *place = (*place + step) % count;
            Some(index)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_numbers_are_all_numbers() {
        for count in [1, 2, 3, 10, 64, 377, 1000] {
            let mut order = scattered(count);
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn pairs_beyond_the_horizon_are_no_inliers() {
        // w = 1 - x / 100: x = 200 maps to (-200, ..), which is where its target is.
        let matrix = Matrix3::new(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -0.01, 0.0, 1.0);
        let places = [(0.0, 0.0), (50.0, 0.0), (50.0, 60.0), (0.0, 70.0), (200.0, 40.0)];
        let pairs = places.map(|(x, y)| {
            let depth = 1.0 - x / 100.0;
            Correspondence::new(x, y, x / depth, y / depth)
        });
        let estimator = ModelEstimator::new(&pairs, Model::Homography, 3.0);
        let model = estimator.data.normalized(&matrix);
        assert_eq!(estimator.within(&model, 9.0), [0, 1, 2, 3]);
        assert!((estimator.cost(&model, 9.0, f64::INFINITY) - 9.0).abs() < 1e-9);
    }
}
