//! Matrices as JSON files.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::regular::{LARGEST_RECIPE, read_regular_text};
use dlkit_vision::homography::Homography;
use serde::{Deserialize, Serialize};

/// Content of a matrix file. The object of --json can also be read.
#[derive(Serialize)]
struct Written {
    /// Maps (x, y, 1) in the source to a multiple of (u, v, 1) in the target.
    matrix: [[f64; 3]; 3],
    maps: &'static str,
    coordinates: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Read {
    Object { matrix: [[f64; 3]; 3] },
    Rows([[f64; 3]; 3]),
}

/// Reads the matrix of a file.
pub(super) fn read(path: &Path) -> Result<Homography> {
    let name = path.display();
    let text = read_regular_text(path, LARGEST_RECIPE)
        .with_context(|| format!("{name}: cannot be read"))?;
    let Ok(Read::Object { matrix } | Read::Rows(matrix)) = serde_json::from_str(&text) else {
        bail!(
            "{name}: not a matrix; give [[a, b, c], [d, e, f], [g, h, i]] or {{\"matrix\": ..}} with 9 numbers"
        );
    };
    Homography::from_rows(matrix).with_context(|| format!("{name}: cannot be applied"))
}

/// Writes the matrix under a temporary name; `unit` is that of the targets.
pub(super) fn staged(path: &Path, homography: &Homography, unit: &str) -> Result<StagedFile> {
    let pixels = "pixels, x to the right, y down, center of the first pixel at (0, 0)";
    let coordinates = if unit == "px" {
        pixels.to_owned()
    } else {
        format!("sources: {pixels}; targets: {unit}")
    };
    let written = Written { matrix: homography.rows(), maps: "source to target", coordinates };
    let text = serde_json::to_string_pretty(&written).context("cannot write the matrix")? + "\n";
    StagedFile::write(path, text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}
