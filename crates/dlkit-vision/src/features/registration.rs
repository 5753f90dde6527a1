//! The homography between two pictures of the same plane.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use thiserror::Error;

use super::detection::detect_features;
use super::evidence::{agrees, log_false_alarms};
use super::gray_picture::GrayPicture;
use super::guided::guided_matches;
use super::keypoint::Feature;
use super::matching::{FeatureMatch, MatchConfig, match_features};
use crate::homography::{
    Correspondence, Estimate, HomographyConfig, HomographyError, Method, Refinement, Warning,
    estimate, estimate_near,
};
use crate::ransac::{RansacConfig, RansacError};

/// Settings of the registration of two pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegistrationConfig {
    /// How features are matched.
    pub matching: MatchConfig,
    /// How wrong matches are left out.
    pub ransac: RansacConfig,
    /// The error to minimize at the end.
    pub refinement: Refinement,
}

impl Default for RegistrationConfig {
    /// At most 10,000 samples, so that pictures that do not match are told so soon.
    fn default() -> Self {
        Self {
            matching: MatchConfig::default(),
            ransac: RansacConfig::default().at_most(MOST_SAMPLES),
            refinement: Refinement::default(),
        }
    }
}

/// Most samples by default, enough for 83 % outliers.
const MOST_SAMPLES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Two registered pictures.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Number of features of each picture.
    pub features: [usize; 2],
    /// The matches, in the order of the estimate's pairs.
    pub matches: Vec<FeatureMatch>,
    /// The homography from the first picture to the second, and its inliers.
    pub estimate: Estimate,
    /// The decimal logarithm of the number of such homographies expected by chance.
    pub log_false_alarms: f64,
}

/// Why two pictures cannot be registered.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RegistrationError {
    /// Nothing, or nothing that agrees, was found in both pictures.
    #[error(
        "the pictures do not match: {matches} of {first} and {second} features match, and {inliers} \
         of them agree on a homography, no more than by chance; use sharper pictures that show \
         more of the same flat object from more similar directions, or give --points"
    )]
    NoMatch {
        /// Features of the first picture.
        first: usize,
        /// Features of the second picture.
        second: usize,
        /// Matches.
        matches: usize,
        /// Matches that agree on the best homography.
        inliers: usize,
    },
    /// The estimation failed for another reason.
    #[error(transparent)]
    Homography(#[from] HomographyError),
}

/// Largest accepted logarithm of the number of false alarms.
const CHANCE: f64 = -4.0;

/// Guided matches are sought within this many thresholds, so that a biased first estimate does not
/// choose the matches that support it.
const REACH: f64 = 2.0;

/// Rounds of guided matching.
const ROUNDS: usize = 3;

/// Finds the homography from the first picture to the second, without any points given.
///
/// Features of both pictures are matched, and wrong matches are left out. The homography is accepted
/// only if far more matches agree on it, in place, direction and scale, than would by chance. Then
/// features are matched again near the places where it maps them, and it is refined by a robust error of all matches.
/// The result is the same for any number of threads.
///
/// # Errors
/// The pictures do not match.
///
/// # References
/// Lowe 2004; Moisan and Stival, "A probabilistic criterion to detect rigid point matches between
/// two images and estimate the fundamental matrix", 2004 (the chance); Hartley and Zisserman,
/// "Multiple View Geometry", 2004, algorithm 4.6 (guided matching).
pub fn register(
    first: &GrayPicture,
    second: &GrayPicture,
    config: &RegistrationConfig,
) -> Result<Registration, RegistrationError> {
    let [source, target] =
        [first, second].map(|picture| detect_features(picture, config.matching.most_features));
    let matches = match_features(&source, &target, config.matching.ratio);
    let no_match = |inliers| RegistrationError::NoMatch {
        first: source.len(),
        second: target.len(),
        matches: matches.len(),
        inliers,
    };
    let settings = HomographyConfig {
        method: Method::Ransac(config.ransac),
        refinement: config.refinement,
        ..HomographyConfig::default()
    };
    let found = estimate(&pairs(&matches), &settings).map_err(|error| match error {
        HomographyError::Chance { inliers, .. }
        | HomographyError::Ransac(RansacError::NoConsensus { inliers, .. }) => no_match(inliers),
        HomographyError::TooFewPoints { .. }
        | HomographyError::TooFewPlaces { .. }
        | HomographyError::Collinear { .. }
        | HomographyError::Undetermined { .. }
        | HomographyError::Singular
        | HomographyError::NotFinite
        | HomographyError::Ransac(_) => no_match(0),
        HomographyError::PointNotFinite { .. } => error.into(),
    })?;
    let supporting = matches
        .iter()
        .zip(&found.inliers)
        .filter(|(pair, inlier)| **inlier && agrees(&found.homography, &pair.source, &pair.target));
    let supporting = supporting.count();
    #[expect(clippy::cast_precision_loss, reason = "pictures have fewer than 2^52 pixels")]
    let area = (second.width() * second.height()) as f64;
    let threshold = config.ransac.settings().threshold;
    let log_false_alarms = log_false_alarms(matches.len(), supporting, threshold, area);
    if log_false_alarms > CHANCE {
        return Err(no_match(supporting));
    }
    let features = [source.len(), target.len()];
    let (matches, estimate) = guided([&source, &target], matches, found, config)?;
    Ok(Registration { features, matches, estimate, log_false_alarms })
}

/// Adds guided matches, and refines the homography on all inliers.
fn guided(
    [first, second]: [&[Feature]; 2],
    mut matches: Vec<FeatureMatch>,
    mut estimate: Estimate,
    config: &RegistrationConfig,
) -> Result<(Vec<FeatureMatch>, Estimate), RegistrationError> {
    let threshold = config.ransac.settings().threshold;
    let samples = estimate.samples;
    let own = matches.len();
    for _ in 0..ROUNDS {
        matches.truncate(own);
        let mut seen: HashSet<[u64; 4]> = matches.iter().map(places).collect();
        let found = guided_matches(first, second, &estimate.homography, REACH * threshold);
        matches.extend(found.into_iter().filter(|pair| seen.insert(places(pair))));
        let start = &estimate.homography;
        estimate = estimate_near(&pairs(&matches), start, threshold, config.refinement)?;
    }
    estimate.samples = samples;
    // A keypoint with several directions may match in several ways; there is nothing to check.
    estimate.warnings.retain(|warning| !matches!(warning, Warning::Repeated { .. }));
    Ok((matches, estimate))
}

fn pairs(matches: &[FeatureMatch]) -> Vec<Correspondence> {
    matches.iter().map(FeatureMatch::pair).collect()
}

/// The coordinates of both places, to tell matches apart.
fn places(pair: &FeatureMatch) -> [u64; 4] {
    let (source, target) = (pair.source.place, pair.target.place);
    [source.x, source.y, target.x, target.y].map(f64::to_bits)
}
