//! Warnings about pairs of points or their homography.

use std::fmt;

use super::degeneracy::{nearly_collinear, repeated_pair};
use super::error::{Side, listed};
use super::fitted::Fitted;
use super::model::Model;
use super::point::Correspondence;
use super::transfer_error::{ErrorSummary, TransferError};

/// A warning about an estimate.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// Small changes of the points change the homography a lot.
    IllConditioned {
        /// Largest over second smallest singular value.
        condition: f64,
    },
    /// Nearly all inliers are on one line, so that they do not determine the homography off it.
    InliersOnLine {
        /// Inliers on the line.
        on: usize,
        /// Inliers off it, which may agree by chance.
        off: usize,
    },
    /// Three of four points are nearly collinear.
    NearlyCollinear {
        /// Which points.
        side: Side,
        /// The pairs, counted from 1.
        pairs: [usize; 3],
    },
    /// No homography fits the pairs well.
    PoorFit {
        /// Root of the mean squared error, in pixels.
        root_mean_square: f64,
    },
    /// Sources are on both sides of the line that maps to infinity.
    Torn {
        /// The pairs on the side with fewer, counted from 1.
        pairs: Vec<usize>,
    },
    /// The picture is mirrored.
    Mirrored,
    /// A point is given twice.
    Repeated {
        /// Which points.
        side: Side,
        /// The first pair, counted from 1.
        first: usize,
        /// The second.
        second: usize,
    },
    /// The residual of one pair is far above the others.
    Outlier {
        /// The pair, counted from 1.
        pair: usize,
        /// Its error, in pixels.
        error: f64,
        /// The median error, in pixels.
        median: f64,
    },
    /// Some pairs disagree with the others, which agree among themselves.
    Blunders {
        /// The pairs that disagree, counted from 1.
        pairs: Vec<usize>,
        /// Number of pairs that agree.
        agreeing: usize,
        /// Within how many pixels they agree.
        threshold: f64,
    },
    /// Most pairs are outliers.
    FewInliers {
        /// Number of inliers.
        inliers: usize,
        /// Number of pairs.
        count: usize,
    },
}

/// Above this condition, a pixel of uncertainty in a point becomes many in the picture.
const ILL_CONDITIONED: f64 = 1e3;

/// A pair is an outlier if its error exceeds this many medians and this many pixels, more than the
/// scatter of careful clicks.
const OUTLIER_MEDIANS: f64 = 5.0;
const OUTLIER_PIXELS: f64 = 5.0;

/// More than the scatter of careful clicks, in pixels.
const POOR_FIT: f64 = 10.0;

/// The warnings about an estimate that is known but for its warnings.
pub(super) fn warnings(
    pairs: &[Correspondence],
    fitted: &Fitted,
    errors: &[TransferError],
) -> Vec<Warning> {
    let Fitted { homography, inliers, condition, .. } = fitted;
    let mut warnings = Vec::new();
    if *condition > ILL_CONDITIONED {
        warnings.push(Warning::IllConditioned { condition: *condition });
    }
    if let Some([on, off]) = fitted.on_line {
        warnings.push(Warning::InliersOnLine { on, off });
    }
    let exact = pairs.len() == 4 && fitted.model == Model::Homography;
    if let Some((side, pairs)) = exact.then(|| nearly_collinear(pairs)).flatten() {
        warnings.push(Warning::NearlyCollinear { side, pairs });
    }
    let chosen: Vec<usize> = (0..pairs.len()).filter(|&index| inliers[index]).collect();
    let side = |positive: bool| -> Vec<usize> {
        let on_side = |index: &&usize| (homography.depth(pairs[**index].source) > 0.0) == positive;
        chosen.iter().filter(on_side).map(|index| index + 1).collect()
    };
    let (front, back) = (side(true), side(false));
    if !front.is_empty() && !back.is_empty() {
        let pairs = if front.len() < back.len() { front } else { back };
        warnings.push(Warning::Torn { pairs });
    } else if chosen.first().is_some_and(|&index| homography.mirrors(pairs[index].source)) {
        warnings.push(Warning::Mirrored);
    }
    if let Some((side, first, second)) = repeated_pair(pairs) {
        warnings.push(Warning::Repeated { side, first, second });
    }
    if fitted.samples.is_some() {
        if 2 * chosen.len() < pairs.len() {
            warnings.push(Warning::FewInliers { inliers: chosen.len(), count: pairs.len() });
        }
    } else {
        let errors: Vec<f64> = errors.iter().map(|error| error.at(fitted.side)).collect();
        warnings.extend(outlier(&errors).or_else(|| poor_fit(&errors)));
    }
    warnings
}

