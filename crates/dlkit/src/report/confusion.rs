//! The confusion matrix of a classifier, as a picture.

use std::path::{Path, PathBuf};

use anyhow::Result;
use dlkit_models::tasks::classification::ClassificationReport;

use crate::plot::{ConfusionMatrix, write_picture};

/// The confusion matrix as SVG.
pub(crate) fn confusion_picture(report: &ClassificationReport, part: &str) -> Result<String> {
    let matrix = ConfusionMatrix {
        title: format!("Confusion on the {part} part"),
        classes: report.classes.iter().map(|class| class.class.clone()).collect(),
        counts: report.confusion.clone(),
    };
    Ok(matrix.to_svg()?)
}

/// Writes the confusion matrix as SVG and PNG.
pub(crate) fn write_confusion(
    report: &ClassificationReport,
    part: &str,
    stem: &Path,
) -> Result<[PathBuf; 2]> {
    Ok(write_picture(&confusion_picture(report, part)?, stem)?)
}
