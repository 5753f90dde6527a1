//! How far predictions are from what was measured.

use crate::value::number::float;
use serde::Serialize;

/// How far predictions are from what was measured; errors in the units of the target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegressionReport {
    /// Mean loss over the samples, of standardized values where they are standardized.
    pub loss: f64,
    /// Number of samples.
    pub samples: usize,
    /// Mean absolute error.
    pub absolute_error: f64,
    /// Sum of absolute errors.
    pub total_absolute_error: f64,
    /// Root of the mean squared error.
    pub root_mean_squared_error: f64,
    /// Explained share of the target's variance (R squared): 1 for perfect predictions, 0 for
    /// predicting the mean, negative for worse ones. `None` if all targets are equal.
    pub r2: Option<f64>,
    /// Name of the target.
    pub target: String,
    /// Name of the feature, if it is the only one.
    pub feature: Option<String>,
    /// The samples with their predictions.
    #[serde(skip)]
    pub fitted: Vec<FittedSample>,
}

/// A sample and what was predicted for it.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSample {
    /// Its features.
    pub features: Vec<f64>,
    /// What was measured.
    pub target: f64,
    /// What was predicted.
    pub prediction: f64,
}

impl RegressionReport {
    /// The figures of fitted samples.
    #[must_use]
    pub fn new(
        loss: f64,
        target: String,
        feature: Option<String>,
        fitted: Vec<FittedSample>,
    ) -> Self {
        let count = float(fitted.len());
        let errors = || fitted.iter().map(|sample| sample.prediction - sample.target);
        let total: f64 = errors().map(f64::abs).sum();
        let squares: f64 = errors().map(|error| error * error).sum();
        let mean = fitted.iter().map(|sample| sample.target).sum::<f64>() / count;
        let spread: f64 = fitted.iter().map(|sample| (sample.target - mean).powi(2)).sum();
        Self {
            loss,
            samples: fitted.len(),
            absolute_error: total / count,
            total_absolute_error: total,
            root_mean_squared_error: (squares / count).sqrt(),
            r2: (spread > 0.0).then(|| 1.0 - squares / spread),
            target,
            feature,
            fitted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_by_hand() {
        let sample = |target, prediction| FittedSample { features: vec![], target, prediction };
        let fitted = vec![sample(1.0, 2.0), sample(3.0, 3.0), sample(5.0, 2.0)];
        let report = RegressionReport::new(0.5, "y".to_owned(), None, fitted);
        assert!((report.total_absolute_error - 4.0).abs() < 1e-12);
        assert!((report.absolute_error - 4.0 / 3.0).abs() < 1e-12);
        assert!((report.root_mean_squared_error - (10.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        // The targets' squared distances from their mean add up to 8.
        assert!((report.r2.unwrap() + 0.25).abs() < 1e-12);
        let same = vec![sample(1.0, 2.0), sample(1.0, 1.0)];
        assert_eq!(RegressionReport::new(0.0, "y".to_owned(), None, same).r2, None);
    }
}
