//! Files of matrices: dlkit's own, OpenCV's and NumPy's.

mod choice;
mod error;
mod file_storage;
mod grid;
mod json;
mod write;

pub use error::{MatrixFileError, MatrixProblem};
pub use write::MatrixFormat;

use std::path::Path;

use dlkit_files::read_npy_doubles;
use dlkit_files::regular::{LARGEST_RECIPE, read_regular};
use serde::{Deserialize, Serialize};

use self::choice::chosen;
use self::grid::Grid;
use crate::homography::{Homography, HomographyError};
use crate::points::{Block, blocks, has_brackets};
use crate::warp::Canvas;

/// A homography, and what it was made with.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixFile {
    /// Maps source to target.
    pub homography: Homography,
    /// The part of the target plane that was drawn, if known.
    pub canvas: Option<Canvas>,
    /// The size of the source picture, if known.
    pub picture: Option<PictureSize>,
    /// The unit of the targets, if they are not pixels.
    pub target_unit: Option<String>,
    /// How the canvas lies in the target plane.
    pub frame: Frame,
}

/// How a canvas lies in the plane of the targets: in the plain frame a target unit is a pixel, and y points
/// down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Target units per pixel, finite and above 0; none for 1.
    pub units_per_pixel: Option<f64>,
    /// Whether y of the targets points up.
    pub is_up: bool,
}

impl Frame {
    /// Whether the canvas has the coordinates of the targets.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.units_per_pixel.is_none() && !self.is_up
    }

    /// Target units along a row of the canvas, and down a column, from one pixel to the next.
    #[must_use]
    pub fn steps(&self) -> [f64; 2] {
        let step = self.units_per_pixel.unwrap_or(1.0);
        [step, if self.is_up { -step } else { step }]
    }

    /// The map from the targets to the canvas.
    ///
    /// # Errors
    /// The units are so many or so few that the matrix is singular.
    pub fn onto_canvas(&self) -> Result<Homography, HomographyError> {
        let [across, down] = self.steps();
        Homography::from_rows([[1.0 / across, 0.0, 0.0], [0.0, 1.0 / down, 0.0], [0.0, 0.0, 1.0]])
    }
}

/// The size of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureSize {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Reads a matrix of 3 x 3 numbers, or of 2 x 3 for an affine map, from a file. Its content tells
/// which kind it is:
/// - JSON: dlkit's own, with the canvas; rows of numbers; nine numbers; OpenCV's FileStorage; or an
///   object with one of them.
/// - OpenCV's FileStorage as YAML or XML; other YAML with rows of numbers.
/// - NumPy's `.npy`; text as `numpy.savetxt` writes it; lists in brackets as NumPy prints them.
///
/// Of several matrices, the one named `H`, `M`, `matrix` or `homography` is read, or the only one
/// of 3 x 3 or 2 x 3 numbers.
///
/// # Errors
/// The file is not a regular file of at most 1 MiB, cannot be read or has none of these forms; the
/// matrix is singular or not finite.
pub fn read_matrix_file(path: &Path) -> Result<MatrixFile, MatrixFileError> {
    let failed = |problem| MatrixFileError { path: path.to_owned(), problem };
    let bytes =
        read_regular(path, LARGEST_RECIPE).map_err(|error| failed(MatrixProblem::Read(error)))?;
    parsed(&bytes).map_err(failed)
}

/// Reads the matrix of a file's bytes.
fn parsed(bytes: &[u8]) -> Result<MatrixFile, MatrixProblem> {
    if bytes.starts_with(b"\x93NUMPY") {
        let (sizes, numbers) = read_npy_doubles(bytes)?;
        return plain(&Grid::of_array(&sizes, numbers)?);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(MatrixProblem::Archive("save the matrix alone with numpy.save"));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(MatrixProblem::Archive("unpack it with gunzip"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| MatrixProblem::NotText)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        return plain(&chosen(file_storage::of_xml(text)?)?);
    }
    if text.starts_with(['{', '[']) {
        match json::parsed(text) {
            Err(MatrixProblem::Json(_)) if text.starts_with('[') => {}
            result => return result,
        }
    } else if file_storage::is_yaml(text) {
        return plain(&chosen(file_storage::of_yaml(text))?);
    }
    if has_brackets(text) {
        let named = |(index, block): (usize, Block)| {
            let name = block.label.unwrap_or_else(|| format!("list {}", index + 1));
            (name, Grid::of_value(&block.list))
        };
        return plain(&chosen(blocks(text)?.into_iter().enumerate().map(named).collect())?);
    }
    plain(&Grid::of_text(text)?)
}

/// A matrix of which nothing else is known.
fn plain(grid: &Grid) -> Result<MatrixFile, MatrixProblem> {
    let homography = Homography::from_rows(grid.matrix()?)?;
    Ok(MatrixFile {
        homography,
        canvas: None,
        picture: None,
        target_unit: None,
        frame: Frame::default(),
    })
}

#[cfg(test)]
mod tests;
