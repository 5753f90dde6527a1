//! The figures of a task on a part of the data.

use std::collections::BTreeMap;

use serde::Serialize;

use super::classification::ClassificationReport;
use super::colorization::ColorizationReport;
use super::regression::RegressionReport;

/// The figures of a task on a part of the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TaskReport {
    /// How well classes are told apart.
    Classification(ClassificationReport),
    /// How near colours come to those of photos.
    Colorization(Box<ColorizationReport>),
    /// How far predictions are from what was measured.
    Regression(RegressionReport),
}

impl TaskReport {
    /// The figures a run is known by, the most telling first.
    #[must_use]
    pub fn figures(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Classification(report) => {
                vec![("accuracy", report.accuracy), ("loss", report.loss)]
            }
            Self::Colorization(report) => vec![
                ("rebalanced_auc", report.model.rebalanced_auc.mean),
                ("auc", report.model.auc.mean),
                ("psnr", report.model.psnr.mean),
                ("colourfulness", report.model.colourfulness.mean),
            ],
            Self::Regression(report) => vec![
                ("absolute_error", report.absolute_error),
                ("total_absolute_error", report.total_absolute_error),
                ("root_mean_squared_error", report.root_mean_squared_error),
                ("r2", report.r2.unwrap_or(f64::NAN)),
                ("loss", report.loss),
            ],
        }
    }

    /// The same by name, without those that are undefined.
    #[must_use]
    pub fn defined_figures(&self) -> BTreeMap<String, f64> {
        let defined = self.figures().into_iter().filter(|(_, value)| value.is_finite());
        defined.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Number of samples.
    #[must_use]
    pub const fn samples(&self) -> usize {
        match self {
            Self::Classification(report) => report.samples,
            Self::Colorization(report) => report.photos.len(),
            Self::Regression(report) => report.samples,
        }
    }
}
