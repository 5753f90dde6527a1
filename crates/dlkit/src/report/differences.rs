//! Differences between two networks.

use dlkit_models::freeze::Difference;

use super::text_table::{Align, TextTable};

/// Table of the largest differences by name; `what` names the first column.
pub(crate) fn difference_table(what: &str, differences: &[Difference]) -> TextTable {
    let mut table = TextTable::new(&[(what, Align::Left)]);
    table.column("largest difference", Align::Right);
    table.column("relative to the largest value", Align::Right);
    for Difference { name, absolute, relative } in differences {
        table.row([name.clone(), format!("{absolute:.3e}"), format!("{relative:.3e}")]);
    }
    table
}
