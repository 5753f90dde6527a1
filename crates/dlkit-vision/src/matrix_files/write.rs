//! Writes matrix files.

use std::fmt::Write as _;
use std::path::Path;

use dlkit_files::npy_bytes_of_doubles;
use serde::Serialize;

use super::{MatrixFile, PictureSize};
use crate::warp::Canvas;

/// The format of a matrix file to write, determined by the extension of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixFormat {
    /// dlkit's own, which also keeps the canvas, its frame and the size of the picture.
    Json,
    /// OpenCV's FileStorage as YAML, the matrix named `H`.
    Yaml,
    /// OpenCV's FileStorage as XML, the matrix named `H`.
    Xml,
    /// Text for `numpy.loadtxt`.
    Text,
    /// `.npy` for `numpy.load`, in double precision.
    Npy,
}

/// What a JSON file has.
#[derive(Serialize)]
struct Written {
    /// Maps (x, y, 1) in the source to a multiple of (u, v, 1) in the target.
    matrix: [[f64; 3]; 3],
    maps: &'static str,
    coordinates: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    units_per_pixel: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y_axis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canvas: Option<Canvas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<PictureSize>,
}

const MAPS: &str = "source to target";
const COORDINATES: &str = "pixels, x to the right, y down, center of the first pixel at (0, 0)";

/// What the coordinates are.
fn coordinates(file: &MatrixFile) -> String {
    match &file.target_unit {
        None => COORDINATES.to_owned(),
        Some(unit) => format!("sources: {COORDINATES}; targets: {unit}"),
    }
}

impl MatrixFormat {
    /// The format that the extension of a path names; none if it names none.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Self::Json,
            "yml" | "yaml" => Self::Yaml,
            "xml" => Self::Xml,
            "txt" => Self::Text,
            "npy" => Self::Npy,
            _ => return None,
        })
    }

    /// The bytes of a file. Only JSON keeps the canvas, its frame and the size of the picture.
    ///
    /// # Errors
    /// The serializer refuses.
    pub fn encode(self, file: &MatrixFile) -> Result<Vec<u8>, serde_json::Error> {
        let matrix = file.homography.rows();
        let all = matrix.concat();
        let numbers = || all.iter().map(|entry| format!("{entry:e}"));
        Ok(match self {
            Self::Json => {
                let (canvas, picture) = (file.canvas, file.picture);
                let (coordinates, target_unit) = (coordinates(file), file.target_unit.clone());
                let written = Written {
                    matrix,
                    maps: MAPS,
                    coordinates,
                    target_unit,
                    units_per_pixel: file.frame.units_per_pixel,
                    y_axis: file.frame.is_up.then_some("up"),
                    canvas,
                    picture,
                };
                let mut text = serde_json::to_string_pretty(&written)?;
                text.push('\n');
                text.into_bytes()
            }
            Self::Yaml => format!(
                "%YAML:1.0\n---\nH: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n   data: [ {} \
                 ]\n",
                numbers().collect::<Vec<_>>().join(", ")
            )
            .into_bytes(),
            Self::Xml => format!(
                "<?xml version=\"1.0\"?>\n<opencv_storage>\n<H type_id=\"opencv-matrix\">\n  \
                 <rows>3</rows>\n  <cols>3</cols>\n  <dt>d</dt>\n  <data>\n    \
                 {}</data></H>\n</opencv_storage>\n",
                numbers().collect::<Vec<_>>().join(" ")
            )
            .into_bytes(),
            Self::Text => {
                let mut text = format!("# homography, {MAPS}; {}\n", coordinates(file));
                for [a, b, c] in matrix {
                    // Writing to a string cannot fail.
                    let _ = writeln!(text, "{a:e} {b:e} {c:e}");
                }
                text.into_bytes()
            }
            Self::Npy => npy_bytes_of_doubles(&[3, 3], &all),
        })
    }
}
