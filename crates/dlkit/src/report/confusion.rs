//! Drawing of a confusion matrix.

use anyhow::Result;
use dlkit_models::tasks::classification::ClassificationReport;

use crate::plot::ConfusionMatrix;

/// Draws the confusion matrix as SVG text.
pub(crate) fn confusion_picture(report: &ClassificationReport, part: &str) -> Result<String> {
    let matrix = ConfusionMatrix {
        title: format!("Confusion on the {part} part"),
        classes: report.classes.iter().map(|class| class.class.clone()).collect(),
        counts: report.confusion.clone(),
    };
    Ok(matrix.to_svg()?)
}
