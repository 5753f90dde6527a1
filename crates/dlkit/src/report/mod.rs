//! Results for readers: tables, charts and pages.

mod activations;
mod class_curves;
mod color_figures;
mod comparison;
mod comparison_keys;
mod confusion;
mod crossval;
mod curves;
mod differences;
mod document;
mod evaluation;
mod face_pictures;
mod face_rates;
mod face_space;
mod feature_maps;
mod figures;
mod fit;
mod homography;
mod homography_quality;
mod labels;
mod layer_measure;
mod layer_profiles;
mod mistakes;
mod network;
mod network_svg;
mod page;
mod range_test;
mod recognition;
mod run_page;
mod samples;
mod text_table;
mod values;

pub(crate) use activations::{activation_chart, activation_overview};
pub(crate) use comparison::{
    CURVES, comparison_csv, comparison_curves, comparison_markdown, comparison_notes,
    comparison_table, runs_csv,
};
pub(crate) use crossval::crossval_chart;
pub(crate) use differences::difference_table;
pub(crate) use document::{PICTURE_PAGE_STYLE, at_most, check_html, document, embedded};
pub(crate) use evaluation::{
    PICTURES, evaluation_pictures, evaluation_stem, evaluation_text, figure_text, figures_line,
};
pub(crate) use face_pictures::{
    Rebuilt, asked_sheet, eigenfaces_sheet, error_chart, gray_png, rebuilt_sheet, rebuilt_table,
};
pub(crate) use face_rates::{compared_table, copies_note};
pub(crate) use face_space::{FaceSpaceReport, face_space_text, variance_chart};
pub(crate) use feature_maps::{feature_maps, weight_maps};
pub(crate) use figures::{counted, epoch_line, figure, is_share, percent, seconds, thousands};
pub(crate) use homography::{Holes, HomographyReport, Page, PageFocal, homography_text};
pub(crate) use homography_quality::{Certainty, Quality};
pub(crate) use labels::{Label, LabelCounts};
pub(crate) use layer_measure::{measure_cell, measure_label};
pub(crate) use layer_profiles::layer_profiles;
pub(crate) use mistakes::mistakes_sheet;
pub(crate) use network::{network_dot, network_markdown, network_table, partial_network_table};
pub(crate) use network_svg::network_svg;
pub(crate) use range_test::range_chart;
pub(crate) use recognition::{
    Recognized, Thresholds, recognition_csv, recognition_table, recognition_text, roc_chart,
};
pub(crate) use run_page::write_run_report;
pub(crate) use samples::{Field, SampleTable};
pub(crate) use text_table::{Align, TextTable};
pub(crate) use values::{non_finite_note, spread_cells, spread_table, value_names, write_values};
