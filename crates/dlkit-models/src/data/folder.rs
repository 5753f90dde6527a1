//! Pictures in one folder per class.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::DataError;
use super::files::entries;
use super::images::{ImageData, ImageSet};
use super::picture::{is_picture, read_picture};
use crate::value::Shape;

/// Most bytes of one part of a data set, which is held in memory as a whole.
const LARGEST_PART: usize = 8 << 30;

/// Reads `train/<class>/` and, where it is there, `test/<class>/`; without `train`, the classes
/// are the folders of the directory itself and there is no test part.
pub(crate) fn load(directory: &Path, input: Shape, invert: bool) -> Result<ImageData, DataError> {
    let train_directory = directory.join("train");
    let split = train_directory.is_dir();
    let train_files = class_files(if split { &train_directory } else { directory })?;
    let classes: Vec<String> = train_files.keys().cloned().collect();
    let train = read(&train_files, &classes, input, invert)?;
    let test_directory = directory.join("test");
    let test = if split && test_directory.is_dir() {
        let files = class_files(&test_directory)?;
        check_known(&test_directory, &files, &classes)?;
        Some(read(&files, &classes, input, invert)?)
    } else {
        None
    };
    Ok(ImageData { classes, train, test })
}

/// The picture files of each class.
pub(crate) type ClassFiles = BTreeMap<String, Vec<PathBuf>>;

/// Refuses a class of the test part that the training part does not have.
pub(crate) fn check_known(
    directory: &Path,
    files: &ClassFiles,
    classes: &[String],
) -> Result<(), DataError> {
    match files.keys().find(|class| !classes.contains(class)) {
        None => Ok(()),
        Some(class) => Err(DataError::content(
            directory.join(class),
            format!("is a class the training part lacks; it has {}", classes.join(", ")),
        )),
    }
}

/// The picture files of each class, sorted by name.
pub(crate) fn class_files(directory: &Path) -> Result<ClassFiles, DataError> {
    let mut classes = BTreeMap::new();
    for path in entries(directory)? {
        if !path.is_dir() {
            continue;
        }
        let name = name_of(&path)?;
        let files: Vec<PathBuf> =
            entries(&path)?.into_iter().filter(|file| is_picture(file)).collect();
        if files.is_empty() {
            return Err(DataError::content(
                path,
                "is a class folder without pictures (PNG, JPEG, WebP or BMP); fill or remove it",
            ));
        }
        classes.insert(name, files);
    }
    if classes.is_empty() {
        return Err(DataError::content(
            directory,
            "holds no class folders; kind = \"image-folder\" needs one folder of pictures per class",
        ));
    }
    Ok(classes)
}

fn name_of(path: &Path) -> Result<String, DataError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| DataError::content(path, "has a name that is not UTF-8"))?;
    if name.contains(char::is_control) {
        // Shown without what it could do to a terminal.
        let shown = path.with_file_name(name.escape_debug().to_string());
        return Err(DataError::content(
            shown,
            "is a class folder with control characters in its name; rename it",
        ));
    }
    Ok(name.to_owned())
}

fn read(
    files: &ClassFiles,
    classes: &[String],
    input: Shape,
    invert: bool,
) -> Result<ImageSet, DataError> {
    let labelled: Vec<(u32, &PathBuf)> = (0..)
        .zip(classes)
        .flat_map(|(label, class)| {
            files.get(class).into_iter().flatten().map(move |path| (label, path))
        })
        .collect();
    let mut pixels = buffer(labelled.len(), input)?;
    pixels.par_chunks_mut(input.values()).zip(&labelled).try_for_each(
        |(pixels, (_, path))| -> Result<(), DataError> {
            pixels.copy_from_slice(&read_picture(path, input, invert)?);
            Ok(())
        },
    )?;
    let labels = labelled.iter().map(|(label, _)| *label).collect();
    Ok(ImageSet { pixels, labels, shape: input })
}

/// Room for `count` pictures.
fn buffer(count: usize, shape: Shape) -> Result<Vec<u8>, DataError> {
    let refused = |what: &str| {
        DataError::Unfit(format!(
            "{count} pictures of the shape {shape} take {what}; make network.input smaller or use \
             fewer pictures"
        ))
    };
    let size = count
        .checked_mul(shape.values())
        .filter(|&size| size <= LARGEST_PART)
        .ok_or_else(|| refused("more than the 8 GiB that are allowed"))?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(size).map_err(|_| refused("more memory than there is"))?;
    pixels.resize(size, 0);
    Ok(pixels)
}

#[cfg(test)]
mod tests;
