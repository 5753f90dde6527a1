//! What a classifier gives for labeled samples.

use crate::data::{Origin, Origins};
use crate::value::number::float;

/// Outputs of a classifier for labeled samples, of which all figures are computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// The class of each sample.
    pub actual: Vec<usize>,
    /// Scores `[samples, classes]`, row-major: the probabilities of the classes, if it gives any.
    pub scores: Vec<f64>,
    /// Number of classes.
    pub classes: usize,
    /// Whether scores are probabilities: 0 to 1, with a sum of one.
    pub are_probabilities: bool,
    /// The loss of each sample.
    pub losses: Vec<f64>,
    /// Where each sample comes from.
    pub origins: Origins,
}

/// What a classifier gives for one labeled sample.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredSample<'a> {
    /// Where it comes from.
    pub origin: Origin,
    /// Its class.
    pub actual: usize,
    /// The class that is predicted.
    pub predicted: usize,
    /// The scores of all classes.
    pub scores: &'a [f64],
    /// Its loss.
    pub loss: f64,
}

impl Scored {
    /// Scores of each sample, with its class.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &[f64])> {
        self.actual.iter().copied().zip(self.scores.chunks(self.classes.max(1)))
    }

    /// The actual and the predicted class of each sample. Of two classes, a threshold decides: the second is
    /// predicted from this score on. Otherwise, and of more classes, the highest score does.
    pub fn pairs(&self, threshold: Option<f64>) -> impl Iterator<Item = (usize, usize)> {
        self.rows().map(move |(actual, scores)| (actual, predicted(scores, threshold)))
    }

    /// Each sample with all that is known of it; `threshold` is that of [`pairs`](Self::pairs).
    pub fn samples(&self, threshold: Option<f64>) -> impl Iterator<Item = ScoredSample<'_>> {
        self.rows().enumerate().map(move |(index, (actual, scores))| ScoredSample {
            origin: self.origins.of(index),
            actual,
            predicted: predicted(scores, threshold),
            scores,
            loss: self.losses.get(index).copied().unwrap_or(f64::NAN),
        })
    }

    /// Mean loss over the samples.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.losses.iter().sum::<f64>() / float(self.losses.len())
    }

    /// The score of a class for each sample, and whether the sample is of it.
    #[must_use]
    pub fn against_rest(&self, class: usize) -> Vec<(f64, bool)> {
        let score = |(actual, scores): (usize, &[f64])| (scores[class], actual == class);
        self.rows().map(score).collect()
    }

    /// Number of samples.
    pub(super) fn count(&self) -> f64 {
        float(self.actual.len())
    }
}

/// The class that a row of scores predicts, as [`Scored::pairs`] has it.
pub(super) fn predicted(scores: &[f64], threshold: Option<f64>) -> usize {
    if let (Some(threshold), [_, positive]) = (threshold, scores) {
        return usize::from(*positive >= threshold);
    }
    let mut best = 0;
    for (index, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = index;
        }
    }
    best
}

/// Softmax of a row in double precision, so that scores that differ stay apart where single precision
/// rounds both to one.
pub(super) fn softmax(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_decides_between_two_classes_only() {
        assert_eq!(predicted(&[0.6, 0.4], None), 0);
        assert_eq!(predicted(&[0.6, 0.4], Some(0.4)), 1);
        assert_eq!(predicted(&[0.6, 0.4], Some(0.41)), 0);
        assert_eq!(predicted(&[0.3, 0.4, 0.3], Some(0.9)), 1);
        // The first of equal scores.
        assert_eq!(predicted(&[0.5, 0.5], None), 0);
    }

    #[test]
    fn probabilities_of_large_scores_are_finite_and_apart() {
        let shares = softmax(&[1000.0, 1000.0 + 3.0_f64.ln()]);
        assert!((shares[0] - 0.25).abs() < 1e-12 && (shares[1] - 0.75).abs() < 1e-12);
        assert!(softmax(&[0.0, 30.0])[1] < softmax(&[0.0, 31.0])[1]);
    }
}
