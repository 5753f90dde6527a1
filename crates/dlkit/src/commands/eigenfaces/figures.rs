//! The figures of a face space, and models read from files.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_vision::eigenfaces::{Components, Eigenfaces, LARGEST_MODEL_FILE};

use crate::arguments::Folder;
use crate::report::{eigenfaces_sheet, grey_png, variance_chart};

/// What [`write_figures`] writes.
pub(super) const FIGURES: [&str; 4] =
    ["mean.png", "eigenfaces.png", "variance.svg", "variance.png"];

/// Writes mean face, eigenfaces and variance curve, and says where they are.
pub(super) fn write_figures(
    folder: &Folder,
    model: &Eigenfaces,
    components: Components,
) -> Result<Vec<String>> {
    let mut written = Vec::new();
    let mean = grey_png(model.mean(), model.width(), model.height())?;
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
    let unreadable = || format!("cannot read {}", path.display());
    if !fs::metadata(path).with_context(unreadable)?.is_file() {
        bail!("{} is no file; give a model that `dlkit eigenfaces fit` wrote", path.display());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(unreadable)?;
    file.take(LARGEST_MODEL_FILE + 1).read_to_end(&mut bytes).with_context(unreadable)?;
    if bytes.len() as u64 > LARGEST_MODEL_FILE {
        let most = LARGEST_MODEL_FILE >> 20;
        bail!("{}: has more than {most} MiB, which no model has", path.display());
    }
    Eigenfaces::from_bytes(&bytes)
        .with_context(|| format!("{} is no model of eigenfaces", path.display()))
}
