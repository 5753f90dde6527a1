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

/// Rounds of local optimization of a new best sample.
const LOCAL_ROUNDS: usize = 2;

/// Least number of samples, unless the limit is below: a few lucky samples do not decide alone.
const FLOOR: usize = 150;

/// The number of locally optimized models that are settled at the end.
const SHORTLIST: usize = 4;

/// Finds the model with the least truncated cost near the models of random samples.
///
/// Each sample that is better than all before is improved on its own inliers for a few rounds.
/// Sampling stops when the wanted confidence is reached that one sample had no outliers, given the
/// best model's share of inliers, but not before a least number of samples. Then the best models are
/// settled with care, and data off a dominant line are looked for. The result depends only on the
/// data, the settings and the seed.
///
/// # Errors
/// There are too few data; every sample is degenerate; or the best model has no more inliers than a
/// sample, although there are more data. Data that repeat each other count once.
///
/// # References
/// Fischler and Bolles, "Random sample consensus", 1981 (the method and when to stop); Chum, Matas
/// and Kittler, "Locally optimized RANSAC", 2003; Chum, Werner and Matas, "Two-view geometry
/// estimation unaffected by a dominant plane", 2005 (the idea of the completion).
pub fn find_consensus<E: Estimator>(
    estimator: &E,
    config: &RansacConfig,
) -> Result<Consensus<E::Model>, RansacError> {
    let RansacSettings { threshold, confidence, max_samples, seed } = *config.settings();
    let (count, needed) = (estimator.count(), estimator.sample_size());
    if count < needed {
        return Err(RansacError::TooFew { given: count, needed });
    }
    let limit = threshold * threshold;
    let mut search = Search {
        estimator,
        limit,
        random: ChaCha12Rng::seed_from_u64(seed),
        inliers: Vec::with_capacity(count),
        shortlist: Vec::with_capacity(SHORTLIST + 1),
    };
    let samples = search.sample(confidence, max_samples);
    let Some(model) = search.settled() else { return Err(RansacError::Degenerate { samples }) };
    search.collect_inliers(&model);
    let inliers = search.inliers;
    let weight = |indices: &mut dyn Iterator<Item = usize>| -> f64 {
        indices.map(|index| estimator.weight(index)).sum()
    };
    let supporting = weight(&mut inliers.iter().copied());
    #[expect(clippy::cast_precision_loss, reason = "samples are small")]
    let enough = needed as f64 + ROUNDING;
    if inliers.len() < needed || (supporting <= enough && weight(&mut (0..count)) > enough) {
        let (inliers, sample) = (inliers.len(), needed);
        return Err(RansacError::NoConsensus { inliers, count, threshold, sample });
    }
    Ok(Consensus { model, inliers, samples })
}

/// Sums of weights are exact but for this.
const ROUNDING: f64 = 1e-9;

/// The state of a search.
struct Search<'a, E: Estimator> {
    estimator: &'a E,
    /// The squared threshold.
    limit: f64,
    random: ChaCha12Rng,
    /// The inliers of the model looked at last.
    inliers: Vec<usize>,
    /// The best optimized models and their costs, the best first.
    shortlist: Vec<(E::Model, f64)>,
}

