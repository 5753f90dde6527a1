//! Pairs in coordinates that suit the arithmetic, and the way back.

use nalgebra::Matrix3;

use super::normalisation::Normalisation;
use super::point::Correspondence;

/// Pairs whose sources and targets are normalised, each by its own similarity.
#[derive(Clone, Debug)]
pub(super) struct NormalisedPairs {
    pub(super) pairs: Vec<Correspondence>,
    pub(super) source: Normalisation,
    pub(super) target: Normalisation,
}

impl NormalisedPairs {
    /// Sources and targets must each be in more than one place.
    pub(super) fn of(pairs: &[Correspondence]) -> Self {
        let source = Normalisation::of(pairs.iter().map(|pair| pair.source));
        let target = Normalisation::of(pairs.iter().map(|pair| pair.target));
        Self::by(pairs, source, target)
    }

    /// The same by medians, for pairs of which some may be far from where they belong.
    pub(super) fn robust(pairs: &[Correspondence]) -> Self {
        let source = Normalisation::robust(pairs.iter().map(|pair| pair.source));
        let target = Normalisation::robust(pairs.iter().map(|pair| pair.target));
        Self::by(pairs, source, target)
    }

    fn by(pairs: &[Correspondence], source: Normalisation, target: Normalisation) -> Self {
        let normalise = |pair: &Correspondence| Correspondence {
            source: source.apply(pair.source),
            target: target.apply(pair.target),
        };
        Self { pairs: pairs.iter().map(normalise).collect(), source, target }
    }

    /// The matrix in pixels of one in normalised coordinates.
    pub(super) fn in_pixels(&self, matrix: &Matrix3<f64>) -> Matrix3<f64> {
        self.target.inverse() * matrix * self.source.matrix()
    }

    /// The matrix in normalised coordinates of one in pixels.
    pub(super) fn normalised(&self, matrix: &Matrix3<f64>) -> Matrix3<f64> {
        self.target.matrix() * matrix * self.source.inverse()
    }
}
