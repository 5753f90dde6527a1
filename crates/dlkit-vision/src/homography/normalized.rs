//! Pairs in normalized coordinates, and the way back.

use nalgebra::Matrix3;

use super::normalization::Normalization;
use super::point::Correspondence;

/// Pairs whose sources and targets are normalized, each by its own similarity.
#[derive(Clone, Debug)]
pub(super) struct NormalizedPairs {
    pub(super) pairs: Vec<Correspondence>,
    /// How often each pair counts.
    pub(super) weights: Vec<f64>,
    pub(super) source: Normalization,
    pub(super) target: Normalization,
}

impl NormalizedPairs {
    /// Normalizes pairs that count once each.
    pub(super) fn of(pairs: &[Correspondence]) -> Self {
        let source = Normalization::of(pairs.iter().map(|pair| pair.source));
        let target = Normalization::of(pairs.iter().map(|pair| pair.target));
        Self::by(pairs, source, target)
    }

    /// The same by medians, for pairs with outliers.
    pub(super) fn robust(pairs: &[Correspondence]) -> Self {
        let source = Normalization::robust(pairs.iter().map(|pair| pair.source));
        let target = Normalization::robust(pairs.iter().map(|pair| pair.target));
        Self::by(pairs, source, target)
    }

    fn by(pairs: &[Correspondence], source: Normalization, target: Normalization) -> Self {
        let normalize = |pair: &Correspondence| Correspondence {
            source: source.apply(pair.source),
            target: target.apply(pair.target),
        };
        let weights = vec![1.0; pairs.len()];
        Self { pairs: pairs.iter().map(normalize).collect(), weights, source, target }
    }

    /// Converts a matrix from normalized coordinates to pixels.
    pub(super) fn in_pixels(&self, matrix: &Matrix3<f64>) -> Matrix3<f64> {
        self.target.inverse() * matrix * self.source.matrix()
    }

    /// Converts a matrix from pixels to normalized coordinates.
    pub(super) fn normalized(&self, matrix: &Matrix3<f64>) -> Matrix3<f64> {
        self.target.matrix() * matrix * self.source.inverse()
    }
}
