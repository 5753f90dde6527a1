//! How features are standardized and filled in, learned from the training rows.

use std::collections::BTreeMap;

use super::columns::Chosen;
use crate::data::{DataError, MissingRule, TableSet};
use crate::facts::{Column, Feature, Fill};
use crate::value::number::float;

/// The features, fitted to some rows of a set.
///
/// # Errors
/// A column without values in these rows.
pub(super) fn fit(
    chosen: &[Chosen],
    set: &TableSet,
    rows: &[usize],
    (missing, standardise): (MissingRule, bool),
) -> Result<Vec<Feature>, DataError> {
    let feature = |(place, column): (usize, &Chosen)| {
        let code = |&row: &usize| set.row(row).get(place).copied().unwrap_or(f64::NAN);
        let mut codes: Vec<f64> = rows.iter().map(code).collect();
        let fill = fill_of(column, &codes, missing)?;
        if let Some(fill) = fill {
            for code in codes.iter_mut().filter(|code| code.is_nan()) {
                *code = fill.code;
            }
        }
        let name = column.name.as_str();
        let scaled = standardise && column.cells.is_measure();
        let scale = if scaled { Column::standardized(name, &codes) } else { Column::plain(name) };
        Ok(Feature { column: scale, cells: column.cells.clone(), fill })
    };
    DataError::every(chosen.iter().enumerate().map(feature))
}

fn fill_of(column: &Chosen, codes: &[f64], rule: MissingRule) -> Result<Option<Fill>, DataError> {
    let mut present: Vec<f64> = codes.iter().copied().filter(|code| !code.is_nan()).collect();
    if present.is_empty() {
        return Err(DataError::Unfit(format!(
            "column `{}`: no values in the training rows; leave it out (data.features, data.exclude)",
            column.name
        )));
    }
    let code = match rule {
        MissingRule::Error => return Ok(None),
        _ if !column.cells.is_measure() => most_frequent(&present),
        MissingRule::Mean | MissingRule::Indicator => {
            present.iter().sum::<f64>() / float(present.len())
        }
        MissingRule::Median => median(&mut present),
    };
    let indicator = rule == MissingRule::Indicator && column.has_missing;
    Ok(Some(Fill { code, indicator }))
}

/// The mean of the two middle values, or the one.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle - 1), at(middle)) }
}

/// The most frequent code; the first of several.
fn most_frequent(codes: &[f64]) -> f64 {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for code in codes {
        *counts.entry(code.to_bits()).or_default() += 1;
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| **count);
    most.map_or(f64::NAN, |(bits, _)| f64::from_bits(*bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Cells;

    #[test]
    fn missing_cells_are_filled_as_scikit_learn_fills_them() {
        let chosen = |name: &str, cells| Chosen { name: name.into(), cells, has_missing: true };
        let texts = Cells::Categories(["a", "b"].map(str::to_owned).to_vec());
        let columns = [chosen("x", Cells::Number), chosen("t", texts)];
        let rows = vec![1.0, 1.0, 2.0, f64::NAN, 6.0, 1.0, f64::NAN, 0.0, 100.0, 0.0];
        let set = TableSet::of_values(2, 0, rows);
        let fitted = |rule| fit(&columns, &set, &[0, 1, 2, 3], (rule, true)).unwrap();
        // SimpleImputer(strategy="mean" | "median") of [1, 2, 6, nan], then StandardScaler.
        let [x, t] = &fitted(MissingRule::Mean)[..] else { panic!() };
        assert_eq!((x.fill, x.column.mean), (Some(Fill { code: 3.0, indicator: false }), 3.0));
        assert!((x.column.deviation - 3.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!((t.fill, t.column.deviation), (Some(Fill { code: 1.0, indicator: false }), 1.0));
        assert_eq!(fitted(MissingRule::Median)[0].fill, Some(Fill { code: 2.0, indicator: false }));
        assert!(fitted(MissingRule::Indicator).iter().all(|column| column.fill.unwrap().indicator));
        assert_eq!(fitted(MissingRule::Error)[0].fill, None);
        let error = fit(&columns, &set, &[3], (MissingRule::Mean, true)).unwrap_err().to_string();
        assert!(error.starts_with("column `x`: no values in the training rows"), "{error}");
    }
}
