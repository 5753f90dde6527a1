//! Pictures in one folder per class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dlkit_files::picture::{Entries, LeftOut, LeftOutReason, Listing, entries, picture_files};
use rayon::prelude::*;

use super::error::DataError;
use super::images::{ImageData, ImageSet};
use super::layout::Layout;
use super::origin::Origins;
use super::picture::read_picture;
use crate::value::Shape;

/// Most bytes of one part of a data set, which is held in memory as a whole.
const LARGEST_PART: usize = 8 << 30;

/// The picture files of each class.
pub(crate) type ClassFiles = BTreeMap<String, Vec<PathBuf>>;

/// The files of a data set of one folder per class.
pub(crate) struct ClassFolders {
    /// Names of the classes.
    pub(crate) classes: Vec<String>,
    /// Training part.
    pub(crate) train: ClassFiles,
    /// Validation part, if it has a folder.
    pub(crate) validation: Option<ClassFiles>,
    /// Test part, if it has a folder.
    pub(crate) test: Option<ClassFiles>,
    /// Files that are skipped.
    pub(crate) left_out: Vec<LeftOut>,
}

impl ClassFolders {
    /// Finds the classes of the training part and the files of all parts, with all folders within them.
    ///
    /// # Errors
    /// A class without pictures; a class that the training part lacks.
    pub(crate) fn find(directory: &Path) -> Result<Self, DataError> {
        let layout = Layout::find(directory)?;
        let learned = layout.learned(directory)?.to_owned();
        let Layout { validation, test, mut left_out, .. } = layout;
        let train = class_files(&learned, &mut left_out)?;
        let classes: Vec<String> = train.keys().cloned().collect();
        let mut part = |folder: Option<PathBuf>| {
            let Some(folder) = folder else { return Ok(None) };
            let files = class_files(&folder, &mut left_out)?;
            check_known(&folder, &files, &classes)?;
            Ok::<_, DataError>(Some(files))
        };
        let (validation, test) = (part(validation)?, part(test)?);
        Ok(Self { classes, train, validation, test, left_out })
    }
}

/// Reads the pictures of a directory of class folders.
pub(crate) fn load(directory: &Path, input: Shape, invert: bool) -> Result<ImageData, DataError> {
    let ClassFolders { classes, train, validation, test, left_out } =
        ClassFolders::find(directory)?;
    let part = |files: Option<ClassFiles>| {
        files.map(|files| read(&files, &classes, input, invert)).transpose()
    };
    // The files of all parts that cannot be used are named at once.
    let parts = DataError::every([Some(train), validation, test].map(part))?;
    let Ok([Some(train), validation, test]) = <[_; 3]>::try_from(parts) else {
        return Err(DataError::content(directory, "no training part"));
    };
    Ok(ImageData { classes, train, validation, test, left_out })
}

/// Refuses a class that others do not have.
pub(crate) fn check_known(
    directory: &Path,
    files: &ClassFiles,
    classes: &[String],
) -> Result<(), DataError> {
    match files.keys().find(|class| !classes.contains(class)) {
        None => Ok(()),
        Some(class) => Err(DataError::content(
            directory.join(class),
            format!("unknown class; the classes are {}", classes.join(", ")),
        )),
    }
}

/// The picture files of each class, sorted by name, with all folders within the class's own.
pub(crate) fn class_files(
    directory: &Path,
    left_out: &mut Vec<LeftOut>,
) -> Result<ClassFiles, DataError> {
    let Entries { visible, hidden } = entries(directory)?;
    let mut leave_out = |path, reason| left_out.push(LeftOut { path, reason });
    for path in hidden {
        leave_out(path, LeftOutReason::Hidden);
    }
    let mut classes = BTreeMap::new();
    let mut listings = Vec::new();
    for path in visible {
        if path.is_dir() {
            listings.push((name_of(&path)?, picture_files(std::slice::from_ref(&path))));
        } else {
            leave_out(path, LeftOutReason::Beside);
        }
    }
    for (name, Listing { files, left_out: within }) in listings {
        left_out.extend(within);
        classes.insert(name, files.into_iter().collect::<Result<Vec<_>, _>>()?);
    }
    if classes.is_empty() {
        return Err(DataError::content(
            directory,
            "no class folders; kind = \"image-folder\" needs one folder of pictures per class",
        ));
    }
    Ok(classes)
}

fn name_of(path: &Path) -> Result<String, DataError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| DataError::content(path, "the name is not UTF-8; rename it"))?;
    if name.contains(char::is_control) {
        // Shown without what it could do to a terminal.
        let shown = path.with_file_name(name.escape_debug().to_string());
        return Err(DataError::content(
            shown,
            "the name of this class folder contains control characters; rename it",
        ));
    }
    Ok(name.to_owned())
}

/// Reads the pictures of some classes; all that cannot be used are named.
pub(crate) fn read(
    files: &ClassFiles,
    classes: &[String],
    input: Shape,
    invert: bool,
) -> Result<ImageSet, DataError> {
    let labeled: Vec<(u32, &PathBuf)> = (0..)
        .zip(classes)
        .flat_map(|(label, class)| {
            files.get(class).into_iter().flatten().map(move |path| (label, path))
        })
        .collect();
    let mut pixels = buffer(labeled.len(), input)?;
    let places = pixels.par_chunks_mut(input.values()).zip(&labeled);
    let read = places.map(|(pixels, (_, path))| {
        read_picture(path, input, invert).map(|read| pixels.copy_from_slice(&read))
    });
    DataError::every(read.collect::<Vec<_>>())?;
    let labels = labeled.iter().map(|(label, _)| *label).collect();
    let origins = Origins::of_files(labeled.into_iter().map(|(_, path)| path));
    Ok(ImageSet { pixels, labels, shape: input, origins })
}

/// Room for `count` pictures.
fn buffer(count: usize, shape: Shape) -> Result<Vec<u8>, DataError> {
    let refused = |what: &str| {
        DataError::Unfit(format!(
            "{count} pictures of shape {shape} need {what}; reduce network.input or use fewer \
             pictures"
        ))
    };
    let size = count
        .checked_mul(shape.values())
        .filter(|&size| size <= LARGEST_PART)
        .ok_or_else(|| refused("more than the allowed 8 GiB"))?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(size).map_err(|_| refused("more memory than is available"))?;
    pixels.resize(size, 0);
    Ok(pixels)
}

#[cfg(test)]
mod tests;
