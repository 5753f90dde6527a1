//! Sampling, scoring, local optimization and stopping.

use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

use super::config::{RansacConfig, RansacSettings};
use super::error::RansacError;
use super::estimator::Estimator;

/// A model and its inliers.
#[derive(Clone, Debug, PartialEq)]
pub struct Consensus<M> {
    /// The model.
    pub model: M,
    /// The data whose residual is within the threshold, in ascending order.
    pub inliers: Vec<usize>,
    /// Samples tried.
    pub samples: usize,
}

/// Rounds of local optimization of a new best model.
const LOCAL_ROUNDS: usize = 4;

/// Finds the model with the least truncated cost among the models of random samples.
///
/// Each new best model is improved on its own inliers for a few rounds. Sampling stops when the
/// wanted confidence is reached that one sample had no outliers, given the best model's share of
/// inliers. The result depends only on the data, the settings and the seed.
///
/// # Errors
/// There are too few data; every sample is degenerate; or the best model has no more inliers than a
/// sample, although there are more data.
///
/// # References
/// Fischler and Bolles, "Random sample consensus", 1981 (the method and when to stop); Chum, Matas
/// and Kittler, "Locally optimized RANSAC", 2003.
pub fn find_consensus<E: Estimator>(
    estimator: &E,
    config: &RansacConfig,
) -> Result<Consensus<E::Model>, RansacError> {
    let RansacSettings { threshold, confidence, max_samples, seed } = *config.settings();
    let count = estimator.count();
    if count < E::SAMPLE {
        return Err(RansacError::TooFew { given: count, needed: E::SAMPLE });
    }
    let limit = threshold * threshold;
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let mut sample = vec![0; E::SAMPLE];
    let mut inliers = Vec::with_capacity(count);
    let mut best: Option<(E::Model, f64)> = None;
    let (mut samples, mut needed) = (0, max_samples);
    while samples < needed {
        samples += 1;
        draw(&mut random, count, &mut sample);
        let Some(model) = estimator.fit(&sample) else { continue };
        let to_beat = best.as_ref().map_or(f64::INFINITY, |(_, cost)| *cost);
        let cost = estimator.cost(&model, limit, to_beat);
        // A NaN is never better.
        if cost < to_beat {
            let improved = optimize(estimator, model, cost, limit, &mut inliers);
            collect_inliers(estimator, &improved.0, limit, &mut inliers);
            needed = max_samples.min(samples_needed(inliers.len(), count, E::SAMPLE, confidence));
            best = Some(improved);
        }
    }
    let Some((model, _)) = best else { return Err(RansacError::Degenerate { samples }) };
    collect_inliers(estimator, &model, limit, &mut inliers);
    if inliers.len() < E::SAMPLE || (inliers.len() == E::SAMPLE && count > E::SAMPLE) {
        let (inliers, sample) = (inliers.len(), E::SAMPLE);
        return Err(RansacError::NoConsensus { inliers, count, threshold, sample });
    }
    Ok(Consensus { model, inliers, samples })
}

/// Improves a model on its inliers for a few rounds, while that lowers its cost.
fn optimize<E: Estimator>(
    estimator: &E,
    mut model: E::Model,
    mut cost: f64,
    limit: f64,
    inliers: &mut Vec<usize>,
) -> (E::Model, f64) {
    for _ in 0..LOCAL_ROUNDS {
        collect_inliers(estimator, &model, limit, inliers);
        if inliers.len() <= E::SAMPLE {
            break;
        }
        let Some(improved) = estimator.improve(&model, inliers) else { break };
        let improved_cost = estimator.cost(&improved, limit, cost);
        if improved_cost.is_nan() || improved_cost >= cost {
            break;
        }
        (model, cost) = (improved, improved_cost);
    }
    (model, cost)
}

fn collect_inliers<E: Estimator>(
    estimator: &E,
    model: &E::Model,
    limit: f64,
    inliers: &mut Vec<usize>,
) {
    inliers.clear();
    inliers.extend(
        (0..estimator.count()).filter(|&index| estimator.squared_error(model, index) <= limit),
    );
}

/// Draws different indices below `count`.
fn draw(random: &mut ChaCha12Rng, count: usize, sample: &mut [usize]) {
    for place in 0..sample.len() {
        sample[place] = loop {
            let index = random.random_range(0..count);
            if !sample[..place].contains(&index) {
                break index;
            }
        };
    }
}

