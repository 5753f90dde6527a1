//! Transfer errors: distances between mapped points and their targets.

use serde::Serialize;

use super::error::Side;
use super::matrix::Homography;
use super::point::Correspondence;

/// The transfer errors of one pair, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TransferError {
    /// The distance from the mapped source to the target; none if the source maps to infinity.
    pub forward: Option<f64>,
    /// The distance from the target, mapped back, to the source; none if it maps to infinity.
    pub backward: Option<f64>,
}

impl TransferError {
    /// The error at one of the sides; infinite if the point maps to infinity.
    pub(super) fn at(&self, side: Side) -> f64 {
        let error = match side {
            Side::Source => self.backward,
            Side::Target => self.forward,
        };
        error.unwrap_or(f64::INFINITY)
    }

    /// Computes the errors of all pairs.
    #[must_use]
    pub fn of_all(homography: &Homography, pairs: &[Correspondence]) -> Vec<Self> {
        let inverse = homography.inverse();
        let of = |pair: &Correspondence| Self {
            forward: homography.map(pair.source).map(|mapped| mapped.distance(pair.target)),
            backward: inverse.map(pair.target).map(|mapped| mapped.distance(pair.source)),
        };
        pairs.iter().map(of).collect()
    }
}

/// The root mean square and the largest of some errors, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ErrorSummary {
    /// The root mean square.
    pub root_mean_square: f64,
    /// The largest error.
    pub largest: f64,
}

impl ErrorSummary {
    /// Summarizes errors in pixels; none if an error is missing or there are none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 errors")]
    pub fn of(errors: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let (mut count, mut squares, mut largest) = (0_usize, 0.0, 0.0_f64);
        for error in errors {
            let error = error?;
            count += 1;
            squares += error * error;
            largest = largest.max(error);
        }
        (count > 0).then(|| Self { root_mean_square: (squares / count as f64).sqrt(), largest })
    }
}
