//! Thresholds, computed on faces that were held out of the fit.

use serde::{Deserialize, Serialize};

use super::distance::Rule;
use super::face_measure::{FaceDistances, FaceMeasure};
use super::held_out::HeldOut;
use super::roc::{Roc, quantile};

/// Thresholds of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The usual distances of a face: medians of held-out faces.
    pub usual: Option<FaceDistances>,
    /// For [`FaceMeasure::Both`]: a picture above it is not a face.
    pub face: Option<Threshold>,
    /// For each of [`Rule::ALL`]: a face above it is unknown.
    pub known: [Option<Threshold>; Rule::ALL.len()],
    /// Number of folds that pictures and people were held out in; 0 if there were too few.
    pub folds: usize,
    /// The seed of the partition into folds.
    pub seed: u64,
}

/// A threshold and its error rates on held-out scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Scores up to this value are accepted.
    pub value: f64,
    /// How it was chosen.
    pub rule: ThresholdRule,
    /// Share of scores to accept that were rejected; none without such scores.
    pub false_reject: Option<f64>,
    /// Share of scores to reject that were accepted; none without such scores.
    pub false_accept: Option<f64>,
}

/// How a threshold was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThresholdRule {
    /// Both error rates are equal.
    EqualError,
    /// 95 % of the scores to accept are accepted; there were no scores to reject.
    AcceptsMost,
    /// 5 % of the scores to reject are accepted; there were no scores to accept.
    AcceptsFew,
}

/// Fewest pictures from which thresholds are computed.
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
    /// The threshold between scores to accept and scores to reject; either may be missing.
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
    fn thresholds_use_the_scores_given() {
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