/// Number of samples after which one had no outliers, with the wanted confidence.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below 2^52, and the conversion to an integer saturates"
)]
fn samples_needed(inliers: usize, count: usize, sample: usize, confidence: f64) -> usize {
    let share = inliers as f64 / count as f64;
    let all_good = (0..sample).fold(1.0, |product, _| product * share);
    if all_good >= 1.0 {
        return 1;
    }
    // ln(1 - p), exact for small p.
    ((1.0 - confidence).ln() / (-all_good).ln_1p()).ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line y = a x + b through points; the model is (a, b).
    struct Line(Vec<(f64, f64)>);

    impl Estimator for Line {
        type Model = (f64, f64);
        const SAMPLE: usize = 2;

        fn count(&self) -> usize {
            self.0.len()
        }

        fn fit(&self, sample: &[usize]) -> Option<(f64, f64)> {
            let [(x0, y0), (x1, y1)] = [self.0[sample[0]], self.0[sample[1]]];
            let slope = (y1 - y0) / (x1 - x0);
            slope.is_finite().then_some((slope, y0 - slope * x0))
        }

        fn squared_error(&self, (slope, offset): &(f64, f64), index: usize) -> f64 {
            let (x, y) = self.0[index];
            (y - slope * x - offset).powi(2)
        }

        fn improve(&self, _: &(f64, f64), _: &[usize]) -> Option<(f64, f64)> {
            None
        }
    }

    fn line_with_outliers() -> Line {
        let points = (0..30).map(|index| {
            let x = f64::from(index);
            if index % 3 == 0 { (x, 100.0 - x * x) } else { (x, 2.0 * x + 1.0) }
        });
        Line(points.collect())
    }

    #[test]
    fn finds_the_model_of_most_data() {
        let consensus = find_consensus(&line_with_outliers(), &RansacConfig::default()).unwrap();
        assert!((consensus.model.0 - 2.0).abs() + (consensus.model.1 - 1.0).abs() < 1e-9);
        let expected: Vec<usize> = (0..30).filter(|index| index % 3 != 0).collect();
        // x = 9: 100 - 81 = 19 = 2 * 9 + 1 is on the line by chance.
        let expected = [&expected[..6], &[9], &expected[6..]].concat();
        assert_eq!(consensus.inliers, expected);
        assert!(consensus.samples < 40, "{}", consensus.samples);
    }

    #[test]
    fn the_seed_decides() {
        let run = |seed| {
            let settings = RansacSettings { seed, max_samples: 3, ..RansacSettings::default() };
            find_consensus(&line_with_outliers(), &RansacConfig::try_from(settings).unwrap())
        };
        assert_eq!(run(5), run(5));
    }

    #[test]
    fn explains_degenerate_and_inconsistent_data() {
        let config = RansacConfig::default();
        let upright = Line(vec![(1.0, 0.0), (1.0, 5.0), (1.0, 9.0)]);
        let error = find_consensus(&upright, &config).unwrap_err();
        assert_eq!(error, RansacError::Degenerate { samples: 10_000 });
        assert!(error.to_string().contains("10000 samples"), "{error}");
        let scattered = Line(vec![(0.0, 0.0), (1.0, 50.0), (2.0, -90.0), (3.0, 400.0)]);
        let message = find_consensus(&scattered, &config).unwrap_err().to_string();
        assert!(message.contains("2 of 4 pairs") && message.contains("3 px"), "{message}");
        let settings = RansacSettings { threshold: 1e-300, ..RansacSettings::default() };
        let strict = RansacConfig::try_from(settings).unwrap();
        let message = find_consensus(&scattered, &strict).unwrap_err().to_string();
        assert!(message.contains("1e-300 px"), "{message}");
        let one = find_consensus(&Line(vec![(0.0, 0.0)]), &config).unwrap_err();
        assert_eq!(one, RansacError::TooFew { given: 1, needed: 2 });
    }

    #[test]
    fn the_number_of_samples_is_the_published_one() {
        // Fischler and Bolles: 0.99 confidence, half wrong, pairs: 17 samples (16.01 rounded up).
        assert_eq!(samples_needed(50, 100, 2, 0.99), 17);
        assert_eq!(samples_needed(50, 100, 4, 0.99), 72);
        assert_eq!(samples_needed(100, 100, 4, 0.99), 1);
        assert_eq!(samples_needed(0, 100, 4, 0.99), usize::MAX);
    }
}
