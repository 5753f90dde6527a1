//! Matrix files that are written.

use std::path::Path;

use anyhow::{Context, Result};
use dlkit_files::StagedFile;
use dlkit_vision::matrix_files::{MatrixFile, MatrixFormat, PictureSize};
use dlkit_vision::warp::Canvas;
use image::DynamicImage;

use super::Args;
use super::mapping::Mapping;
use super::onto::Onto;
use super::units::Unit;
use crate::report::Page;

/// The content of a matrix file for a mapping. `drawn` is the canvas of the result, if one was drawn.
pub(super) fn content(
    args: &Args,
    mapping: &Mapping,
    picture: Option<&DynamicImage>,
    drawn: Option<Canvas>,
) -> MatrixFile {
    let from_origin = |width, height| Canvas { width, height, left: 0, top: 0 };
    let page = mapping.page.as_ref();
    let page = page.map(|&Page { width, height, .. }| from_origin(width, height));
    let onto = |Onto { picture, .. }: &Onto| from_origin(picture.width(), picture.height());
    let size =
        |picture: &DynamicImage| PictureSize { width: picture.width(), height: picture.height() };
    MatrixFile {
        homography: mapping.homography.clone(),
        canvas: drawn
            .filter(|_| !args.invert)
            .or(page)
            .or_else(|| mapping.onto.as_ref().map(onto))
            .or(mapping.kept.canvas.filter(|_| mapping.frame == mapping.kept.frame)),
        // The picture that is warped by the inverse is one of the target.
        picture: picture.filter(|_| !args.invert).map(size).or(mapping.kept.picture),
        frame: mapping.frame,
        target_unit: (mapping.unit != Unit::Pixels).then(|| mapping.unit.name().to_owned()),
    }
}

/// What a file does not keep and must be given again, if anything.
pub(super) fn lost(path: &Path, file: &MatrixFile) -> Option<String> {
    if file.frame.is_plain() || MatrixFormat::of(path) == Some(MatrixFormat::Json) {
        return None;
    }
    let flags = [("--scale", file.frame.units_per_pixel.is_some()), ("--y up", file.frame.is_up)];
    let flags: Vec<&str> =
        flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag).collect();
    Some(format!(
        "{} has the matrix only: give {} again with it, or write a .json file",
        path.display(),
        flags.join(" and ")
    ))
}

/// Writes a matrix under a temporary name.
pub(super) fn staged(path: &Path, file: &MatrixFile) -> Result<StagedFile> {
    let format = MatrixFormat::of(path).context("--save-matrix: not the name of a matrix file")?;
    StagedFile::write(path, &format.encode(file).context("cannot write the matrix")?)
        .with_context(|| format!("cannot write {}", path.display()))
}
