//! Recognizes faces.

use nalgebra::DVector;
use serde::Serialize;

use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::{FaceDistances, FaceMeasure};
use super::model::Eigenfaces;
use super::nearness::{Near, nearness};
use super::threshold::Threshold;

/// The judgment of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Not a face: too far from face space, or from the mean face within it.
    NotAFace,
    /// A face that is too far from all known faces.
    Unknown,
    /// The face of the nearest candidate.
    Known,
    /// Undecided, because the model has no thresholds.
    Undecided,
}

/// A known face near a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The name of the person.
    pub person: String,
    /// The nearest picture of that person.
    pub picture: String,
    /// The number of that picture among the fitted pictures, from 0.
    #[serde(skip)]
    pub number: usize,
    /// The distance of that picture, by the metric asked for.
    pub distance: f64,
}

/// The result of recognizing a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recognition {
    /// The distances from faces.
    pub distances: FaceDistances,
    /// The face score: the larger of both distances, each divided by its usual value for held-out
    /// faces; none if the model has no thresholds.
    pub face_score: Option<f64>,
    /// The judgment.
    pub verdict: Verdict,
    /// Whether this is one of the fitted pictures, which is known and a face by itself.
    pub fitted: bool,
    /// The nearest people, nearest first.
    pub candidates: Vec<Candidate>,
    /// One minus the distance of the nearest person divided by that of the second: 0 if both are
    /// equally near. None if there is only one person, or both distances are 0.
    pub margin: Option<f64>,
    /// Mean of the Euclidean distances to all known faces.
    pub mean_distance: f64,
    /// Whether this mean is within its threshold, which means little; none without a threshold.
    pub known_by_mean_distance: Option<bool>,
}

/// Distance of a picture from itself, in standard deviations of all pixels together: a model file
/// is in single precision.
const SAME: f64 = 1e-3;

impl Eigenfaces {
    /// Judges whether a picture is a face, and lists the `top` nearest people by a metric.
    ///
    /// # Errors
    /// The picture has another size, or infinite or NaN pixels; the metric is the cosine and the model
    /// has a single feature.
    pub fn recognize(
        &self,
        picture: &[f32],
        metric: Metric,
        top: usize,
    ) -> Result<Recognition, EigenfacesError> {
        self.check_picture(picture)?;
        if !self.allows(metric) {
            return Err(EigenfacesError::CosineOfOne);
        }
        let (weights, residual, distances) = self.placed(picture);
        let of_face = self.features.of(weights.as_slice());
        let near = nearness(&of_face, &self.known, &self.person_of, &self.features.variances);
        let fitted = self.is_fitted(&weights, residual);
        let ranking = near.rankings.get(Rule::Nearest(metric).index()).cloned().unwrap_or_default();
        let margin = match ranking.as_slice() {
            [first, second, ..] if second.distance > 0.0 => {
                Some(1.0 - first.distance / second.distance)
            }
            _ => None,
        };
        let within = |threshold: Option<Threshold>, score: f64| {
            threshold.map(|threshold| score <= threshold.value)
        };
        let calibration = &self.calibration;
        let face_score = calibration.usual.map(|usual| FaceMeasure::Both.of(distances, usual));
        let is_face = face_score.and_then(|score| within(calibration.face, score));
        let rule = Rule::Nearest(metric);
        let is_known = within(calibration.known[rule.index()], near.score(rule));
        let verdict = match (is_face, is_known) {
            (Some(_), Some(_)) if fitted => Verdict::Known,
            (Some(false), _) => Verdict::NotAFace,
            (_, Some(false)) => Verdict::Unknown,
            (_, Some(true)) => Verdict::Known,
            (_, None) => Verdict::Undecided,
        };
        let named = |near: &Near| Candidate {
            person: self.people[near.person].clone(),
            picture: self.names[near.picture].clone(),
            number: near.picture,
            distance: near.distance,
        };
        Ok(Recognition {
            distances,
            face_score,
            verdict,
            fitted,
            candidates: ranking.iter().take(top).map(named).collect(),
            margin,
            mean_distance: near.mean,
            known_by_mean_distance: within(calibration.known[Rule::Mean.index()], near.mean),
        })
    }

    /// The weights of a picture, the length of its residual, and its distances from faces.
    pub(super) fn placed(&self, picture: &[f32]) -> (DVector<f64>, f64, FaceDistances) {
        let point = self.normalization.apply(picture);
        let (weights, outside) = self.principal.project(&point.values);
        let distances = FaceDistances::new(&self.principal, (&weights, &outside), picture.len());
        (weights, outside.norm(), distances)
    }

    /// Whether a picture is one of those that were fitted, up to rounding.
    fn is_fitted(&self, weights: &DVector<f64>, residual: f64) -> bool {
        let most = (SAME * SAME) * self.principal.spectrum.total_variance;
        self.gallery
            .column_iter()
            .zip(&self.residuals)
            .any(|(known, own)| (residual - own).powi(2) + (weights - known).norm_squared() <= most)
    }
}
