//! Labeled pictures that no recipe names, and figures on them.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use dlkit_files::picture::LeftOut;

use super::batch::ImageSource;
use super::evaluate::evaluate;
use super::model::Classifier;
use crate::data::{DataError, Part, labeled_pictures};
use crate::facts::PictureInput;
use crate::tasks::TaskReport;

/// Evaluates a network on the labeled pictures of a directory: of one part's folder, or all without
/// a part. Also returns skipped files. `None` if that folder does not exist.
///
/// # Errors
/// Data that cannot be read or has classes that the network does not know.
pub(crate) fn evaluate_labeled(
    classifier: &Classifier,
    (classes, input): (&[String], PictureInput),
    directory: &Path,
    part: Option<Part>,
    device: &Device,
) -> Result<Option<(TaskReport, Vec<LeftOut>)>, DataError> {
    let shape = classifier.network().spec().input();
    let found = labeled_pictures(directory, part, classes, shape, input.invert)?;
    let Some((pictures, left_out)) = found else { return Ok(None) };
    let indices = (0..pictures.len()).collect();
    let source = Arc::new(ImageSource::new(Arc::new(pictures), input.normalization));
    let report = evaluate(classifier, &source, indices, classes, device)?;
    Ok(Some((TaskReport::Classification(report), left_out)))
}
