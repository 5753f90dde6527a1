//! Values of a layer or a weight: what they are like, and on disk.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dlkit_models::network::Spread;
use dlkit_models::npy::npy_bytes;
use dlkit_models::run::write_atomically;

use super::figures::percent;
use super::text_table::{Align, TextTable};
use crate::plot::{MapGrid, write_picture};

/// A table whose rows begin with a name and a shape and go on with [`spread_cells`].
pub(crate) fn spread_table(first: &str) -> TextTable {
    let mut table = TextTable::new(&[(first, Align::Left), ("shape", Align::Left)]);
    for column in ["min", "mean", "max", "deviation", "zeros"] {
        table.column(column, Align::Right);
    }
    table
}

/// The cells of a spread, with so many digits.
pub(crate) fn spread_cells(spread: &Spread, digits: usize) -> impl Iterator<Item = String> {
    let Spread { minimum, mean, maximum, deviation, zeros } = *spread;
    let figures = [minimum, mean, maximum, deviation].into_iter();
    figures.map(move |figure| format!("{figure:.digits$}")).chain([percent(zeros)])
}

/// Writes values as `NAME.npy` and draws them as `NAME.svg` and `NAME.png`; gives the path of the
/// first.
pub(crate) fn write_values(
    directory: &Path,
    name: &str,
    sizes: &[usize],
    values: &[f32],
    picture: &MapGrid,
) -> Result<String> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let path = directory.join(format!("{name}.npy"));
    write_atomically(&path, &npy_bytes(sizes, values))
        .with_context(|| format!("cannot write {}", path.display()))?;
    write_picture(&picture.to_svg(), &directory.join(name))?;
    Ok(path.display().to_string())
}
