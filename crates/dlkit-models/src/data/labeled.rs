//! The labeled pictures of a directory, for classes that are known already.

use std::path::Path;

use dlkit_files::picture::LeftOut;

use super::error::DataError;
use super::files::require_directory;
use super::folder::{ClassFiles, check_known, class_files, read};
use super::images::{ImageData, ImageSet};
use super::layout::{Layout, Part};
use super::mnist;
use crate::value::Shape;

/// Reads the pictures of one part's folder, or all pictures without a part, labeled by `classes`.
/// Also returns skipped files. `None` if that folder does not exist.
///
/// # Errors
/// Data that cannot be read, is of another size, or has a class that is not among `classes`.
pub(crate) fn labeled_pictures(
    directory: &Path,
    part: Option<Part>,
    classes: &[String],
    input: Shape,
    invert: bool,
) -> Result<Option<(ImageSet, Vec<LeftOut>)>, DataError> {
    require_directory(directory)?;
    if mnist::holds_idx(directory)? {
        let pictures = of_idx(directory, part, classes, input)?;
        return Ok(pictures.map(|pictures| (pictures, Vec::new())));
    }
    let layout = Layout::find(directory)?;
    let mut left_out = layout.left_out.clone();
    let folders = layout.folders(directory, part);
    if folders.is_empty() {
        return Ok(None);
    }
    let mut files = ClassFiles::new();
    for folder in folders {
        let found = class_files(folder, &mut left_out)?;
        check_known(folder, &found, classes)?;
        for (class, pictures) in found {
            files.entry(class).or_default().extend(pictures);
        }
    }
    Ok(Some((read(&files, classes, input, invert)?, left_out)))
}

fn of_idx(
    directory: &Path,
    part: Option<Part>,
    classes: &[String],
    input: Shape,
) -> Result<Option<ImageSet>, DataError> {
    let ImageData { classes: found, train, test, .. } = mnist::load(directory)?;
    if found.len() > classes.len() || found.iter().zip(classes).any(|(found, own)| found != own) {
        return Err(DataError::content(
            directory,
            format!("unknown classes {}; the classes are {}", found.join(", "), classes.join(", ")),
        ));
    }
    if train.shape != input {
        return Err(DataError::content(
            directory,
            format!("pictures of shape {}; the network expects {input}", train.shape),
        ));
    }
    Ok(match (part, test) {
        (None, Some(test)) => Some(train.followed_by(&test)),
        (None, None) | (Some(Part::Train), _) => Some(train),
        (Some(Part::Test), test) => test,
        (Some(Part::Validation), _) => None,
    })
}
