//! Estimates a homography from pairs of points, and how far to trust it.

use std::num::NonZeroUsize;

use super::chance::{LIMIT, log_false_alarms};
use super::config::{HomographyConfig, Method, Refinement};
use super::degeneracy;
use super::dlt;
use super::error::{HomographyError, Side};
use super::fitted::Fitted;
use super::linear;
use super::loss::Loss;
use super::matrix::Homography;
use super::model::Model;
use super::normalized::NormalizedPairs;
use super::point::{Correspondence, Point};
use super::refine::refine;
use super::robust::ModelEstimator;
use super::transfer_error::TransferError;
use super::warning::{Warning, warnings};
use crate::ransac::{RansacConfig, find_consensus};

/// A homography and measures of its quality.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The family of maps that it belongs to.
    pub model: Model,
    /// Maps sources to targets.
    pub homography: Homography,
    /// The errors of each pair, in the order given.
    pub errors: Vec<TransferError>,
    /// Whether each pair is an inlier, in the order given.
    pub inliers: Vec<bool>,
    /// How often each pair counts, at most once: pairs that repeat or contradict each other count
    /// once together, if the estimation was robust.
    pub weights: Vec<f64>,
    /// Largest over second smallest singular value of the normalized equations of the inliers: the
    /// factor by which rounding grows. It is up to about 50 for points spread over a picture. Of an
    /// affine map, the ratio of the sources' extents; 1 for plainer models.
    pub condition: f64,
    /// Samples tried, if the estimation was robust.
    pub samples: Option<usize>,
    /// The side whose errors were minimized and decide which pairs are inliers.
    pub side: Side,
    /// Warnings about the pairs or the result.
    pub warnings: Vec<Warning>,
}

/// Most steps of the last least-squares refinement; five are usual.
pub(super) const STEPS: usize = 100;

/// Most rounds of refinement and new choice of inliers; two are usual.
const ROUNDS: usize = 20;

/// Most samples in which blunders are looked for.
const BLUNDER_SAMPLES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_999);

/// Above this condition, the equations have rank below 8 in double precision.
pub(super) const RANK_CONDITION: f64 = 1e12;

/// Estimates the homography, or the plainer map, that takes sources to targets.
///
/// As many pairs as the model needs are mapped exactly. With more, least squares on the transfer
/// error refine the linear solution. The robust method finds the inliers first; they are exactly the
/// pairs whose final forward error is within the threshold, and that are on the same side of the
/// line that maps to infinity. Pairs that repeat each other, or of which at most one can be right,
/// weigh once together.
///
/// With [`Refinement::Backward`], errors and threshold are distances at the sources.
///
/// # Errors
/// There are fewer pairs than the model needs; a coordinate is not finite; the points are at too few
/// places, or collinear; the equations have more than one solution; no consensus is found.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, algorithms 4.2, 4.3 and 4.6.
pub fn estimate(
    pairs: &[Correspondence],
    config: &HomographyConfig,
) -> Result<Estimate, HomographyError> {
    degeneracy::check(pairs, config.model)?;
    if config.refinement == Refinement::Backward {
        return estimate_backward(pairs, config);
    }
    match config.method {
        Method::Dlt => {
            let fitted = fit(pairs, &vec![1.0; pairs.len()], config)?;
            let fitted = Fitted { inliers: vec![true; pairs.len()], ..fitted };
            let mut estimate = finished(fitted, pairs);
            name_blunders(&mut estimate, pairs);
            Ok(estimate)
        }
        Method::Ransac(ransac) => estimate_robustly(pairs, config, &ransac),
    }
}

/// If the residuals are large because some pairs disagree with many others that agree, names them.
fn name_blunders(estimate: &mut Estimate, pairs: &[Correspondence]) {
    if !estimate.warnings.iter().any(Warning::is_of_fit) {
        return;
    }
    let config = RansacConfig::default().at_most(BLUNDER_SAMPLES);
    let threshold = config.settings().threshold;
    let estimator = ModelEstimator::new(pairs, estimate.model, threshold);
    let Ok(consensus) = find_consensus(&estimator, &config) else { return };
    let agreeing = consensus.inliers.len();
    let few = agreeing < estimate.model.pairs_needed() + 2 || 2 * agreeing < pairs.len();
    let named = estimate.warnings.iter().any(|warning| matches!(warning, Warning::Outlier { .. }));
    if few || agreeing == pairs.len() || (named && agreeing + 1 == pairs.len()) {
        return;
    }
    let agrees = flags(&consensus.inliers, pairs.len());
    let blunders = (1..=pairs.len()).filter(|pair| !agrees[pair - 1]).collect();
    estimate.warnings.retain(|warning| !warning.is_of_fit());
    estimate.warnings.push(Warning::Blunders { pairs: blunders, agreeing, threshold });
}