fn poor_fit(errors: &[f64]) -> Option<Warning> {
    let finite = |error: &f64| error.is_finite().then_some(*error);
    let root_mean_square = ErrorSummary::of(errors.iter().map(finite))?.root_mean_square;
    (root_mean_square > POOR_FIT).then_some(Warning::PoorFit { root_mean_square })
}

fn outlier(errors: &[f64]) -> Option<Warning> {
    let (index, error) = errors.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let mut sorted = errors.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    (error > OUTLIER_PIXELS && error > OUTLIER_MEDIANS * median).then_some(Warning::Outlier {
        pair: index + 1,
        error,
        median,
    })
}

impl Warning {
    pub(super) const fn is_of_blunders(&self) -> bool {
        matches!(self, Self::Blunders { .. })
    }

    /// Whether it says that the residuals are large.
    pub(super) const fn is_of_fit(&self) -> bool {
        matches!(self, Self::PoorFit { .. } | Self::Outlier { .. })
    }

    /// The numbers of [`Self::InliersOnLine`].
    pub(super) const fn inliers_on_line(&self) -> Option<[usize; 2]> {
        match self {
            Self::InliersOnLine { on, off } => Some([*on, *off]),
            _ => None,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllConditioned { condition } => write!(
                f,
                "the points hardly determine the homography (condition {condition:.1e}): they are \
                 nearly collinear or close together; spread them over the picture"
            ),
            Self::InliersOnLine { on, off } => write!(
                f,
                "{on} of {} inliers are on one line, and the {off} others are too few to show that \
                 they are right: away from the line the homography is not known; give pairs \
                 off it",
                on + off
            ),
            Self::NearlyCollinear { side, pairs: [a, b, c] } => write!(
                f,
                "the {side} points {a}, {b} and {c} are nearly collinear: fractions of a pixel \
                 change the homography; spread the points over the picture"
            ),
            Self::PoorFit { root_mean_square } => write!(
                f,
                "the residuals are large ({root_mean_square:.1} px root mean square): some pairs \
                 may be wrong (--method ransac leaves them out), or the surface is not flat"
            ),
            Self::Torn { pairs } => write!(
                f,
                "the line that maps to infinity separates the source points (pairs {} are on the \
                 other side); check that sources and targets are in the same order",
                listed(pairs)
            ),
            Self::Mirrored => f.write_str(
                "the homography mirrors the picture; check that all points have the order of \
                 --order, and that sources and targets are in the same sequence",
            ),
            Self::Repeated { side, first, second } => {
                write!(f, "pairs {first} and {second} have the same {side} point; check them")
            }
            Self::Outlier { pair, error, median } => write!(
                f,
                "pair {pair} may be wrong: its residual is {error:.1} px, the median {median:.1} \
                 px; --method ransac leaves out outliers"
            ),
            Self::Blunders { pairs, agreeing, threshold } => write!(
                f,
                "{} of the pairs may be wrong ({}): the {agreeing} others agree within {threshold} \
                 px without them; --method ransac leaves them out",
                pairs.len(),
                listed(pairs)
            ),
            Self::FewInliers { inliers, count } => write!(
                f,
                "only {inliers} of {count} pairs are inliers; the others may be wrong, or \
                 --threshold is too small"
            ),
        }
    }
}
