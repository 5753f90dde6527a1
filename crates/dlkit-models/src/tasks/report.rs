//! The figures of a task on a part of the data.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::facts::Task;

use super::classification::ClassificationReport;
use super::colorization::{ColorSummary, ColorizationReport};
use super::regression::RegressionReport;

/// The figures of a task on a part of the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TaskReport {
    /// How well classes are told apart.
    Classification(ClassificationReport),
    /// How near colors come to those of photos.
    Colorization(Box<ColorizationReport>),
    /// How far predictions are from what was measured.
    Regression(RegressionReport),
}

impl TaskReport {
    /// The names of the figures a run of a task is known by, the most telling first.
    #[must_use]
    pub const fn figure_names(task: Task) -> &'static [&'static str] {
        match task {
            Task::Classification => &["accuracy", "loss"],
            Task::Colorization => &["rebalanced_auc", "ciede2000", "auc", "psnr", "colourfulness"],
            Task::Regression => {
                &["absolute_error", "total_absolute_error", "root_mean_squared_error", "r2", "loss"]
            }
        }
    }

    /// These figures.
    #[must_use]
    pub fn figures(&self) -> Vec<(&'static str, f64)> {
        let (task, values) = match self {
            Self::Classification(report) => {
                (Task::Classification, vec![report.accuracy, report.loss])
            }
            Self::Colorization(report) => {
                let ColorSummary { rebalanced_auc, ciede2000, auc, psnr, colourfulness, .. } =
                    &report.model;
                let figures = [rebalanced_auc, ciede2000, auc, psnr, colourfulness];
                (Task::Colorization, figures.map(|figure| figure.mean).to_vec())
            }
            Self::Regression(report) => {
                let r2 = report.r2.unwrap_or(f64::NAN);
                let errors = [
                    report.absolute_error,
                    report.total_absolute_error,
                    report.root_mean_squared_error,
                ];
                (Task::Regression, errors.into_iter().chain([r2, report.loss]).collect())
            }
        };
        Self::figure_names(task).iter().copied().zip(values).collect()
    }

    /// The same by name, without those that are undefined.
    #[must_use]
    pub fn defined_figures(&self) -> BTreeMap<String, f64> {
        let more = match self {
            Self::Classification(report) => report.more_figures(),
            Self::Colorization(_) | Self::Regression(_) => Vec::new(),
        };
        let all = self.figures().into_iter().chain(more);
        let defined = all.filter(|(_, value)| value.is_finite());
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
