//! Tables: CSV files with a line of column names.
//!
//! A file is decoded to UTF-8 and its separator and decimal sign are recognized ([`TableFile`]). Its columns
//! are surveyed for what their cells are ([`Survey`]), and cells become codes: numbers, days, 0 and 1, or places in
//! a list of categories ([`Cells`]).

mod cell;
mod cells;
mod coding;
mod config;
mod encoding;
mod file;
mod format;
mod number;
mod rows;
mod selection;
mod set;
mod survey;

pub(crate) use cell::{FALSE, MISSING, TRUE};
pub use cells::Cells;
pub use coding::{BadCell, Coded, Wanted};
pub use config::{MissingRule, TableConfig};
pub use file::TableFile;
pub use format::{FormatConfig, TableFormat};
pub use selection::{Names, Selection};
pub use set::TableSet;
pub use survey::{Kind, Survey};

#[cfg(test)]
mod tests;
