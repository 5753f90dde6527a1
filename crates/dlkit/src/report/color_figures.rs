//! The figures of a colorizer beside those of its baselines.

use dlkit_models::tasks::colorization::{ColorSummary, ColorizationReport, PhotoFigures, Summary};

use super::page::Table;
use super::text_table::{Align, TextTable};

/// Means and deviations over photos, and each photo's rebalanced area, for the terminal.
pub(super) fn colorization_text(report: &ColorizationReport) -> String {
    let columns = ["colours", "AuC in %", "rebalanced AuC in %", "PSNR in dB", "colourfulness"];
    let mut table = TextTable::new(&[(columns[0], Align::Left)]);
    for name in &columns[1..] {
        table.column(name, Align::Right);
    }
    for row in rows(report) {
        table.row(row);
    }
    let mut photos = TextTable::new(&[
        ("photo", Align::Left),
        ("rebalanced AuC in %", Align::Right),
        ("grey", Align::Right),
        ("prior mean", Align::Right),
        ("colourfulness", Align::Right),
        ("original", Align::Right),
    ]);
    for photo in &report.photos {
        photos.row(photo_row(photo));
    }
    format!(
        "{table}\n\nmean and deviation over photos, temperature {:.2}; above both baselines in rebalanced AuC \
         on {} of {} photos\n\n{photos}",
        report.temperature,
        report.above_both,
        report.photos.len()
    )
}

/// Means and deviations over photos, for the page of a run.
pub(super) fn color_table(report: &ColorizationReport, part: &str) -> Table {
    let columns = ["colours", "AuC in %", "rebalanced AuC in %", "PSNR in dB", "colourfulness"];
    Table {
        heading: format!("Colours, {part} part"),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows(report).map(Vec::from).to_vec(),
    }
}

fn rows(report: &ColorizationReport) -> [[String; 5]; 4] {
    let row = |name: &str, summary: &ColorSummary| {
        let ColorSummary { auc, rebalanced_auc, psnr, colourfulness } = summary;
        [
            name.to_owned(),
            spread(auc, 100.0),
            spread(rebalanced_auc, 100.0),
            spread(psnr, 1.0),
            spread(colourfulness, 1.0),
        ]
    };
    let dash = || "-".to_owned();
    let colourfulness = spread(&report.original_colourfulness, 1.0);
    [
        row("network", &report.model),
        row("grey", &report.grey),
        row("prior mean", &report.prior_mean),
        ["original".to_owned(), dash(), dash(), dash(), colourfulness],
    ]
}

fn photo_row(photo: &PhotoFigures) -> [String; 6] {
    let name = photo.file.file_name().unwrap_or(photo.file.as_os_str());
    let share = |share: f64| format!("{:.1}", 100.0 * share);
    [
        name.to_string_lossy().into_owned(),
        share(photo.model.rebalanced_auc),
        share(photo.grey.rebalanced_auc),
        share(photo.prior_mean.rebalanced_auc),
        format!("{:.1}", photo.model.colourfulness),
        format!("{:.1}", photo.original_colourfulness),
    ]
}

fn spread(summary: &Summary, unit: f64) -> String {
    let mean = unit * summary.mean;
    match summary.deviation {
        Some(deviation) => format!("{mean:.1} ± {:.1}", unit * deviation),
        None => format!("{mean:.1}"),
    }
}
