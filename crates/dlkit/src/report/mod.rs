//! Results for people: tables, figures, pages.

mod confusion;
mod curves;
mod figures;
mod page;
mod run_page;
mod text_table;

pub(crate) use confusion::write_confusion;
pub(crate) use figures::{epoch_line, optional_percent, percent, seconds, thousands};
pub(crate) use run_page::write_run_report;
pub(crate) use text_table::{Align, TextTable};
