//! Which model explains the pairs with the fewest unknowns.

use serde::Serialize;

use super::config::{HomographyConfig, Method};
use super::error::Side;
use super::estimate::{Estimate, fit};
use super::matrix::Homography;
use super::model::Model;
use super::normalization::Normalization;
use super::point::Correspondence;
use super::robust::ModelEstimator;
use super::transfer_error::TransferError;

/// How well a model explains pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ModelScore {
    /// The model.
    pub model: Model,
    /// Root mean square of its residuals, of inliers only if the estimation is robust.
    pub root_mean_square: f64,
    /// The information criterion; the least is the best.
    pub criterion: f64,
}

/// The noise is not estimated with fewer degrees of freedom.
const LEAST_FREEDOM: f64 = 4.0;

/// Coordinates are exact to this share of their usual distance from the middle, at best.
const ROUNDING: f64 = 1e-6;

/// The residuals of a model.
struct Residuals {
    model: Model,
    /// The weighted sum of squares of inliers, and their weight.
    squares: f64,
    weight: f64,
    /// The same of all pairs, each square at most that of the threshold.
    truncated: f64,
}

/// Fits every model that the pairs determine, and compares them by an information criterion: the sum
/// of squared residuals in standard deviations, plus the logarithm of the number of coordinates for
/// each unknown. The plainest model that explains the pairs has the least.
///
/// Robust estimations start from the inliers of the estimate, and squares are truncated at the
/// threshold. `noise` is the standard deviation of each coordinate in pixels, if it is known;
/// otherwise it is that of the most general model. With so few pairs that its residuals say nothing,
/// a plainer model is better only if it is exact. Scores are in the order of [`Model::ALL`].
///
/// # References
/// Torr, "Geometric motion segmentation and model selection", 1998 (GRIC); Schwarz, "Estimating the
/// dimension of a model", 1978 (BIC).
#[must_use]
pub fn compare_models(
    pairs: &[Correspondence],
    estimate: &Estimate,
    config: &HomographyConfig,
    noise: Option<f64>,
) -> Vec<ModelScore> {
    let reversed: Vec<Correspondence>;
    let pairs = if estimate.side == Side::Source {
        reversed = pairs.iter().map(|pair| pair.reversed()).collect();
        &reversed
    } else {
        pairs
    };
    let determined = |model: &Model| pairs.len() >= model.pairs_needed();
    let of = |model| match config.method {
        Method::Dlt => of_all(pairs, model),
        Method::Ransac(ransac) => of_inliers(pairs, estimate, model, ransac.settings().threshold),
    };
    let fits: Vec<Residuals> = Model::ALL.into_iter().filter(determined).filter_map(of).collect();
    let spread = Normalization::robust(pairs.iter().map(|pair| pair.target)).scale.recip();
    let variance = noise.map_or_else(|| variance(&fits), |noise| noise * noise);
    let variance = variance.max((ROUNDING * spread).powi(2));
    let count: f64 = match config.method {
        Method::Dlt => 4.0 * fits.first().map_or(0.0, |fit| fit.weight),
        Method::Ransac(_) => 4.0 * estimate.weights.iter().sum::<f64>(),
    };
    let score = |fit: &Residuals| ModelScore {
        model: fit.model,
        root_mean_square: (fit.squares / fit.weight).sqrt(),
        criterion: fit.truncated / variance + unknowns(fit.model) * count.ln(),
    };
    fits.iter().map(score).collect()
}

/// The variance of residuals of the most general model; 0 if they are too few.
fn variance(fits: &[Residuals]) -> f64 {
    let Some(fit) = fits.first() else { return 0.0 };
    let freedom = 2.0 * fit.weight - unknowns(fit.model);
    if freedom < LEAST_FREEDOM { 0.0 } else { fit.squares / freedom }
}

#[expect(clippy::cast_precision_loss, reason = "at most 8")]
const fn unknowns(model: Model) -> f64 {
    model.unknowns() as f64
}

fn of_all(pairs: &[Correspondence], model: Model) -> Option<Residuals> {
    let config = HomographyConfig { model, ..HomographyConfig::default() };
    let weights = vec![1.0; pairs.len()];
    let homography: Homography = fit(pairs, &weights, &config).ok()?.homography;
    let mut squares = 0.0;
    for error in TransferError::of_all(&homography, pairs) {
        squares += error.forward?.powi(2);
    }
    let weight = weights.iter().sum();
    Some(Residuals { model, squares, weight, truncated: squares })
}

fn of_inliers(
    pairs: &[Correspondence],
    estimate: &Estimate,
    model: Model,
    threshold: f64,
) -> Option<Residuals> {
    let inliers: Vec<usize> = (0..pairs.len()).filter(|&index| estimate.inliers[index]).collect();
    let estimator = ModelEstimator::new(pairs, model, threshold);
    let (matrix, truncated) = estimator.fitted_near(&inliers, threshold)?;
    let (squares, weight) = estimator.squares(&matrix, threshold);
    (weight > 0.0).then_some(Residuals { model, squares, weight, truncated })
}
