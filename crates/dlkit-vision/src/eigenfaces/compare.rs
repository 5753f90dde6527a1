//! Compares ways to prepare pictures and to tell faces apart, on held-out pictures and people.

use serde::Serialize;

use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::evaluation::{Evaluation, evaluate_folds};
use super::face_measure::FaceMeasure;
use super::face_set::FaceSet;
use super::features::{FeatureConfig, FeatureKind};
use super::model::FitConfig;
use super::normalization::Normalization;
use super::pictures::Pictures;

/// How well one way tells faces apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// The normalization of each picture.
    pub normalization: Normalization,
    /// What faces are compared by.
    pub features: FeatureConfig,
    /// The distance.
    pub metric: Metric,
    /// Share of held-out pictures of fitted people whose nearest face shows the right person; none
    /// if nobody has two pictures.
    pub correct: Option<f64>,
    /// Equal error rate between fitted and new people; none if nobody could be held out.
    pub known_error: Option<f64>,
    /// Equal error rate between faces of new people and other pictures; none without others. It
    /// depends on the normalization only.
    pub face_error: Option<f64>,
}

/// Eigenfaces left out in a comparison.
const SKIPPED: [usize; 2] = [1, 3];

/// Measures every normalization with every kind of features, by Euclidean distance and cosine.
/// Kinds that these faces do not allow are left out. The number of components and the folds are
/// those of `config`.
///
/// # Errors
/// The errors of an evaluation.
pub fn compare(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &FitConfig,
) -> Result<Vec<Compared>, EigenfacesError> {
    let mut result = Vec::new();
    for normalization in Normalization::ALL {
        for features in kinds() {
            let config = FitConfig { normalization, features, ..*config };
            let evaluation = match evaluate_folds(faces, others, &config) {
                Ok(evaluation) => evaluation,
                Err(EigenfacesError::Fisherfaces { .. } | EigenfacesError::Skip { .. }) => continue,
                Err(other) => return Err(other),
            };
            let of = |metric| compared(&evaluation, normalization, features, metric);
            result.extend([Metric::Euclidean, Metric::Cosine].map(of));
        }
    }
    Ok(result)
}

fn kinds() -> Vec<FeatureConfig> {
    let eigenfaces = FeatureConfig::default();
    let mut kinds = vec![eigenfaces];
    kinds.extend(SKIPPED.map(|skip| FeatureConfig { skip, ..eigenfaces }));
    kinds.push(FeatureConfig { whiten: true, ..eigenfaces });
    kinds.extend(SKIPPED.map(|skip| FeatureConfig { skip, whiten: true, ..eigenfaces }));
    kinds.push(FeatureConfig { kind: FeatureKind::Fisherfaces, ..eigenfaces });
    kinds
}

fn compared(
    evaluation: &Evaluation,
    normalization: Normalization,
    features: FeatureConfig,
    metric: Metric,
) -> Compared {
    let rule = Rule::Nearest(metric);
    let known = evaluation.known.iter().find(|known| known.by == rule);
    let face = evaluation.face.iter().find(|face| face.by == FaceMeasure::Both);
    let rate = evaluation.recognition.iter().find(|rate| rate.metric == metric);
    Compared {
        normalization,
        features,
        metric,
        correct: rate.map(|rate| rate.rate),
        known_error: known.map(|known| known.roc.equal_error.rate),
        face_error: face.map(|face| face.roc.equal_error.rate),
    }
}