/// Estimates the inverse by its errors at the sources.
fn estimate_backward(
    pairs: &[Correspondence],
    config: &HomographyConfig,
) -> Result<Estimate, HomographyError> {
    let reversed: Vec<Correspondence> = pairs.iter().map(|pair| pair.reversed()).collect();
    let config = HomographyConfig { refinement: Refinement::Forward, ..*config };
    let found = estimate(&reversed, &config).map_err(HomographyError::reversed)?;
    let fitted = Fitted {
        model: config.model,
        homography: found.homography.inverse(),
        inliers: found.inliers,
        weights: found.weights,
        condition: found.condition,
        samples: found.samples,
        side: Side::Source,
        on_line: found.warnings.iter().find_map(Warning::inliers_on_line),
    };
    let mut estimate = finished(fitted, pairs);
    if let Some(blunders) = found.warnings.into_iter().find(Warning::is_of_blunders) {
        estimate.warnings.retain(|warning| !warning.is_of_fit());
        estimate.warnings.push(blunders);
    }
    Ok(estimate)
}

fn estimate_robustly(
    pairs: &[Correspondence],
    config: &HomographyConfig,
    ransac: &RansacConfig,
) -> Result<Estimate, HomographyError> {
    let threshold = ransac.settings().threshold;
    let estimator = ModelEstimator::new(pairs, config.model, threshold);
    let consensus = find_consensus(&estimator, ransac)?;
    let mut inliers = consensus.inliers;
    // All inliers of the consensus are on one side of the line that maps to infinity.
    let front = inliers.first().map(|&index| pairs[index].source);
    let mut homography = Homography::new(estimator.in_pixels(&consensus.model))?;
    let mut condition = f64::INFINITY;
    for _ in 0..ROUNDS {
        let chosen: Vec<_> = inliers.iter().map(|&index| pairs[index]).collect();
        let weights: Vec<f64> = inliers.iter().map(|&index| estimator.weights()[index]).collect();
        degeneracy::check(&chosen, config.model).map_err(|error| error.renumbered(&inliers))?;
        (homography, condition) = refit(&chosen, &weights, &homography, config)?;
        let agrees = within(pairs, &homography, threshold, front);
        if agrees == inliers || agrees.len() < config.model.pairs_needed() {
            break;
        }
        inliers = agrees;
    }
    // Chosen last, so that every inlier is within the threshold.
    let agrees = within(pairs, &homography, threshold, front);
    check_chance(pairs, config, (&homography, &agrees, estimator.weights()), threshold)?;
    let fitted = Fitted {
        model: config.model,
        homography,
        on_line: estimator.undetermined(&agrees, threshold),
        inliers: flags(&agrees, pairs.len()),
        weights: estimator.weights().to_vec(),
        condition,
        samples: Some(consensus.samples),
        side: Side::Target,
    };
    Ok(finished(fitted, pairs))
}

/// Refuses a map on which no more pairs agree than would by chance.
fn check_chance(
    pairs: &[Correspondence],
    config: &HomographyConfig,
    (homography, agrees, weights): (&Homography, &[usize], &[f64]),
    threshold: f64,
) -> Result<(), HomographyError> {
    let mut errors = vec![f64::INFINITY; pairs.len()];
    for &index in agrees {
        let mapped = homography.map(pairs[index].source);
        errors[index] = mapped.map_or(f64::INFINITY, |mapped| mapped.distance(pairs[index].target));
    }
    // As few pairs as the model needs have nothing to agree with.
    let has_others = pairs.len() > config.model.pairs_needed();
    if has_others && log_false_alarms(config.model, pairs, weights, &errors) > LIMIT {
        let (model, inliers, count) = (config.model, agrees.len(), pairs.len());
        return Err(HomographyError::Chance { model, inliers, count, threshold });
    }
    Ok(())
}

