//! Differences between two networks.

use dlkit_models::freeze::Difference;

use super::text_table::{Align, TextTable};

/// The largest differences by name; the first column is named `what`.
pub(crate) fn difference_table(what: &str, differences: &[Difference]) -> TextTable {
    let mut table = TextTable::new(&[(what, Align::Left)]);
    table.column("largest difference", Align::Right);
    table.column("relative to the largest value", Align::Right);
    for Difference { name, absolute, relative } in differences {
        table.row([name.clone(), format!("{absolute:.3e}"), format!("{relative:.3e}")]);
    }
    table
}
