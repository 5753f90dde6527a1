//! Metrics of a colorizer and of its baselines.

use dlkit_models::tasks::colorization::{
    ColorSummary, ColorizationReport, HUES, PhotoFigures, Summary,
};

use super::figures::percent;
use super::page::Table;
use super::text_table::{Align, TextTable};

/// Names of the columns of means and deviations.
const COLUMNS: [&str; 6] =
    ["colors", "CIEDE2000", "AuC", "rebalanced AuC", "PSNR in dB", "colorfulness"];

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
        ("CIEDE2000", Align::Right),
        ("gray", Align::Right),
        ("rebalanced AuC", Align::Right),
        ("gray", Align::Right),
        ("prior mean", Align::Right),
        ("colorfulness", Align::Right),
        ("original", Align::Right),
    ]);
    for photo in &report.photos {
        photos.row(photo_row(photo));
    }
    let (count, temperature) = (report.photos.len(), report.temperature);
    let (nearer, above) = (report.nearer_than_grey, report.above_both);
    format!(
        "{table}\n\nmean and standard deviation over photos, temperature {temperature:.2}; nearer to the photo \
         than gray by CIEDE2000 on {nearer} of {count} photos, above both baselines in rebalanced AuC on {above}\n\n\
         {}\n\nmean chroma, and share of pixels of each hue in %; the rest is nearly gray\n\n{photos}",
        hues(report)
    )
}

/// Chroma and hues.
fn hues(report: &ColorizationReport) -> TextTable {
    let mut table = TextTable::new(&[("colors", Align::Left), ("chroma", Align::Right)]);
    for name in HUES {
        table.column(name, Align::Right);
    }
    for (name, palette) in [
        ("network", &report.model.palette),
        ("prior mean", &report.prior_mean.palette),
        ("original", &report.original_palette),
    ] {
        let shares = palette.hues.iter().map(share_only);
        table.row([name.to_owned(), spread(&palette.chroma)].into_iter().chain(shares));
    }
    table
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

fn rows(report: &ColorizationReport) -> [[String; 6]; 4] {
    let row = |name: &str, summary: &ColorSummary| {
        let ColorSummary { ciede2000, auc, rebalanced_auc, psnr, colourfulness, .. } = summary;
        [
            name.to_owned(),
            spread(ciede2000),
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
        ["original".to_owned(), dash(), dash(), dash(), dash(), colourfulness],
    ]
}

fn photo_row(photo: &PhotoFigures) -> [String; 8] {
    let name = photo.file.file_name().unwrap_or(photo.file.as_os_str());
    [
        name.to_string_lossy().into_owned(),
        format!("{:.1}", photo.model.ciede2000),
        format!("{:.1}", photo.grey.ciede2000),
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

/// A share in percent without the sign.
fn share_only(summary: &Summary) -> String {
    match summary.deviation {
        Some(deviation) => format!("{:.1} ± {:.1}", 100.0 * summary.mean, 100.0 * deviation),
        None => format!("{:.1}", 100.0 * summary.mean),
    }
}

fn share_spread(summary: &Summary) -> String {
    match summary.deviation {
        Some(deviation) => format!("{:.2} ± {}", 100.0 * summary.mean, percent(deviation)),
        None => percent(summary.mean),
    }
}
