//! Estimates a homography from pairs of points, and how far to trust it.

use super::config::{HomographyConfig, Method, Refinement};
use super::degeneracy;
use super::dlt;
use super::error::HomographyError;
use super::loss::Loss;
use super::matrix::Homography;
use super::normalized::NormalizedPairs;
use super::point::Correspondence;
use super::refine::refine;
use super::robust::HomographyEstimator;
use super::transfer_error::TransferError;
use super::warning::{Warning, warnings};
use crate::ransac::{Estimator, find_consensus};

/// A homography and measures of its quality.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Maps sources to targets.
    pub homography: Homography,
    /// The errors of each pair, in the order given.
    pub errors: Vec<TransferError>,
    /// Whether each pair is an inlier, in the order given.
    pub inliers: Vec<bool>,
    /// Largest over second smallest singular value of the normalized equations of the inliers: the
    /// factor by which rounding grows. It is up to about 50 for points spread over a picture.
    pub condition: f64,
    /// Samples tried, if the estimation was robust.
    pub samples: Option<usize>,
    /// Warnings about the pairs or the result.
    pub warnings: Vec<Warning>,
}

/// Most steps of the last least-squares refinement; five are usual.
pub(super) const STEPS: usize = 100;

/// Most rounds of refinement and new choice of inliers; two are usual.
const ROUNDS: usize = 20;

/// Above this condition, the equations have rank below 8 in double precision.
pub(super) const RANK_CONDITION: f64 = 1e12;

/// Estimates the homography that maps sources to targets.
///
/// Four pairs are mapped exactly. With more, least squares on the transfer error refine the
/// normalized linear solution. The robust method finds the inliers first; they are exactly the
/// pairs whose final forward error is within the threshold.
///
/// # Errors
/// There are fewer than 4 pairs; a coordinate is not finite; the points are at fewer than four
/// places, or all but one are collinear; the equations have more than one solution; no consensus is
/// found.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, algorithms 4.2, 4.3 and 4.6.
pub fn estimate(
    pairs: &[Correspondence],
    config: &HomographyConfig,
) -> Result<Estimate, HomographyError> {
    degeneracy::check(pairs)?;
    match config.method {
        Method::Dlt => {
            let (homography, condition) = fit(pairs, config.refinement)?;
            Ok(finished(pairs, homography, vec![true; pairs.len()], condition, None))
        }
        Method::Ransac(ransac) => {
            let estimator = HomographyEstimator::new(pairs);
            let consensus = find_consensus(&estimator, &ransac)?;
            let mut inliers = consensus.inliers;
            let mut homography = Homography::new(estimator.in_pixels(&consensus.model))?;
            let mut condition = f64::INFINITY;
            for _ in 0..ROUNDS {
                let chosen: Vec<_> = inliers.iter().map(|&index| pairs[index]).collect();
                degeneracy::check(&chosen).map_err(|error| error.renumbered(&inliers))?;
                (homography, condition) = refit(&chosen, &homography, config.refinement)?;
                let agrees = within(pairs, &homography, ransac.settings().threshold);
                if agrees == inliers || agrees.len() < HomographyEstimator::SAMPLE {
                    break;
                }
                inliers = agrees;
            }
            // Chosen last, so that every inlier is within the threshold.
            let agrees = within(pairs, &homography, ransac.settings().threshold);
            let mut flags = vec![false; pairs.len()];
            for index in agrees {
                flags[index] = true;
            }
            Ok(finished(pairs, homography, flags, condition, Some(consensus.samples)))
        }
    }
}

/// Computes the linear solution and refines it.
fn fit(
    pairs: &[Correspondence],
    refinement: Refinement,
) -> Result<(Homography, f64), HomographyError> {
    let data = NormalizedPairs::of(pairs);
    let solution = dlt::solve(&data.pairs);
    let condition = solution.condition;
    if condition.is_nan() || condition > RANK_CONDITION {
        return Err(HomographyError::Undetermined { condition });
    }
    // Four pairs are mapped exactly; there is nothing to refine.
    let matrix = if pairs.len() == 4 {
        solution.matrix
    } else {
        refine(&solution.matrix, &data, refinement, Loss::Squared, STEPS)
    };
    // Checked in normalized coordinates, before the conversion to pixels.
    Homography::new(matrix)?;
    Ok((Homography::new(data.in_pixels(&matrix))?, condition))
}

/// Refines a near homography by least squares; without refinement, computes the linear solution.
fn refit(
    pairs: &[Correspondence],
    start: &Homography,
    refinement: Refinement,
) -> Result<(Homography, f64), HomographyError> {
    if refinement == Refinement::None || pairs.len() == 4 {
        return fit(pairs, refinement);
    }
    let data = NormalizedPairs::of(pairs);
    let condition = dlt::condition(&data.pairs);
    if condition.is_nan() || condition > RANK_CONDITION {
        return Err(HomographyError::Undetermined { condition });
    }
    let matrix = refine(&data.normalized(start.matrix()), &data, refinement, Loss::Squared, STEPS);
    Ok((Homography::new(data.in_pixels(&matrix))?, condition))
}

/// The pairs whose forward error is at most a threshold in pixels.
pub(super) fn within(
    pairs: &[Correspondence],
    homography: &Homography,
    threshold: f64,
) -> Vec<usize> {
    let agrees = |pair: &Correspondence| {
        homography.map(pair.source).is_some_and(|mapped| mapped.distance(pair.target) <= threshold)
    };
    (0..pairs.len()).filter(|&index| agrees(&pairs[index])).collect()
}

pub(super) fn finished(
    pairs: &[Correspondence],
    homography: Homography,
    inliers: Vec<bool>,
    condition: f64,
    samples: Option<usize>,
) -> Estimate {
    let errors = TransferError::of_all(&homography, pairs);
    let warnings = warnings(pairs, &homography, &errors, &inliers, condition, samples.is_some());
    Estimate { homography, errors, inliers, condition, samples, warnings }
}
