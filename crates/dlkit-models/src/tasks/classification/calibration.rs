//! Whether probabilities are as large as the shares of what comes true.

use serde::Serialize;

use super::scored::{Scored, predicted};
use crate::value::number::float;

/// Bins of equal width between 0 and 1.
const BINS: usize = 15;

/// Whether probabilities are as large as the shares of what comes true.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: how far the accuracy of a bin is from its mean confidence, as the mean over
    /// bins weighted by their samples; 15 bins of equal width (Guo et al., 2017).
    pub calibration_error: f64,
    /// Mean squared error of the probabilities (Brier, 1950): of the second class alone for two classes, summed
    /// over the classes for more, as scikit-learn has it.
    pub brier_score: f64,
    /// The bins that have samples.
    #[serde(rename = "calibration_bins")]
    pub bins: Vec<CalibrationBin>,
}

/// Samples of about the same confidence, which is the probability of the likeliest class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Mean confidence.
    pub confidence: f64,
    /// Share of samples whose likeliest class is the right one.
    pub accuracy: f64,
    /// Number of samples.
    pub samples: usize,
}

impl Calibration {
    /// The calibration of probabilities; none of other scores, of infinite or undefined ones, or of no samples.
    #[must_use]
    pub fn new(scored: &Scored) -> Option<Self> {
        let is_finite = scored.scores.iter().all(|score| score.is_finite());
        if !scored.are_probabilities || scored.actual.is_empty() || !is_finite {
            return None;
        }
        // Sums of confidences, right answers, samples.
        let mut sums = [(0.0, 0_usize, 0_usize); BINS];
        let mut squares = 0.0;
        for (actual, scores) in scored.rows() {
            let likeliest = predicted(scores, None);
            let confidence = scores[likeliest];
            let bin = &mut sums[bin_of(confidence)];
            bin.0 += confidence;
            bin.1 += usize::from(likeliest == actual);
            bin.2 += 1;
            squares += squared_error(actual, scores);
        }
        let bins: Vec<CalibrationBin> = sums
            .into_iter()
            .filter(|(_, _, samples)| *samples > 0)
            .map(|(confidence, right, samples)| CalibrationBin {
                confidence: confidence / float(samples),
                accuracy: float(right) / float(samples),
                samples,
            })
            .collect();
        let error =
            |bin: &CalibrationBin| (bin.accuracy - bin.confidence).abs() * float(bin.samples);
        Some(Self {
            calibration_error: bins.iter().map(error).sum::<f64>() / scored.count(),
            brier_score: squares / scored.count(),
            bins,
        })
    }
}

/// Bins include their upper edges.
fn bin_of(confidence: f64) -> usize {
    let place = (confidence * float(BINS)).ceil();
    (1..=BINS).find(|bin| place <= float(*bin)).unwrap_or(BINS) - 1
}

fn squared_error(actual: usize, scores: &[f64]) -> f64 {
    let error = |(class, score): (usize, &f64)| {
        let target = if class == actual { 1.0 } else { 0.0 };
        (score - target).powi(2)
    };
    let errors = scores.iter().enumerate().map(error);
    if scores.len() == 2 { errors.skip(1).sum() } else { errors.sum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_include_their_upper_edge() {
        let edge = |bin: f64| bin / float(BINS);
        assert_eq!([bin_of(0.0), bin_of(edge(1.0)), bin_of(edge(1.0) + 1e-9)], [0, 0, 1]);
        assert_eq!([bin_of(edge(14.5)), bin_of(1.0)], [14, 14]);
    }

    #[test]
    fn figures_of_four_samples_are_those_by_hand() {
        // Confidence 0.9, right; 0.9, wrong; 0.6, right; 0.6, right.
        let scored = Scored {
            actual: vec![0, 0, 1, 1],
            scores: vec![0.9, 0.1, 0.1, 0.9, 0.4, 0.6, 0.4, 0.6],
            classes: 2,
            are_probabilities: true,
            ..Scored::default()
        };
        let calibration = Calibration::new(&scored).unwrap();
        assert_eq!(calibration.bins.len(), 2);
        // Half of the samples are off by 0.4 either way.
        assert!((calibration.calibration_error - 0.4).abs() < 1e-12);
        assert!((calibration.brier_score - (0.01 + 0.81 + 0.16 + 0.16) / 4.0).abs() < 1e-12);
        assert_eq!(Calibration::new(&Scored { are_probabilities: false, ..scored }), None);
    }
}
