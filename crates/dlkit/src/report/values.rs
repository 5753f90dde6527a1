//! Values of a layer or a weight: what they are like, and on disk.

use anyhow::Result;
use dlkit_files::npy::npy_bytes;
use dlkit_models::network::Spread;

use super::figures::{figure, percent, thousands};
use super::text_table::{Align, TextTable};
use crate::arguments::{Folder, picture_names};
use crate::plot::MapGrid;

/// A table whose rows begin with a name and a shape and go on with [`spread_cells`].
pub(crate) fn spread_table(first: &str) -> TextTable {
    let mut table = TextTable::new(&[(first, Align::Left), ("shape", Align::Left)]);
    for column in ["min", "mean", "max", "deviation", "zeros"] {
        table.column(column, Align::Right);
    }
    table
}

/// The cells of a spread, with so many decimals.
pub(crate) fn spread_cells(spread: &Spread, decimals: usize) -> impl Iterator<Item = String> {
    let Spread { minimum, mean, maximum, deviation, zeros, .. } = *spread;
    // Without a finite value there is no smallest and no largest.
    let extreme = move |value: f64| {
        if value.is_finite() { figure(value, decimals) } else { "-".to_owned() }
    };
    let [mean, deviation] = [mean, deviation].map(|value| figure(value, decimals));
    [extreme(minimum), mean, extreme(maximum), deviation, percent(zeros)].into_iter()
}

/// What to say of values that are infinite or undefined; `named` are spreads with their names.
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

/// Writes values as `NAME.npy` and draws them as `NAME.svg` and `NAME.png`; gives the path of the
/// first.
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
