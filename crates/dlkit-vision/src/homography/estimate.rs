//! From pairs of points to a homography and how far to trust it.

use super::config::{HomographyConfig, Method, Refinement};
use super::degeneracy;
use super::dlt;
use super::error::HomographyError;
use super::matrix::Homography;
use super::normalized::NormalizedPairs;
use super::point::Correspondence;
use super::refine::refine;
use super::robust::HomographyEstimator;
use super::transfer_error::TransferError;
use super::warning::{Warning, warnings};
use crate::ransac::{Estimator, find_consensus};

/// A homography and what speaks for and against it.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Maps sources to targets.
    pub homography: Homography,
    /// The errors of each pair, in the order given.
    pub errors: Vec<TransferError>,
    /// Whether each pair counted, in the order given.
    pub inliers: Vec<bool>,
    /// Largest over second smallest singular value of the normalized equations of the inliers: up
    /// to about 50 for points spread over a picture; rounding is magnified by so much.
    pub condition: f64,
    /// Samples tried, where the estimation was robust.
    pub samples: Option<usize>,
    /// What is odd about the pairs or the result.
    pub warnings: Vec<Warning>,
}

/// Steps of the last least-squares refinement, at most; five are usual.
const STEPS: usize = 100;

/// Rounds of refinement and new choice of inliers, at most; two are usual.
const ROUNDS: usize = 20;

/// More than this, the equations have rank below 8 for all that double precision can tell.
const RANK_CONDITION: f64 = 1e12;

/// Estimates the homography that takes sources to targets.
///
/// Four pairs are met exactly. With more, the normalized linear solution is refined by least
/// squares on the transfer error. The robust method finds the pairs that agree first; its inliers
/// are exactly the pairs whose forward error is within the threshold in the end.
///
/// # Errors
/// Where there are fewer than 4 pairs, a coordinate is not finite, the points are not in four
/// places or lie on a line but for one, the equations have no single solution, or no consensus is
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
            // The last word: what is called an inlier is within the threshold.
            let agrees = within(pairs, &homography, ransac.settings().threshold);
            let mut flags = vec![false; pairs.len()];
            for index in agrees {
                flags[index] = true;
            }
            Ok(finished(pairs, homography, flags, condition, Some(consensus.samples)))
        }
    }
}

/// The linear solution, refined.
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
    // Four pairs are met exactly; there is nothing to refine.
    let matrix = if pairs.len() == 4 {
        solution.matrix
    } else {
        refine(&solution.matrix, &data, refinement, STEPS)
    };
    // Judged where the units are those of the data, before they are pixels.
    Homography::new(matrix)?;
    Ok((Homography::new(data.in_pixels(&matrix))?, condition))
}

/// Least squares from a homography that is near already; from the linear solution if asked for no
/// refinement.
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
    let matrix = refine(&data.normalized(start.matrix()), &data, refinement, STEPS);
    Ok((Homography::new(data.in_pixels(&matrix))?, condition))
}

/// The pairs whose forward error is at most a threshold in pixels.
fn within(pairs: &[Correspondence], homography: &Homography, threshold: f64) -> Vec<usize> {
    let agrees = |pair: &Correspondence| {
        homography.map(pair.source).is_some_and(|mapped| mapped.distance(pair.target) <= threshold)
    };
    (0..pairs.len()).filter(|&index| agrees(&pairs[index])).collect()
}

fn finished(
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
