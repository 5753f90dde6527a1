//! How far from its target a point lands.

use serde::Serialize;

use super::matrix::Homography;
use super::point::Correspondence;

/// The transfer errors of one pair, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TransferError {
    /// From the mapped source to the target; nothing if the source goes to infinity.
    pub forward: Option<f64>,
    /// From the target, mapped back, to the source; nothing if it goes to infinity.
    pub backward: Option<f64>,
}

impl TransferError {
    /// The errors of all pairs.
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

/// The root of the mean square and the largest of some errors, in pixels; nothing if one of them is
/// missing or there are none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ErrorSummary {
    /// Root of the mean square.
    pub root_mean_square: f64,
    /// The largest.
    pub largest: f64,
}

impl ErrorSummary {
    /// Of errors in pixels.
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