impl<E: Estimator> Search<'_, E> {
    /// Draws samples until the confidence is reached; returns their number.
    fn sample(&mut self, confidence: f64, max_samples: usize) -> usize {
        let (count, size) = (self.estimator.count(), self.estimator.sample_size());
        let mut sample = vec![0; size];
        let (mut samples, mut needed) = (0, max_samples);
        let mut to_beat = f64::INFINITY;
        while samples < needed {
            samples += 1;
            draw(&mut self.random, count, &mut sample);
            let Some(model) = self.estimator.fit(&sample) else { continue };
            let cost = self.estimator.cost(&model, self.limit, to_beat);
            // A NaN is never better.
            if cost < to_beat {
                to_beat = cost;
                let (model, cost) = self.optimize(model, cost);
                if self.shortlist.first().is_none_or(|(_, best)| cost < *best) {
                    self.collect_inliers(&model);
                    needed = samples_needed(self.inliers.len(), count, size, confidence);
                    needed = max_samples.min(needed.max(FLOOR));
                }
                self.shortlist((model, cost));
            }
        }
        samples
    }

    /// Improves a model on its inliers for a few rounds, while that lowers its cost.
    fn optimize(&mut self, mut model: E::Model, mut cost: f64) -> (E::Model, f64) {
        for _ in 0..LOCAL_ROUNDS {
            self.collect_inliers(&model);
            if self.inliers.len() <= self.estimator.sample_size() {
                break;
            }
            let Some(improved) = self.estimator.improve(&model, &self.inliers) else { break };
            let improved_cost = self.estimator.cost(&improved, self.limit, cost);
            if improved_cost.is_nan() || improved_cost >= cost {
                break;
            }
            (model, cost) = (improved, improved_cost);
        }
        (model, cost)
    }

    /// Keeps a model if it is among the best.
    fn shortlist(&mut self, (model, cost): (E::Model, f64)) {
        let place = self.shortlist.partition_point(|(_, other)| *other <= cost);
        self.shortlist.insert(place, (model, cost));
        self.shortlist.truncate(SHORTLIST);
    }

    /// The best of the shortlist after each has settled, completed if its inliers hardly determine
    /// it; none if there is none.
    fn settled(&mut self) -> Option<E::Model> {
        let candidates = std::mem::take(&mut self.shortlist);
        let mut known: Vec<Vec<usize>> = Vec::new();
        for (model, cost) in candidates {
            self.collect_inliers(&model);
            // The best comes first; one with far fewer inliers does not settle beside it.
            let few = known.first().is_some_and(|best| 2 * self.inliers.len() < best.len());
            if few || known.iter().any(|other| nearly_same(other, &self.inliers)) {
                continue;
            }
            let settled = self.settle(model, cost);
            self.collect_inliers(&settled.0);
            known.push(self.inliers.clone());
            self.shortlist(settled);
        }
        let (model, cost) = self.shortlist.first()?.clone();
        self.collect_inliers(&model);
        let completed =
            self.estimator.complete(&model, &self.inliers, self.limit, &mut self.random);
        if let Some(completed) = completed {
            let completed_cost = self.estimator.cost(&completed, self.limit, f64::INFINITY);
            let (completed, completed_cost) = self.settle(completed, completed_cost);
            if completed_cost < cost {
                return Some(completed);
            }
        }
        Some(model)
    }

    fn settle(&self, model: E::Model, cost: f64) -> (E::Model, f64) {
        let Some(settled) = self.estimator.settle(&model, self.limit) else {
            return (model, cost);
        };
        let settled_cost = self.estimator.cost(&settled, self.limit, f64::INFINITY);
        if settled_cost < cost { (settled, settled_cost) } else { (model, cost) }
    }

    fn collect_inliers(&mut self, model: &E::Model) {
        self.inliers.clear();
        let agrees = |index: &usize| self.estimator.squared_error(model, *index) <= self.limit;
        self.inliers.extend((0..self.estimator.count()).filter(agrees));
    }
}

/// Whether two ascending lists of inliers differ by at most one in a hundred: models with the same
/// inliers settle in the same place.
fn nearly_same(first: &[usize], second: &[usize]) -> bool {
    const SHARE: usize = 100;
    let (mut left, mut right) = (first.iter().peekable(), second.iter().peekable());
    let mut differing = 0;
    loop {
        match (left.peek(), right.peek()) {
            (None, None) => return SHARE * differing <= first.len().max(second.len()),
            (Some(a), Some(b)) if a == b => {
                left.next();
                right.next();
                continue;
            }
            (Some(a), Some(b)) if a < b => left.next(),
            (Some(_), None) => left.next(),
            _ => right.next(),
        };
        differing += 1;
    }
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

        fn sample_size(&self) -> usize {
            2
        }

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
        assert_eq!(consensus.samples, FLOOR);
    }

    #[test]
    fn nearly_the_same_inliers_differ_by_one_in_a_hundred() {
        let all: Vec<usize> = (0..200).collect();
        assert!(nearly_same(&all, &all) && nearly_same(&[], &[]));
        assert!(nearly_same(&all, &all[2..]) && nearly_same(&all[..198], &all));
        assert!(!nearly_same(&all, &all[3..]) && !nearly_same(&all[..197], &all));
        assert!(!nearly_same(&all, &[]));
        let odd: Vec<usize> = all.iter().map(|index| 2 * index + 1).collect();
        assert!(!nearly_same(&all, &odd));
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
        assert_eq!(error, RansacError::Degenerate { samples: 1_200_000 });
        assert!(error.to_string().contains("1200000 samples"), "{error}");
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
