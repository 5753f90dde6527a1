//! Errors of matrix files.

use std::path::PathBuf;

use dlkit_files::Unread;
use dlkit_files::npy::NpyError;
use thiserror::Error;

use crate::homography::HomographyError;
use crate::points::BracketsError;

/// Why the matrix of a file cannot be used.
#[derive(Debug, Error)]
#[error("{}: {}", path.display(), problem.said())]
pub struct MatrixFileError {
    /// The file.
    pub path: PathBuf,
    /// The problem.
    #[source]
    pub problem: MatrixProblem,
}

/// The forms that are read, for messages.
const READ: &str = "give 3 x 3 numbers, or 2 x 3 for an affine map, as JSON ([[a, b, c], ...], nine \
                    numbers, or {\"matrix\": ...}), OpenCV's FileStorage (.yml, .xml, .json), text \
                    as numpy.savetxt writes it, or .npy";

/// A problem with a matrix file.
#[derive(Debug, Error)]
pub enum MatrixProblem {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[source] Unread),
    /// The matrix is singular or not finite.
    #[error("cannot be applied: {0}")]
    Unfit(#[from] HomographyError),
    /// The bytes are neither UTF-8 nor an array of NumPy.
    #[error("neither text nor a .npy file")]
    NotText,
    /// The file is compressed.
    #[error("a compressed file; {0}")]
    Archive(&'static str),
    /// A `.npy` file that cannot be read.
    #[error(transparent)]
    Npy(#[from] NpyError),
    /// The text begins like JSON, but is not.
    #[error("not valid JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// Lists in brackets that cannot be read.
    #[error(transparent)]
    Brackets(#[from] BracketsError),
    /// A word is not a finite number.
    #[error("`{0}` is not a finite number")]
    Number(String),
    /// Rows of different length.
    #[error("row {row} has {found} numbers, the first has {expected}")]
    Ragged {
        /// The row, from 1.
        row: usize,
        /// Its numbers.
        found: usize,
        /// The numbers of the first row.
        expected: usize,
    },
    /// The numbers of a matrix have another shape.
    #[error("it has {rows} x {columns} numbers")]
    Shape {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// More or fewer numbers than rows and columns need.
    #[error("it has {found} numbers for {rows} x {columns} entries")]
    Length {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
        /// Numbers.
        found: usize,
    },
    /// Six numbers, one a line.
    #[error("it has six numbers, one a line, as a world file; write two rows of three")]
    WorldFile,
    /// OpenCV's numbers in base64.
    #[error("its numbers are in base64; write it without WRITE_BASE64")]
    Base64,
    /// Entries with several numbers each.
    #[error("its entries have the type `{0}`; one number for each is needed")]
    Type(String),
    /// There is no matrix.
    #[error("no matrix in it")]
    None,
    /// There are several matrices.
    #[error("it has several matrices ({}); name one of them H", .0.join(", "))]
    Several(Vec<String>),
    /// The canvas, the size of the picture or the frame is ill-formed.
    #[error("its `{name}` needs {}", needed(.name))]
    Part {
        /// The name of the part.
        name: &'static str,
    },
}

/// What a part of a file needs.
fn needed(part: &str) -> &'static str {
    match part {
        "units_per_pixel" => "a number above 0",
        "y_axis" => "to be \"up\" or \"down\"",
        "target_unit" => "the name of a unit",
        _ => "whole numbers of pixels, each side 1 or more",
    }
}

impl MatrixProblem {
    /// The message, with what is read where the form of the file is wrong.
    fn said(&self) -> String {
        match self {
            Self::Read(_) | Self::Unfit(_) => self.to_string(),
            _ => format!("not a matrix: {self}; {READ}"),
        }
    }
}
