//! The homography as a model for the robust driver.

use nalgebra::Matrix3;

use super::config::Refinement;
use super::loss::Loss;
use super::minimal;
use super::normalized::NormalizedPairs;
use super::point::Correspondence;
use super::refine::refine;
use crate::ransac::Estimator;

/// Fits homographies to four pairs, and measures the forward transfer error in pixels.
pub(super) struct HomographyEstimator {
    data: NormalizedPairs,
    columns: Columns,
    /// The factor from squared normalized target units to squared pixels.
    squared_pixels: f64,
}

/// The coordinates of normalized pairs, column by column, so that many errors are computed at once.
struct Columns {
    x: Vec<f64>,
    y: Vec<f64>,
    u: Vec<f64>,
    v: Vec<f64>,
}

/// Pairs between two checks of the limit.
const BLOCK: usize = 64;

/// Steps of least squares in local optimization; the last refinement runs until it converges.
const LOCAL_STEPS: usize = 2;

/// Most inliers used in local optimization: enough for a model that the next round and the last
/// refinement improve.
const LOCAL_PAIRS: usize = 256;

impl HomographyEstimator {
    pub(super) fn new(pairs: &[Correspondence]) -> Self {
        let data = NormalizedPairs::robust(pairs);
        let column = |entry: fn(&Correspondence) -> f64| data.pairs.iter().map(entry).collect();
        let columns = Columns {
            x: column(|pair| pair.source.x),
            y: column(|pair| pair.source.y),
            u: column(|pair| pair.target.x),
            v: column(|pair| pair.target.y),
        };
        let squared_pixels = data.target.scale.powi(-2);
        Self { data, columns, squared_pixels }
    }

    /// Converts a model to a matrix in pixels.
    pub(super) fn in_pixels(&self, model: &Matrix3<f64>) -> Matrix3<f64> {
        self.data.in_pixels(model)
    }
}

impl Estimator for HomographyEstimator {
    type Model = Matrix3<f64>;
    const SAMPLE: usize = 4;

    fn count(&self) -> usize {
        self.data.pairs.len()
    }

    fn fit(&self, sample: &[usize]) -> Option<Matrix3<f64>> {
        let &[a, b, c, d] = sample else { return None };
        minimal::solve([a, b, c, d].map(|index| &self.data.pairs[index]))
    }

    fn squared_error(&self, model: &Matrix3<f64>, index: usize) -> f64 {
        let Correspondence { source, target } = self.data.pairs[index];
        squared_error(model, source.x, source.y, target.x, target.y) * self.squared_pixels
    }

    fn cost(&self, model: &Matrix3<f64>, squared_threshold: f64, limit: f64) -> f64 {
        let Columns { x, y, u, v } = &self.columns;
        let threshold = squared_threshold / self.squared_pixels;
        let limit = limit / self.squared_pixels;
        let mut sum = 0.0;
        let blocks = x.chunks(BLOCK).zip(y.chunks(BLOCK)).zip(u.chunks(BLOCK)).zip(v.chunks(BLOCK));
        for (((x, y), u), v) in blocks {
            // Four sums, because a single sum would wait for each addition.
            let mut sums = [0.0; 4];
            for (index, (((x, y), u), v)) in x.iter().zip(y).zip(u).zip(v).enumerate() {
                let error = squared_error(model, *x, *y, *u, *v);
                // A NaN counts as the threshold.
                sums[index % 4] += if error < threshold { error } else { threshold };
            }
            sum += sums.iter().sum::<f64>();
            if sum > limit {
                break;
            }
        }
        sum * self.squared_pixels
    }

    fn improve(&self, model: &Matrix3<f64>, inliers: &[usize]) -> Option<Matrix3<f64>> {
        let stride = inliers.len().div_ceil(LOCAL_PAIRS);
        let pairs = inliers.iter().step_by(stride).map(|&index| self.data.pairs[index]).collect();
        let data = NormalizedPairs { pairs, ..self.data };
        Some(refine(model, &data, Refinement::Forward, Loss::Squared, LOCAL_STEPS))
    }
}

/// The squared distance from a mapped source to its target.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop around it uses vector instructions")]
fn squared_error(model: &Matrix3<f64>, x: f64, y: f64, u: f64, v: f64) -> f64 {
    let row = |index: usize| model[index] * x + model[index + 3] * y + model[index + 6];
    let depth = 1.0 / row(2);
    (row(0) * depth - u).powi(2) + (row(1) * depth - v).powi(2)
}
