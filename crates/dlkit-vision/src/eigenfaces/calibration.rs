//! Thresholds, found on faces that face space has not seen.

use serde::{Deserialize, Serialize};

use super::distance::Rule;
use super::face_measure::{FaceDistances, FaceMeasure};
use super::held_out::HeldOut;
use super::roc::{Roc, quantile};

/// Thresholds of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// What is usual for a face: medians of held-out faces.
    pub usual: Option<FaceDistances>,
    /// By [`FaceMeasure::Both`]: farther is no face.
    pub face: Option<Threshold>,
    /// For each of [`Rule::ALL`]: farther is unknown.
    pub known: [Option<Threshold>; Rule::ALL.len()],
    /// Folds that pictures, or people, were held out in; 0 where there were too few.
    pub folds: usize,
    /// The seed that cut them.
    pub seed: u64,
}

/// A threshold and how often it was wrong on what was held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// What is no farther is accepted.
    pub value: f64,
    /// Why it lies there.
    pub rule: ThresholdRule,
    /// Share of those to be accepted that were rejected; none where there were none.
    pub false_reject: Option<f64>,
    /// Share of those to be rejected that were accepted; none where there were none.
    pub false_accept: Option<f64>,
}

/// Why a threshold lies where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThresholdRule {
    /// Both errors are equally frequent.
    EqualError,
    /// 95 % of those to be accepted are; there were none to be rejected.
    AcceptsMost,
    /// 5 % of those to be rejected are accepted; there were none to be accepted.
    AcceptsFew,
}

/// Pictures, at least, that thresholds are found from.
pub(super) const FEWEST_PICTURES: usize = 4;
const MOST: f64 = 0.95;
const FEW: f64 = 0.05;

impl Calibration {
    pub(super) fn of(held_out: &HeldOut, folds: usize, seed: u64) -> Self {
        let known = Rule::ALL.map(|rule| {
            Threshold::of(&held_out.known[rule.index()], &held_out.strangers[rule.index()])
        });
        let usual = FaceDistances::usual(&held_out.faces);
        let face = usual.and_then(|usual| {
            let score = |face: &FaceDistances| FaceMeasure::Both.of(*face, usual);
            let faces: Vec<f64> = held_out.faces.iter().map(score).collect();
            let others: Vec<f64> = held_out.others.iter().map(score).collect();
            Threshold::of(&faces, &others)
        });
        Self { usual, face, known, folds, seed }
    }
}

impl Threshold {
    /// The threshold between scores to be accepted and scores to be rejected, as far as there are.
    fn of(accept: &[f64], reject: &[f64]) -> Option<Self> {
        let (value, rule) = match Roc::new(accept, reject) {
            Some(roc) => (roc.equal_error.threshold, ThresholdRule::EqualError),
            None if reject.is_empty() => (quantile(accept, MOST)?, ThresholdRule::AcceptsMost),
            None => (quantile(reject, FEW)?, ThresholdRule::AcceptsFew),
        };
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let within = |scores: &[f64]| {
            let count = scores.iter().filter(|score| **score <= value).count();
            (!scores.is_empty()).then(|| count as f64 / scores.len() as f64)
        };
        Some(Self {
            value,
            rule,
            false_reject: within(accept).map(|share| 1.0 - share),
            false_accept: within(reject),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_use_what_there_is() {
        let accept: Vec<f64> = (1..=100_u8).map(f64::from).collect();
        let reject: Vec<f64> = (200..=219_u8).map(f64::from).collect();
        let both = Threshold::of(&accept, &reject).unwrap();
        assert_eq!((both.value, both.rule), (150.0, ThresholdRule::EqualError));
        assert_eq!((both.false_reject, both.false_accept), (Some(0.0), Some(0.0)));
        let most = Threshold::of(&accept, &[]).unwrap();
        assert_eq!((most.value, most.rule), (95.0, ThresholdRule::AcceptsMost));
        assert_eq!(most.false_accept, None);
        let few = Threshold::of(&[], &reject).unwrap();
        assert_eq!((few.value, few.false_accept), (200.0, Some(0.05)));
        assert_eq!(Threshold::of(&[], &[]), None);
    }
}
