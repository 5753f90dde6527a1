//! Eigenvalues and rules for how many to keep.

use serde::{Deserialize, Serialize};

/// Eigenvalues of the covariance of pictures, largest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spectrum {
    /// Known variances along the components, divided by `pictures - 1`, without zeros.
    pub eigenvalues: Vec<f64>,
    /// Total variance of all pixels: the sum of all eigenvalues, known or unknown.
    pub total_variance: f64,
    /// Number of pictures.
    pub pictures: usize,
    /// Pixels of each picture.
    pub pixels: usize,
    /// Whether all nonzero eigenvalues are known.
    pub complete: bool,
}

/// Tolerance for the rounding of a cumulative share.
const ROUNDING: f64 = 1e-12;

impl Spectrum {
    /// The share of the variance that each component explains.
    pub fn shares(&self) -> impl Iterator<Item = f64> {
        self.eigenvalues.iter().map(|value| value / self.total_variance)
    }

    /// The shares of the variance that the first 1, 2, ... components explain together.
    pub fn cumulative_shares(&self) -> impl Iterator<Item = f64> {
        self.shares().scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        })
    }

    /// The least number of components that explain a share of the variance; none if too few
    /// eigenvalues are known.
    #[must_use]
    pub fn reaching(&self, share: f64) -> Option<usize> {
        let found = self.cumulative_shares().position(|sum| sum >= share - ROUNDING);
        found.map(|index| index + 1)
    }

    /// The mean of the `min(pictures - 1, pixels)` eigenvalues that can differ from 0.
    #[must_use]
    pub fn mean_eigenvalue(&self) -> f64 {
        self.mean_eigenvalue_of(self.pixels)
    }

    /// The same for pictures of `pixels` pixels, whose coordinates may have been fewer or more.
    pub(super) fn mean_eigenvalue_of(&self, pixels: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let possible = self.pictures.saturating_sub(1).min(pixels).max(1) as f64;
        self.total_variance / possible
    }

    /// The number of eigenvalues above their mean (the Kaiser rule); none if too few are known.
    #[must_use]
    pub fn above_mean(&self) -> Option<usize> {
        let mean = self.mean_eigenvalue();
        let above = self.eigenvalues.iter().take_while(|value| **value > mean).count();
        (self.complete || above < self.eigenvalues.len()).then_some(above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spectrum() -> Spectrum {
        let eigenvalues = vec![6.0, 2.5, 1.0, 0.5];
        Spectrum { eigenvalues, total_variance: 10.0, pictures: 5, pixels: 9, complete: true }
    }

    #[test]
    fn rules_by_hand() {
        let spectrum = spectrum();
        assert_eq!(spectrum.reaching(0.6), Some(1));
        assert_eq!(spectrum.reaching(0.95), Some(3));
        assert_eq!(spectrum.reaching(0.951), Some(4));
        // The mean of four is 2.5, and 2.5 is not above it.
        assert_eq!(spectrum.above_mean(), Some(1));
    }

    #[test]
    fn unknown_eigenvalues_are_not_counted() {
        let part = |known: usize| {
            let mut part = Spectrum { complete: false, ..spectrum() };
            part.eigenvalues.truncate(known);
            part
        };
        // After 6 there may be more above 2.5; after 2.5 there are none.
        assert_eq!(part(1).above_mean(), None);
        assert_eq!(part(2).above_mean(), Some(1));
        assert_eq!((part(2).reaching(0.85), part(2).reaching(0.9)), (Some(2), None));
    }
}
