//! Distances in face space.

use serde::{Deserialize, Serialize};

/// A distance between two faces in face space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// The length of the difference vector.
    #[default]
    Euclidean,
    /// The same after each component is divided by its standard deviation.
    Mahalanobis,
    /// One minus the cosine of the angle at the mean face, 0 to 2; 1 for the mean face itself,
    /// which has no direction.
    Cosine,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Self; 3] = [Self::Euclidean, Self::Mahalanobis, Self::Cosine];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Euclidean => "euclidean",
            Self::Mahalanobis => "mahalanobis",
            Self::Cosine => "cosine",
        }
    }

    /// Whether the metric tells faces apart by so many features: the cosine of single numbers is 1 or
    /// -1, so that every face would be as near as a fitted one.
    #[must_use]
    pub const fn is_meaningful(self, features: usize) -> bool {
        features > 1 || !matches!(self, Self::Cosine)
    }

    /// The distance of two faces, given by their weights; `variances` are those of the components.
    #[must_use]
    pub fn distance(self, a: &[f64], b: &[f64], variances: &[f64]) -> f64 {
        let pairs = || a.iter().zip(b);
        match self {
            Self::Euclidean => pairs().map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt(),
            Self::Mahalanobis => {
                let parts =
                    pairs().zip(variances).map(|((a, b), variance)| (a - b).powi(2) / variance);
                parts.sum::<f64>().sqrt()
            }
            Self::Cosine => {
                let length = |weights: &[f64]| weights.iter().map(|w| w * w).sum::<f64>().sqrt();
                let product = pairs().map(|(a, b)| a * b).sum::<f64>();
                let lengths = length(a) * length(b);
                if lengths > 0.0 { 1.0 - (product / lengths).clamp(-1.0, 1.0) } else { 1.0 }
            }
        }
    }
}

/// How a face is judged known or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The distance to the nearest known face.
    Nearest(Metric),
    /// The mean of the Euclidean distances to all known faces. It measures the distance from the
    /// middle of all faces, and does not tell people apart.
    Mean,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 4] = [
        Self::Nearest(Metric::Euclidean),
        Self::Nearest(Metric::Mahalanobis),
        Self::Nearest(Metric::Cosine),
        Self::Mean,
    ];

    /// The place in [`Rule::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Nearest(Metric::Euclidean) => 0,
            Self::Nearest(Metric::Mahalanobis) => 1,
            Self::Nearest(Metric::Cosine) => 2,
            Self::Mean => 3,
        }
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest(metric) => metric.name(),
            Self::Mean => "mean distance to all",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_by_hand() {
        let distance = |metric: Metric| metric.distance(&[3.0, 0.0], &[0.0, 4.0], &[9.0, 4.0]);
        assert!((distance(Metric::Euclidean) - 5.0).abs() < 1e-12);
        assert!((distance(Metric::Mahalanobis) - 5.0_f64.sqrt()).abs() < 1e-12);
        assert!((distance(Metric::Cosine) - 1.0).abs() < 1e-12);
        assert!((Metric::Cosine.distance(&[0.0], &[2.0], &[1.0]) - 1.0).abs() < 1e-12);
    }
}
