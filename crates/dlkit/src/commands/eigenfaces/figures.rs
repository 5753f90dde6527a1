//! Writes the charts of a face space, and reads models.

use std::path::Path;

use anyhow::{Context, Result};
use dlkit_files::regular::read_regular;
use dlkit_vision::eigenfaces::{Components, Eigenfaces, LARGEST_MODEL_FILE};

use crate::arguments::Folder;
use crate::report::{eigenfaces_sheet, gray_png, variance_chart};

/// Files that [`write_figures`] writes.
pub(super) const FIGURES: [&str; 4] =
    ["mean.png", "eigenfaces.png", "variance.svg", "variance.png"];

/// Writes mean face, eigenfaces and variance curve, and returns their paths.
pub(super) fn write_figures(
    folder: &Folder,
    model: &Eigenfaces,
    components: Components,
) -> Result<Vec<String>> {
    let mut written = Vec::new();
    let mean = gray_png(model.mean(), model.width(), model.height())?;
    for (name, bytes) in [("mean.png", mean), ("eigenfaces.png", eigenfaces_sheet(model).to_png()?)]
    {
        written.push(folder.write(name, &bytes)?);
    }
    let variance = variance_chart(model.spectrum(), model.components(), components);
    written.extend(folder.write_picture("variance", &variance.to_svg())?);
    Ok(written)
}

/// Reads a model.
pub(super) fn read_model(path: &Path) -> Result<Eigenfaces> {
    let unusable = || format!("{}: not a model written by `dlkit eigenfaces fit`", path.display());
    let bytes = read_regular(path, LARGEST_MODEL_FILE).with_context(unusable)?;
    Eigenfaces::from_bytes(&bytes).with_context(unusable)
}
