//! What can go wrong when a homography is estimated.

use thiserror::Error;

use crate::ransac::RansacError;

/// Why there is no homography.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HomographyError {
    /// Fewer pairs than unknowns need.
    #[error("{given} pairs of points are given; a homography needs 4 or more")]
    TooFewPoints {
        /// Pairs given.
        given: usize,
    },
    /// A coordinate is infinite or NaN.
    #[error("pair {pair}: a coordinate of the {side} point is not finite")]
    PointNotFinite {
        /// The pair, counted from 1.
        pair: usize,
        /// Which of its points.
        side: Side,
    },
    /// Points repeat so often that fewer than four places are left.
    #[error(
        "the {side} points are only {distinct} different places ({first} and {second} are the \
         same); a homography needs 4"
    )]
    TooFewPlaces {
        /// Which points.
        side: Side,
        /// Number of different places.
        distinct: usize,
        /// The first of two pairs in one place, counted from 1.
        first: usize,
        /// The second of them.
        second: usize,
    },
    /// All points but at most one lie on a line.
    #[error(
        "{} of the {count} {side} points lie on one line (pairs {}); a homography needs 4 of which \
         no 3 do",
        pairs.len(),
        listed(pairs)
    )]
    Collinear {
        /// Which points.
        side: Side,
        /// Number of points.
        count: usize,
        /// The pairs on the line, counted from 1.
        pairs: Vec<usize>,
    },
    /// The equations leave more than one solution.
    #[error(
        "the pairs do not determine a homography: the equations have rank below 8 (condition \
         {condition:.1e}); give points that are spread over the picture"
    )]
    Undetermined {
        /// Largest over second smallest singular value of the equations.
        condition: f64,
    },
    /// An entry of a matrix is infinite or NaN.
    #[error("the matrix has an entry that is not finite")]
    NotFinite,
    /// A matrix that squeezes the plane to a line or a point.
    #[error("the matrix is singular: it squeezes the plane to a line and cannot be inverted")]
    Singular,
    /// The robust estimation found nothing.
    #[error(transparent)]
    Ransac(#[from] RansacError),
}

impl HomographyError {
    /// The error of some pairs, these counted from 0, with the numbers they have among all.
    pub(super) fn renumbered(self, chosen: &[usize]) -> Self {
        let number = |pair: usize| chosen.get(pair - 1).map_or(pair, |index| index + 1);
        match self {
            Self::Collinear { side, count, pairs } => {
                Self::Collinear { side, count, pairs: pairs.into_iter().map(number).collect() }
            }
            Self::TooFewPlaces { side, distinct, first, second } => {
                let (first, second) = (number(first), number(second));
                Self::TooFewPlaces { side, distinct, first, second }
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
    /// The points they go to.
    Target,
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Numbers of pairs for a message, the first few of many.
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
        let line = HomographyError::Collinear { side: Side::Source, count: 3, pairs: vec![1, 3] };
        let message = line.renumbered(&[4, 6, 9]).to_string();
        assert!(message.starts_with("2 of the 3 source points lie on one line (pairs 5, 10)"));
        let side = Side::Target;
        let places = HomographyError::TooFewPlaces { side, distinct: 2, first: 1, second: 2 };
        let message = places.renumbered(&[4, 6, 9]).to_string();
        assert!(message.contains("only 2 different places (5 and 7 are the same)"), "{message}");
        let few = HomographyError::TooFewPoints { given: 3 };
        assert_eq!(few.clone().renumbered(&[4, 6, 9]), few);
    }
}
