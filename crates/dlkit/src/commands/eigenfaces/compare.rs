//! `dlkit eigenfaces evaluate --compare`.

use std::path::Path;

use anyhow::{Context, Result};
use dlkit_vision::eigenfaces::{Compared, FitConfig, compare};
use serde::Serialize;

use super::options::Material;
use crate::arguments::Failures;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::compared_table;

#[derive(Serialize)]
struct Answer<'a> {
    pictures: usize,
    compared: &'a [Compared],
    notes: &'a [String],
    #[serde(flatten)]
    failures: Failures,
}

/// Compares normalizations and features on faces that were gathered.
pub(super) fn run(
    path: &Path,
    material: &Material,
    config: &FitConfig,
    mut failures: Failures,
    console: Console,
) -> Result<ExitStatus> {
    let Material { faces, others, notes, .. } = material;
    let compared = compare(faces, others.as_ref(), config)
        .with_context(|| format!("{}: cannot be compared", path.display()))?;
    console.line(compared_table(&compared))?;
    let pictures = faces.pictures().count();
    let status = failures.conclude(pictures);
    console.object(&Answer { pictures, compared: &compared, notes, failures })?;
    Ok(status)
}
