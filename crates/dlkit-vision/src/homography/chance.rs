//! Whether pairs agree on a map more than random pairs would.

use super::model::Model;
use super::point::{Correspondence, Point};

/// Largest accepted logarithm of the number of false alarms of pairs: one set of random pairs in a
/// hundred may pass, as a rule far fewer do.
pub(super) const LIMIT: f64 = -2.0;

/// Targets that lie in a narrow strip count as spread over this share of a square, so that the strip
/// does not decide.
const LEAST_SHARE: f64 = 1.0 / 16.0;

/// Decimal logarithms of factorials.
pub(crate) struct Factorials(Vec<f64>);

impl Factorials {
    /// Those of 0 to `largest`.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(crate) fn up_to(largest: usize) -> Self {
        let mut sum = 0.0;
        let next = |index: usize| {
            sum += (index.max(1) as f64).log10();
            sum
        };
        Self((0..=largest).map(next).collect())
    }

    /// The decimal logarithm of a binomial coefficient.
    fn log_binomial(&self, count: usize, chosen: usize) -> f64 {
        let Self(logs) = self;
        logs[count] - logs[chosen] - logs[count - chosen]
    }

    /// The decimal logarithm of the expected number of maps, each through a sample of `sample` of
    /// `count` data, on which at least `agreeing` agree by chance, if each other datum does with a
    /// probability whose logarithm is given: the number of false alarms.
    ///
    /// # References
    /// Moisan and Stival, "A probabilistic criterion to detect rigid point matches between two
    /// images and estimate the fundamental matrix", 2004.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(crate) fn log_false_alarms(
        &self,
        [count, agreeing, sample]: [usize; 3],
        log_probability: f64,
    ) -> f64 {
        if agreeing <= sample || agreeing > count {
            return f64::INFINITY;
        }
        ((count - sample) as f64).log10()
            + self.log_binomial(count, agreeing)
            + self.log_binomial(agreeing, sample)
            + (agreeing - sample) as f64 * log_probability
    }
}

/// The decimal logarithm of the number of false alarms of a fitted model: the least over its best
/// inliers, whose residuals are `errors` at the targets, infinite for outliers. Pairs count as often
/// as their weights say.
///
/// # References
/// Moulon, Monasse and Marlet, "Adaptive structure from motion with a contrario model estimation",
/// 2012 (the least over all thresholds).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below 2^52"
)]
pub(super) fn log_false_alarms(
    model: Model,
    pairs: &[Correspondence],
    weights: &[f64],
    errors: &[f64],
) -> f64 {
    let area = area(pairs);
    let count = weights.iter().sum::<f64>().round() as usize;
    let factorials = Factorials::up_to(count.max(pairs.len()));
    let mut order: Vec<usize> =
        (0..pairs.len()).filter(|&index| errors[index].is_finite()).collect();
    order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]));
    let (sample, unknowns) = (model.pairs_needed(), model.unknowns() as f64);
    let mut weight = 0.0;
    let mut least = f64::INFINITY;
    for index in order {
        weight += weights[index];
        // Weights are quotients: a sum of thirds is a whole.
        let agreeing = ((weight + 1e-9) as usize).min(count);
        if agreeing <= sample {
            continue;
        }
        // Least squares make residuals smaller than those of other pairs.
        let equations = 2.0 * agreeing as f64;
        let square = errors[index].powi(2) * equations / (equations - unknowns);
        let probability = (std::f64::consts::PI * square / area).min(1.0);
        let alarms = factorials.log_false_alarms([count, agreeing, sample], probability.log10());
        least = least.min(alarms);
    }
    least
}

/// The area over which the targets may be spread.
fn area(pairs: &[Correspondence]) -> f64 {
    let extent = |coordinate: fn(Point) -> f64| {
        let of = pairs.iter().map(|pair| coordinate(pair.target));
        let low = of.clone().fold(f64::INFINITY, f64::min);
        of.fold(f64::NEG_INFINITY, f64::max) - low
    };
    let (across, down) = (extent(|point| point.x), extent(|point| point.y));
    let longest = across.max(down);
    (across * down).max(LEAST_SHARE * longest * longest).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_coefficients_are_those_of_the_triangle() {
        let factorials = Factorials::up_to(52);
        for (count, chosen, expected) in [(5, 2, 10.0), (10, 10, 1.0), (52, 5, 2_598_960.0_f64)] {
            let found = factorials.log_binomial(count, chosen);
            assert!((found - expected.log10()).abs() < 1e-12, "{found}");
        }
    }

    /// By the definition, for five of six pairs one pixel from their places.
    #[test]
    fn the_best_inliers_decide() {
        let pairs: Vec<Correspondence> = [(0, 0), (99, 0), (99, 49), (0, 49), (30, 20), (60, 30)]
            .map(|(x, y)| {
                let (x, y) = (f64::from(x), f64::from(y));
                Correspondence::new(x, y, x, y)
            })
            .to_vec();
        let errors = [1.0, 1.0, 1.0, 1.0, 1.0, f64::INFINITY];
        let found = log_false_alarms(Model::Homography, &pairs, &[1.0; 6], &errors);
        // 6 - 4 times C(6, 5) times C(5, 4) times the share of the area, for 10 equations with 8
        // unknowns.
        let share = std::f64::consts::PI * 5.0 / (99.0 * 49.0);
        let expected = (2.0 * 6.0 * 5.0 * share).log10();
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        // Repeated pairs say nothing new.
        let repeated = log_false_alarms(Model::Homography, &pairs, &[0.5; 6], &errors);
        assert!(repeated.is_infinite());
        let few = log_false_alarms(Model::Homography, &pairs[..4], &[1.0; 4], &[0.0; 4]);
        assert!(few.is_infinite());
    }
}
