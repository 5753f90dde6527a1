//! How well classes are told apart.

use serde::Serialize;

use super::calibration::Calibration;
use super::ranking::{ClassCurves, Ranking};
use super::scored::Scored;

/// How well classes are told apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassificationReport {
    /// Mean loss over the samples, without weights of classes.
    pub loss: f64,
    /// Share of samples whose predicted class is the right one, 0 to 1.
    pub accuracy: f64,
    /// Number of samples.
    pub samples: usize,
    /// Mean of the classes' recalls: accuracy if all classes were equally large.
    pub balanced_accuracy: Option<f64>,
    /// Mean of the classes' F1.
    pub macro_f1: Option<f64>,
    /// Area under the receiver operating characteristic: of the second class for two classes, else the mean over
    /// the classes, each against the rest.
    pub roc_auc: Option<f64>,
    /// The same of the average precision.
    pub average_precision: Option<f64>,
    /// Probability from which on the second of two classes is predicted, where it is not the likelier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Whether probabilities can be trusted, if the network gives any.
    #[serde(flatten)]
    pub calibration: Option<Calibration>,
    /// Figures of each class.
    pub classes: Vec<ClassFigures>,
    /// Samples by actual class (row) and predicted class (column).
    pub confusion: Vec<Vec<u64>>,
    /// The samples and their scores, of which the figures are computed.
    #[serde(skip)]
    pub scored: Scored,
}

/// Figures of one class; absent where they would divide by zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Name of the class.
    pub class: String,
    /// Share of the samples predicted as this class that are of it.
    pub precision: Option<f64>,
    /// Share of the samples of this class that are predicted as it.
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Area under the receiver operating characteristic against the rest.
    pub roc_auc: Option<f64>,
    /// Average precision against the rest.
    pub average_precision: Option<f64>,
    /// Samples of this class.
    pub support: u64,
    /// The curves against the rest.
    #[serde(skip)]
    pub curves: Option<ClassCurves>,
}

impl ClassificationReport {
    /// Computes the figures from pairs of actual and predicted class.
    ///
    /// Classes beyond the names are not counted.
    #[must_use]
    pub fn new(
        names: &[String],
        pairs: impl IntoIterator<Item = (usize, usize)>,
        loss: f64,
    ) -> Self {
        let count = names.len();
        let mut confusion = vec![vec![0_u64; count]; count];
        for (actual, predicted) in pairs {
            if let Some(cell) = confusion.get_mut(actual).and_then(|row| row.get_mut(predicted)) {
                *cell += 1;
            }
        }
        let figures = |(index, name): (usize, &String)| class_figures(index, name, &confusion);
        let classes: Vec<ClassFigures> = names.iter().enumerate().map(figures).collect();
        let samples: u64 = classes.iter().map(|class| class.support).sum();
        let right = confusion.iter().enumerate().filter_map(|(index, row)| row.get(index)).sum();
        Self {
            loss,
            accuracy: share(right, samples).unwrap_or(f64::NAN),
            samples: usize::try_from(samples).unwrap_or(usize::MAX),
            balanced_accuracy: mean(classes.iter().filter_map(|class| class.recall)),
            macro_f1: mean(classes.iter().filter_map(|class| class.f1)),
            roc_auc: None,
            average_precision: None,
            threshold: None,
            calibration: None,
            classes,
            confusion,
            scored: Scored::default(),
        }
    }

    /// Computes the figures from scores: also those of all thresholds and of probabilities. `threshold` decides
    /// between two classes, as [`Scored::pairs`] has it.
    #[must_use]
    pub fn of_scores(names: &[String], scored: Scored, threshold: Option<f64>) -> Self {
        let mut report = Self::new(names, scored.pairs(threshold), scored.loss());
        for (index, class) in report.classes.iter_mut().enumerate() {
            let Some(ranking) = Ranking::new(scored.against_rest(index)) else { continue };
            class.roc_auc = Some(ranking.roc_auc);
            class.average_precision = Some(ranking.average_precision);
            class.curves = Some(ranking.curves);
        }
        // Of two classes, the figures of one say all.
        let first = usize::from(names.len() == 2);
        let ranked = report.classes.get(first..).unwrap_or_default();
        let areas = mean(ranked.iter().filter_map(|class| class.roc_auc));
        let precisions = mean(ranked.iter().filter_map(|class| class.average_precision));
        (report.roc_auc, report.average_precision) = (areas, precisions);
        report.threshold = threshold.filter(|_| names.len() == 2);
        report.calibration = Calibration::new(&scored);
        Self { scored, ..report }
    }

    /// Figures besides loss and accuracy by name, those that are defined.
    #[must_use]
    pub fn more_figures(&self) -> Vec<(&'static str, f64)> {
        let calibration = self.calibration.as_ref();
        [
            ("balanced_accuracy", self.balanced_accuracy),
            ("macro_f1", self.macro_f1),
            ("roc_auc", self.roc_auc),
            ("average_precision", self.average_precision),
            ("calibration_error", calibration.map(|figures| figures.calibration_error)),
            ("brier_score", calibration.map(|figures| figures.brier_score)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

fn class_figures(index: usize, name: &str, confusion: &[Vec<u64>]) -> ClassFigures {
    let row = confusion.get(index).map(Vec::as_slice).unwrap_or_default();
    let right = row.get(index).copied().unwrap_or(0);
    let support = row.iter().sum();
    let predicted = confusion.iter().filter_map(|row| row.get(index)).sum();
    ClassFigures {
        class: name.to_owned(),
        precision: share(right, predicted),
        recall: share(right, support),
        // 2 TP / (2 TP + FP + FN), which needs neither precision nor recall.
        f1: share(2 * right, predicted + support),
        roc_auc: None,
        average_precision: None,
        support,
        curves: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "sample counts are far below 2^52")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_small_confusion_are_those_by_hand() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let pairs = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0)];
        let report = ClassificationReport::new(&names, pairs, 0.5);
        assert_eq!(report.confusion, [[2, 1, 0], [1, 1, 0], [0, 0, 0]]);
        assert_eq!((report.accuracy, report.samples), (0.6, 5));
        let [a, b, c] = &report.classes[..] else { panic!("three classes") };
        let third = 1.0 / 3.0;
        assert_eq!((a.precision, a.recall, a.support), (Some(2.0 * third), Some(2.0 * third), 3));
        assert_eq!((b.precision, b.recall, b.f1), (Some(0.5), Some(0.5), Some(0.5)));
        assert_eq!((c.precision, c.recall, c.f1, c.support), (None, None, None, 0));
        let balanced = report.balanced_accuracy.unwrap();
        assert!((balanced - f64::midpoint(2.0 * third, 0.5)).abs() < 1e-15);
    }
}
