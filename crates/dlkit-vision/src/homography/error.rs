//! Errors of the estimation of a homography.

use thiserror::Error;

use super::model::Model;
use crate::ransac::{Pixels, RansacError};

/// Why a homography cannot be estimated.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HomographyError {
    /// There are fewer pairs than the unknowns need.
    #[error(
        "{} needs {} or more pairs of points, not {given}; give more pairs",
        model.described(),
        model.pairs_needed()
    )]
    TooFewPoints {
        /// What is estimated.
        model: Model,
        /// Pairs given.
        given: usize,
    },
    /// A coordinate is infinite or NaN.
    #[error("pair {pair}: the {side} point has an infinite or NaN coordinate")]
    PointNotFinite {
        /// The pair, counted from 1.
        pair: usize,
        /// Which of its points.
        side: Side,
    },
    /// Points repeat, so that fewer than four places remain.
    #[error(
        "the {side} points are at only {distinct} different places (pairs {first} and {second} \
         coincide); {} needs {}",
        model.described(),
        model.pairs_needed()
    )]
    TooFewPlaces {
        /// What is estimated.
        model: Model,
        /// Which points.
        side: Side,
        /// Number of different places.
        distinct: usize,
        /// The first of two pairs in one place, counted from 1.
        first: usize,
        /// The second of them.
        second: usize,
    },
    /// All points but at most one are collinear.
    #[error(
        "{} of the {count} {side} points are collinear (pairs {}); {} needs {} points of which no 3 \
         are collinear",
        pairs.len(),
        listed(pairs),
        model.described(),
        model.pairs_needed()
    )]
    Collinear {
        /// What is estimated.
        model: Model,
        /// Which points.
        side: Side,
        /// Number of points.
        count: usize,
        /// The pairs on the line, counted from 1.
        pairs: Vec<usize>,
    },
    /// The equations have more than one solution.
    #[error(
        "the pairs do not determine {}: the equations have rank below {} (condition \
         {condition:.1e}); spread the points over the picture",
        model.described(),
        model.unknowns()
    )]
    Undetermined {
        /// What is estimated.
        model: Model,
        /// Largest over second smallest singular value of the equations.
        condition: f64,
    },
    /// An entry of a matrix is infinite or NaN.
    #[error("the matrix has an infinite or NaN entry")]
    NotFinite,
    /// The matrix maps the plane to a line or a point.
    #[error("the matrix is singular: it maps the plane to a line and cannot be inverted")]
    Singular,
    /// No more pairs agree than would by chance.
    #[error(
        "no consensus: {inliers} of {count} pairs agree on {} within {} px, no more than of random \
         pairs would; give more or better pairs",
        model.described(),
        Pixels(*threshold)
    )]
    Chance {
        /// What is estimated.
        model: Model,
        /// Pairs that agree on the best.
        inliers: usize,
        /// All pairs.
        count: usize,
        /// The threshold, in pixels.
        threshold: f64,
    },
    /// The robust estimation failed.
    #[error(transparent)]
    Ransac(#[from] RansacError),
}

impl HomographyError {
    /// Whether the pairs are well-formed, but do not agree: a negative answer.
    #[must_use]
    pub const fn is_of_evidence(&self) -> bool {
        matches!(
            self,
            Self::Chance { .. }
                | Self::Ransac(RansacError::NoConsensus { .. } | RansacError::Degenerate { .. })
        )
    }

    /// Changes the numbers of pairs in the error of some pairs to their numbers among all pairs;
    /// `chosen` has the indices of the pairs, from 0.
    pub(super) fn renumbered(self, chosen: &[usize]) -> Self {
        let number = |pair: usize| chosen.get(pair - 1).map_or(pair, |index| index + 1);
        match self {
            Self::Collinear { model, side, count, pairs } => {
                let pairs = pairs.into_iter().map(number).collect();
                Self::Collinear { model, side, count, pairs }
            }
            Self::TooFewPlaces { model, side, distinct, first, second } => {
                let (first, second) = (number(first), number(second));
                Self::TooFewPlaces { model, side, distinct, first, second }
            }
            other => other,
        }
    }

    /// The error of pairs whose sources and targets were exchanged.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Collinear { model, side, count, pairs } => {
                Self::Collinear { model, side: side.other(), count, pairs }
            }
            Self::TooFewPlaces { model, side, distinct, first, second } => {
                Self::TooFewPlaces { model, side: side.other(), distinct, first, second }
            }
            Self::PointNotFinite { pair, side } => {
                Self::PointNotFinite { pair, side: side.other() }
            }
            other => other,
        }
    }
}

/// Which points of the pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The points of the source picture.
    Source,
    /// The points that they map to.
    Target,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Source => Self::Target,
            Self::Target => Self::Source,
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Lists the numbers of pairs for a message; only the first of many.
pub(super) fn listed(pairs: &[usize]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = pairs.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if pairs.len() > SHOWN { ", ..." } else { "" };
    shown.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_named_as_they_were_given() {
        let model = Model::Homography;
        let line =
            HomographyError::Collinear { model, side: Side::Source, count: 3, pairs: vec![1, 3] };
        let message = line.renumbered(&[4, 6, 9]).to_string();
        for fact in ["2 of the 3 source points", "collinear", "(pairs 5, 10)"] {
            assert!(message.contains(fact), "{fact}: {message}");
        }
        let side = Side::Target;
        let places =
            HomographyError::TooFewPlaces { model, side, distinct: 2, first: 1, second: 2 };
        let message = places.renumbered(&[4, 6, 9]).to_string();
        for fact in ["target", "2 different places", "5 and 7"] {
            assert!(message.contains(fact), "{fact}: {message}");
        }
        let few = HomographyError::TooFewPoints { model, given: 3 };
        assert_eq!(few.clone().renumbered(&[4, 6, 9]), few);
    }
}
