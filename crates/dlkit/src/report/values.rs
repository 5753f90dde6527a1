//! Statistics and files of the values of a layer or weight.

use anyhow::Result;
use dlkit_files::npy::npy_bytes;
use dlkit_models::network::Spread;

use super::figures::{figure, percent, thousands};
use super::text_table::{Align, TextTable};
use crate::arguments::{Folder, picture_names};
use crate::plot::MapGrid;

/// A table whose rows consist of a name, a shape and the [`spread_cells`].
pub(crate) fn spread_table(first: &str) -> TextTable {
    let mut table = TextTable::new(&[(first, Align::Left), ("shape", Align::Left)]);
    for column in ["min", "mean", "max", "deviation", "zeros"] {
        table.column(column, Align::Right);
    }
    table
}

/// Cells of a spread with a number of decimals.
pub(crate) fn spread_cells(spread: &Spread, decimals: usize) -> impl Iterator<Item = String> {
    let Spread { minimum, mean, maximum, deviation, zeros, .. } = *spread;
    // Minimum and maximum need a finite value.
    let extreme = move |value: f64| {
        if value.is_finite() { figure(value, decimals) } else { "-".to_owned() }
    };
    let [mean, deviation] = [mean, deviation].map(|value| figure(value, decimals));
    [extreme(minimum), mean, extreme(maximum), deviation, percent(zeros)].into_iter()
}

/// Note on infinite or undefined values; `named` holds spreads with their names.
pub(crate) fn non_finite_note<'a>(
    named: impl IntoIterator<Item = (&'a str, &'a Spread)>,
) -> Option<String> {
    let found: Vec<String> = named
        .into_iter()
        .filter(|(_, spread)| spread.non_finite > 0)
        .map(|(name, spread)| format!("{name} ({})", thousands(spread.non_finite)))
        .collect();
    (!found.is_empty()).then(|| {
        let found = found.join(", ");
        format!("infinite or undefined values: {found}; min and max exclude them")
    })
}

/// Writes values as `NAME.npy` and draws them as `NAME.svg` and `NAME.png`. Returns the path of the .npy
/// file.
pub(crate) fn write_values(
    folder: &Folder,
    name: &str,
    sizes: &[usize],
    values: &[f32],
    picture: &MapGrid,
) -> Result<String> {
    let path = folder.write(&array_name(name), &npy_bytes(sizes, values))?;
    folder.write_picture(name, &picture.to_svg())?;
    Ok(path)
}

/// The files that [`write_values`] writes.
pub(crate) fn value_names(name: &str) -> impl Iterator<Item = String> + use<> {
    std::iter::once(array_name(name)).chain(picture_names(name))
}

fn array_name(name: &str) -> String {
    format!("{name}.npy")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_are_those_of_finite_values_if_there_are_any() {
        let cells = |values: &[f32]| spread_cells(&Spread::new(values), 2).collect::<Vec<_>>();
        assert_eq!(cells(&[f32::INFINITY, f32::NAN]), ["-", "NaN", "-", "NaN", "0.00 %"]);
        assert_eq!(cells(&[f32::NAN, 0.0, 3.0]), ["0.00", "NaN", "3.00", "NaN", "33.33 %"]);
    }

    #[test]
    fn what_is_not_finite_is_counted_and_extremes_are_explained() {
        let [fine, odd] = [[0.0, 1.0], [f32::NAN, 1.0]].map(|values| Spread::new(&values));
        assert_eq!(non_finite_note([("a", &fine)]), None);
        assert_eq!(
            non_finite_note([("a", &fine), ("b", &odd)]).unwrap(),
            "infinite or undefined values: b (1); min and max exclude them"
        );
    }
}
