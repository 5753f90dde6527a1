//! Which photo a sample shows where some are drawn more often than others.

use rand::{Rng, RngExt};

/// Photos drawn by weight, with replacement.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draws {
    /// The sum of the weights up to each photo.
    sums: Vec<f64>,
}

impl Draws {
    /// Draws by weights, of which one at least is above 0.
    pub(super) fn new(weights: &[f64]) -> Self {
        let sums = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    /// A photo.
    pub(super) fn photo(&self, random: &mut impl Rng) -> usize {
        let all = self.sums.last().copied().unwrap_or(0.0);
        let place = all * random.random_range(0.0..1.0);
        self.sums.partition_point(|&sum| sum <= place).min(self.sums.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::{Purpose, sample_generator};

    #[test]
    fn photos_come_as_often_as_they_weigh() {
        let draws = Draws::new(&[1.0, 0.0, 3.0]);
        let mut counts = [0; 3];
        let mut random = sample_generator(7, Purpose::Crops, 1, 0);
        (0..4000).for_each(|_| counts[draws.photo(&mut random)] += 1);
        assert_eq!(counts[1], 0);
        assert!((900..1100).contains(&counts[0]), "{counts:?}");
    }
}
