//! Results for people: tables, figures, pages.

mod activations;
mod confusion;
mod curves;
mod feature_maps;
mod figures;
mod homography;
mod network;
mod page;
mod run_page;
mod text_table;
mod values;

pub(crate) use activations::{activation_chart, activation_overview};
pub(crate) use confusion::write_confusion;
pub(crate) use feature_maps::{feature_maps, weight_maps};
pub(crate) use figures::{epoch_line, optional_percent, percent, seconds, thousands};
pub(crate) use homography::{Holes, HomographyReport, Page, homography_text};
pub(crate) use network::{network_dot, network_markdown, network_svg, network_table};
pub(crate) use run_page::write_run_report;
pub(crate) use text_table::{Align, TextTable};
pub(crate) use values::{spread_cells, spread_table, write_values};
