//! How far predictions are from what was measured.

use serde::Serialize;

use crate::data::Origin;
use crate::value::number::float;

/// How far predictions are from what was measured; errors in the units of the target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegressionReport {
    /// Mean loss over the samples, of standardized values where they are standardized.
    pub loss: f64,
    /// Number of samples.
    pub samples: usize,
    /// Mean absolute error; of several targets, the mean of theirs.
    pub absolute_error: f64,
    /// Sum of absolute errors.
    pub total_absolute_error: f64,
    /// Root of the mean squared error; of several targets, the mean of theirs.
    pub root_mean_squared_error: f64,
    /// Explained share of the target's variance (R squared): 1 for perfect predictions, 0 for
    /// predicting the mean, negative for worse ones; of several targets, the mean of theirs. `None` if all
    /// values of a target are equal.
    pub r2: Option<f64>,
    /// Names of the targets, with commas.
    pub target: String,
    /// Figures of each target, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetFigures>,
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
    /// What was measured, of each target.
    pub targets: Vec<f64>,
    /// What was predicted, of each target.
    pub predictions: Vec<f64>,
    /// Its loss, of standardized values where they are standardized.
    pub loss: f64,
    /// Where it comes from.
    pub origin: Origin,
}

impl FittedSample {
    /// What was measured and predicted of one target.
    fn of(&self, target: usize) -> (f64, f64) {
        let at = |values: &[f64]| values.get(target).copied().unwrap_or(f64::NAN);
        (at(&self.targets), at(&self.predictions))
    }
}

/// How far the predictions of one target are from what was measured, in its units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetFigures {
    /// Its name.
    pub target: String,
    /// Mean absolute error.
    pub absolute_error: f64,
    /// Sum of absolute errors.
    pub total_absolute_error: f64,
    /// Root of the mean squared error.
    pub root_mean_squared_error: f64,
    /// Explained share of its variance; `None` if all values are equal.
    pub r2: Option<f64>,
}

impl TargetFigures {
    fn new(name: &str, place: usize, fitted: &[FittedSample]) -> Self {
        let count = float(fitted.len());
        let pairs = || fitted.iter().map(|sample| sample.of(place));
        let errors = || pairs().map(|(target, prediction)| prediction - target);
        let total: f64 = errors().map(f64::abs).sum();
        let squares: f64 = errors().map(|error| error * error).sum();
        let mean = pairs().map(|(target, _)| target).sum::<f64>() / count;
        let spread: f64 = pairs().map(|(target, _)| (target - mean).powi(2)).sum();
        Self {
            target: name.to_owned(),
            absolute_error: total / count,
            total_absolute_error: total,
            root_mean_squared_error: (squares / count).sqrt(),
            r2: (spread > 0.0).then(|| 1.0 - squares / spread),
        }
    }
}

impl RegressionReport {
    /// The figures of fitted samples of these targets.
    #[must_use]
    pub fn new(names: &[String], feature: Option<String>, fitted: Vec<FittedSample>) -> Self {
        let figures = |(place, name): (usize, &String)| TargetFigures::new(name, place, &fitted);
        let mut targets: Vec<TargetFigures> = names.iter().enumerate().map(figures).collect();
        let mean = |figure: &dyn Fn(&TargetFigures) -> f64| {
            targets.iter().map(figure).sum::<f64>() / float(targets.len())
        };
        let loss = fitted.iter().map(|sample| sample.loss).sum::<f64>() / float(fitted.len());
        let r2: Option<f64> = targets.iter().map(|target| target.r2).sum();
        let report = Self {
            loss,
            samples: fitted.len(),
            absolute_error: mean(&|target| target.absolute_error),
            total_absolute_error: targets.iter().map(|target| target.total_absolute_error).sum(),
            root_mean_squared_error: mean(&|target| target.root_mean_squared_error),
            r2: r2.map(|sum| sum / float(targets.len())),
            target: names.join(", "),
            targets: Vec::new(),
            feature,
            fitted,
        };
        if targets.len() == 1 {
            targets.clear();
        }
        Self { targets, ..report }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_by_hand() {
        let sample = |target, prediction| FittedSample {
            features: vec![],
            targets: vec![target, 2.0 * target],
            predictions: vec![prediction, 2.0 * target],
            loss: 0.5,
            origin: Origin::default(),
        };
        let fitted = vec![sample(1.0, 2.0), sample(3.0, 3.0), sample(5.0, 2.0)];
        let [y, z] = ["y", "z"].map(str::to_owned);
        let report = RegressionReport::new(std::slice::from_ref(&y), None, fitted.clone());
        assert!((report.loss - 0.5).abs() < 1e-12);
        assert!((report.total_absolute_error - 4.0).abs() < 1e-12);
        assert!((report.absolute_error - 4.0 / 3.0).abs() < 1e-12);
        assert!((report.root_mean_squared_error - (10.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        // The targets' squared distances from their mean add up to 8.
        assert!((report.r2.unwrap() + 0.25).abs() < 1e-12);
        assert!(report.targets.is_empty());
        // The second target is predicted rightly, with an R squared of 1.
        let both = RegressionReport::new(&[y.clone(), z], None, fitted);
        assert!((both.r2.unwrap() - 0.375).abs() < 1e-12);
        assert!((both.absolute_error - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!((both.targets[1].r2, both.target.as_str()), (Some(1.0), "y, z"));
        let same = vec![sample(1.0, 2.0), sample(1.0, 1.0)];
        assert_eq!(RegressionReport::new(&[y], None, same).r2, None);
    }
}
