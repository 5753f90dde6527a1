//! Figures held to those of scikit-learn; `tests/reference/generate_metrics.py` made the values.

use serde::Deserialize;

use super::{ClassificationReport, Scored, choose_threshold};
use crate::training::{ClassWeights, ThresholdRule};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    actual: Vec<usize>,
    probabilities: Vec<f64>,
    accuracy: f64,
    balanced_accuracy: f64,
    macro_f1: f64,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    class_roc_auc: Vec<f64>,
    class_average_precision: Vec<f64>,
    roc_auc: f64,
    average_precision: f64,
    brier_score: f64,
    calibration_error: f64,
    balanced_weights: Vec<f64>,
    best_balanced_accuracy: Option<f64>,
    best_f1: Option<f64>,
}

impl Case {
    fn scored(&self) -> Scored {
        Scored {
            actual: self.actual.clone(),
            scores: self.probabilities.clone(),
            classes: self.precision.len(),
            are_probabilities: true,
            ..Scored::default()
        }
    }

    fn names(&self) -> Vec<String> {
        (0..self.precision.len()).map(|class| class.to_string()).collect()
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/metrics.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn close(what: &str, found: Option<f64>, expected: f64) {
    let found = found.unwrap_or(f64::NAN);
    assert!((found - expected).abs() < 1e-12, "{what}: {found} {expected}");
}

#[test]
fn figures_are_those_of_scikit_learn() {
    for case in cases() {
        let report = ClassificationReport::of_scores(&case.names(), case.scored(), None);
        let name = &case.name;
        close(name, Some(report.accuracy), case.accuracy);
        close(name, report.balanced_accuracy, case.balanced_accuracy);
        close(name, report.macro_f1, case.macro_f1);
        close(name, report.roc_auc, case.roc_auc);
        close(name, report.average_precision, case.average_precision);
        let calibration = report.calibration.as_ref();
        close(name, calibration.map(|found| found.brier_score), case.brier_score);
        close(name, calibration.map(|found| found.calibration_error), case.calibration_error);
        for (index, class) in report.classes.iter().enumerate() {
            close(name, class.precision, case.precision[index]);
            close(name, class.recall, case.recall[index]);
            close(name, class.f1, case.f1[index]);
            close(name, class.roc_auc, case.class_roc_auc[index]);
            close(name, class.average_precision, case.class_average_precision[index]);
        }
        let counts: Vec<usize> =
            report.classes.iter().map(|class| usize::try_from(class.support).unwrap()).collect();
        let weights = ClassWeights::Balanced.of(&case.names(), &counts).unwrap();
        for (weight, expected) in weights.into_iter().zip(&case.balanced_weights) {
            close(name, Some(weight), *expected);
        }
    }
}

#[test]
fn no_threshold_is_better_than_the_chosen_one() {
    let mut compared = 0;
    for case in cases() {
        let (Some(balanced), Some(f1)) = (case.best_balanced_accuracy, case.best_f1) else {
            continue;
        };
        let scored = case.scored();
        let at = |rule| {
            let threshold = choose_threshold(rule, &scored);
            assert!(threshold.is_some(), "{}", case.name);
            ClassificationReport::of_scores(&case.names(), scored.clone(), threshold)
        };
        close(&case.name, at(ThresholdRule::BalancedAccuracy).balanced_accuracy, balanced);
        close(&case.name, at(ThresholdRule::F1).classes[1].f1, f1);
        compared += 1;
    }
    assert_eq!(compared, 2);
}
