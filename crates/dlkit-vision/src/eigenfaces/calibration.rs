//! Thresholds, computed on faces that were held out of the fit.

use serde::{Deserialize, Serialize};

use super::choice::{Choice, measured};
use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::{FaceDistances, FaceMeasure};
use super::held_out::HeldOut;
use super::scores::Scores;
use super::threshold::{Populations, Question, Threshold};

/// Thresholds of a model, and the scores of held-out pictures that they come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The usual distances of a face: medians of held-out faces.
    pub usual: Option<FaceDistances>,
    /// For [`FaceMeasure::Both`]: a picture above it is not a face.
    pub face: Option<Threshold>,
    /// For each of [`Rule::ALL`]: a face above it is unknown.
    pub known: [Option<Threshold>; Rule::ALL.len()],
    /// Number of folds that pictures were held out in; 0 if there were too few.
    pub folds: usize,
    /// Number of folds that people were held out in; 0 if nobody could be.
    pub folds_of_people: usize,
    /// The seed of the partition into folds.
    pub seed: u64,
    /// Face scores.
    pub(super) face_scores: Populations,
    /// For each of [`Rule::ALL`], distances; pictures that are not faces have none.
    pub(super) distances: [Populations; Rule::ALL.len()],
}

/// Fewest pictures from which thresholds are computed.
pub(super) const FEWEST_PICTURES: usize = 4;

impl Calibration {
    pub(super) fn of(held_out: &HeldOut, folds: [usize; 2], seed: u64) -> Self {
        let usual = held_out.usual();
        let face_scores = usual.map_or_else(Populations::default, |usual| {
            held_out.face_scores(FaceMeasure::Both, usual)
        });
        let distances = held_out.distances.clone();
        let face = measured(&face_scores, Question::Face, Choice::Best);
        let known =
            Rule::ALL.map(|rule| measured(&distances[rule.index()], Question::Known, Choice::Best));
        let [folds, folds_of_people] = folds;
        Self { usual, face, known, folds, folds_of_people, seed, face_scores, distances }
    }

    /// Replaces the threshold of "is it a face".
    ///
    /// # Errors
    /// The threshold is not finite; the model has no face scores to apply it to.
    pub fn set_face_threshold(&mut self, value: f64) -> Result<(), EigenfacesError> {
        if !value.is_finite() {
            return Err(EigenfacesError::Threshold { value });
        }
        if self.usual.is_none() {
            return Err(EigenfacesError::Uncalibrated);
        }
        self.face = measured(&self.face_scores, Question::Face, Choice::Given(value));
        Ok(())
    }

    /// Replaces the threshold of "is it a known face" for a metric.
    ///
    /// # Errors
    /// The threshold is not finite.
    pub fn set_known_threshold(
        &mut self,
        metric: Metric,
        value: f64,
    ) -> Result<(), EigenfacesError> {
        if !value.is_finite() {
            return Err(EigenfacesError::Threshold { value });
        }
        let index = Rule::Nearest(metric).index();
        self.known[index] = measured(&self.distances[index], Question::Known, Choice::Given(value));
        Ok(())
    }

    /// Chooses the thresholds of "is it a known face" so that at most a share of the pictures of
    /// new people is taken for known people.
    ///
    /// # Errors
    /// The share is not between 0 and 1; nobody was held out.
    pub fn set_accept_rate(&mut self, share: f64) -> Result<(), EigenfacesError> {
        if !(share > 0.0 && share < 1.0) {
            return Err(EigenfacesError::AcceptRate { share });
        }
        for (threshold, distances) in self.known.iter_mut().zip(&self.distances) {
            if distances.new.is_empty() {
                return Err(EigenfacesError::NobodyHeldOut);
            }
            *threshold = measured(distances, Question::Known, Choice::AcceptRate(share));
        }
        Ok(())
    }

    /// Whether scores read from a file are usable.
    pub(super) fn is_sound(&self) -> bool {
        let all = std::iter::once(&self.face_scores).chain(&self.distances);
        all.flat_map(|of| [&of.known, &of.new, &of.others]).all(Scores::is_sound)
    }
}
