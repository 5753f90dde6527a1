//! Metrics of a colorizer and of its baselines.

use dlkit_models::tasks::colorization::{ColorSummary, ColorizationReport, PhotoFigures, Summary};

use super::figures::percent;
use super::page::Table;
use super::text_table::{Align, TextTable};

/// Names of the columns of means and deviations.
const COLUMNS: [&str; 5] = ["colors", "AuC", "rebalanced AuC", "PSNR in dB", "colorfulness"];

/// For the terminal: means and deviations over photos, and the rebalanced area of each photo.
pub(super) fn colorization_text(report: &ColorizationReport) -> String {
    let columns = COLUMNS;
    let mut table = TextTable::new(&[(columns[0], Align::Left)]);
    for name in &columns[1..] {
        table.column(name, Align::Right);
    }
    for row in rows(report) {
        table.row(row);
    }
    let mut photos = TextTable::new(&[
        ("photo", Align::Left),
        ("rebalanced AuC", Align::Right),
        ("gray", Align::Right),
        ("prior mean", Align::Right),
        ("colorfulness", Align::Right),
        ("original", Align::Right),
    ]);
    for photo in &report.photos {
        photos.row(photo_row(photo));
    }
    format!(
        "{table}\n\nmean and standard deviation over photos, temperature {:.2}; above both baselines in rebalanced AuC \
         on {} of {} photos\n\n{photos}",
        report.temperature,
        report.above_both,
        report.photos.len()
    )
}

/// For the report of a run: means and deviations over photos.
pub(super) fn color_table(report: &ColorizationReport, part: &str) -> Table {
    let columns = COLUMNS;
    Table {
        heading: format!("Colors, {part} part"),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows(report).map(Vec::from).to_vec(),
    }
}

fn rows(report: &ColorizationReport) -> [[String; 5]; 4] {
    let row = |name: &str, summary: &ColorSummary| {
        let ColorSummary { auc, rebalanced_auc, psnr, colourfulness } = summary;
        [
            name.to_owned(),
            share_spread(auc),
            share_spread(rebalanced_auc),
            spread(psnr),
            spread(colourfulness),
        ]
    };
    let dash = || "-".to_owned();
    let colourfulness = spread(&report.original_colourfulness);
    [
        row("network", &report.model),
        row("gray", &report.grey),
        row("prior mean", &report.prior_mean),
        ["original".to_owned(), dash(), dash(), dash(), colourfulness],
    ]
}

fn photo_row(photo: &PhotoFigures) -> [String; 6] {
    let name = photo.file.file_name().unwrap_or(photo.file.as_os_str());
    [
        name.to_string_lossy().into_owned(),
        percent(photo.model.rebalanced_auc),
        percent(photo.grey.rebalanced_auc),
        percent(photo.prior_mean.rebalanced_auc),
        format!("{:.1}", photo.model.colourfulness),
        format!("{:.1}", photo.original_colourfulness),
    ]
}

fn spread(summary: &Summary) -> String {
    match summary.deviation {
        Some(deviation) => format!("{:.1} ± {deviation:.1}", summary.mean),
        None => format!("{:.1}", summary.mean),
    }
}

fn share_spread(summary: &Summary) -> String {
    match summary.deviation {
        Some(deviation) => format!("{:.2} ± {}", 100.0 * summary.mean, percent(deviation)),
        None => percent(summary.mean),
    }
}