/// Computes the linear solution and refines it.
pub(super) fn fit(
    pairs: &[Correspondence],
    weights: &[f64],
    config: &HomographyConfig,
) -> Result<Fitted, HomographyError> {
    let HomographyConfig { model, refinement, .. } = *config;
    let data = NormalizedPairs { weights: weights.to_vec(), ..NormalizedPairs::of(pairs) };
    let undetermined = |condition| HomographyError::Undetermined { model, condition };
    let solution = linear::solve(model, &data).ok_or_else(|| undetermined(f64::INFINITY))?;
    let condition = solution.condition;
    if condition.is_nan() || condition > RANK_CONDITION {
        return Err(undetermined(condition));
    }
    // As few pairs as the model needs are mapped exactly, but for rigid motions; there is nothing to
    // refine.
    let exact = pairs.len() == model.pairs_needed() && model != Model::Rigid;
    let matrix = if exact {
        solution.matrix
    } else {
        refine(model, &solution.matrix, &data, refinement, Loss::Squared, STEPS)
    };
    // Checked in normalized coordinates, before the conversion to pixels.
    Homography::new(matrix)?;
    Ok(Fitted {
        model,
        homography: Homography::new(data.in_pixels(&matrix))?,
        inliers: Vec::new(),
        weights: data.weights,
        condition,
        samples: None,
        side: Side::Target,
        on_line: None,
    })
}

/// Refines a near homography by least squares; without refinement, computes the linear solution.
fn refit(
    pairs: &[Correspondence],
    weights: &[f64],
    start: &Homography,
    config: &HomographyConfig,
) -> Result<(Homography, f64), HomographyError> {
    let HomographyConfig { model, refinement, .. } = *config;
    let few = pairs.len() == model.pairs_needed();
    if refinement == Refinement::None || few || model != Model::Homography {
        let Fitted { homography, condition, .. } = fit(pairs, weights, config)?;
        return Ok((homography, condition));
    }
    let data = NormalizedPairs { weights: weights.to_vec(), ..NormalizedPairs::of(pairs) };
    let condition = dlt::condition(&data.pairs);
    if condition.is_nan() || condition > RANK_CONDITION {
        return Err(HomographyError::Undetermined { model, condition });
    }
    let start = data.normalized(start.matrix());
    let matrix = refine(model, &start, &data, refinement, Loss::Squared, STEPS);
    Ok((Homography::new(data.in_pixels(&matrix))?, condition))
}

/// The pairs whose forward error is at most a threshold in pixels, and whose sources are on the same
/// side of the line that maps to infinity as a point, if one is given.
pub(super) fn within(
    pairs: &[Correspondence],
    homography: &Homography,
    threshold: f64,
    front: Option<Point>,
) -> Vec<usize> {
    let depth = front.map(|point| homography.depth(point));
    let agrees = |pair: &Correspondence| {
        let near = |mapped: Point| {
            // The difference first, because most outliers are far away.
            (mapped.x - pair.target.x).abs() <= threshold
                && mapped.distance(pair.target) <= threshold
        };
        homography.map(pair.source).is_some_and(near)
            && depth.is_none_or(|depth| depth * homography.depth(pair.source) > 0.0)
    };
    (0..pairs.len()).filter(|&index| agrees(&pairs[index])).collect()
}

/// A flag for each of `count` pairs.
pub(super) fn flags(chosen: &[usize], count: usize) -> Vec<bool> {
    let mut flags = vec![false; count];
    for &index in chosen {
        flags[index] = true;
    }
    flags
}

/// Adds errors and warnings.
pub(super) fn finished(fitted: Fitted, pairs: &[Correspondence]) -> Estimate {
    let errors = TransferError::of_all(&fitted.homography, pairs);
    let warnings = warnings(pairs, &fitted, &errors);
    let Fitted { model, homography, inliers, weights, condition, samples, side, .. } = fitted;
    Estimate { model, homography, errors, inliers, weights, condition, samples, side, warnings }
}
