//! Metrics on a part of the data as text, tables and pictures.

use anyhow::Result;
use dlkit_models::tasks::TaskReport;
use dlkit_models::tasks::classification::ClassificationReport;
use dlkit_models::tasks::regression::RegressionReport;

use super::color_figures::{color_table, colorization_text};
use super::confusion::confusion_picture;
use super::figures::{figure, is_share, optional_percent, percent, thousands};
use super::fit::fit_chart;
use super::page::Table;
use super::text_table::{Align, TextTable};

/// A metric with its unit.
pub(crate) fn figure_text(name: &str, value: f64) -> String {
    if is_share(name) { percent(value) } else { figure(value, 4) }
}

/// The main metrics in one line, such as `accuracy 96.30 %, loss 0.1205`.
pub(crate) fn figures_line(report: &TaskReport, prefix: &str) -> String {
    let figures = report.figures().into_iter();
    let texts = figures.map(|(name, value)| {
        format!("{prefix}{} {}", name.replace('_', " "), figure_text(name, value))
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// For the terminal: all metrics.
pub(crate) fn evaluation_text(report: &TaskReport, part: &str) -> String {
    let samples = thousands(report.samples());
    let first = format!("{part}: {}, {samples} samples", figures_line(report, ""));
    match report {
        TaskReport::Classification(report) => {
            format!("{first}\n{}", classification_text(report))
        }
        TaskReport::Colorization(report) => format!("{first}\n\n{}", colorization_text(report)),
        TaskReport::Regression(report) if report.targets.is_empty() => first,
        TaskReport::Regression(report) => format!("{first}\n\n{}", target_text(report)),
    }
}

/// File stem of a picture of a part, such as `confusion-test`.
pub(crate) fn evaluation_stem(what: &str, part: &str) -> String {
    format!("{what}-{part}")
}

/// File stem and SVG text of the picture of a report, if any.
pub(crate) fn evaluation_picture(
    report: &TaskReport,
    part: &str,
) -> Result<Option<(String, String)>> {
    match report {
        TaskReport::Classification(report) => {
            Ok(Some((evaluation_stem("confusion", part), confusion_picture(report, part)?)))
        }
        TaskReport::Colorization(_) => Ok(None),
        TaskReport::Regression(report) => {
            let chart = fit_chart(&[(part, report)]);
            Ok(chart.map(|chart| (evaluation_stem("fit", part), chart.to_svg())))
        }
    }
}

/// The table of a report, if any.
pub(crate) fn evaluation_table(report: &TaskReport, part: &str) -> Option<Table> {
    match report {
        TaskReport::Classification(report) => Some(class_table(report, part)),
        TaskReport::Colorization(report) => Some(color_table(report, part)),
        TaskReport::Regression(_) => None,
    }
}

fn class_table(report: &ClassificationReport, part: &str) -> Table {
    let columns = ["class", "precision", "recall", "F1", "samples"].map(str::to_owned).to_vec();
    let rows = report
        .classes
        .iter()
        .map(|class| {
            vec![
                class.class.clone(),
                optional_percent(class.precision),
                optional_percent(class.recall),
                optional_percent(class.f1),
                class.support.to_string(),
            ]
        })
        .collect();
    Table { heading: format!("Classes, {part} part"), columns, rows }
}

/// The errors of each of several targets.
fn target_text(report: &RegressionReport) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new(&[
        ("target", Align::Left),
        ("absolute error", right),
        ("root mean squared error", right),
        ("R2", right),
    ]);
    for target in &report.targets {
        table.row([
            target.target.clone(),
            figure(target.absolute_error, 4),
            figure(target.root_mean_squared_error, 4),
            target.r2.map_or_else(|| "-".to_owned(), |r2| figure(r2, 4)),
        ]);
    }
    table
}

/// Maximum number of classes of a confusion matrix in text; the picture shows larger ones.
const LARGEST_TEXT_CONFUSION: usize = 20;

/// Metrics of the classes and, if it fits, the confusion matrix.
fn classification_text(report: &ClassificationReport) -> String {
    let right = Align::Right;
    let mut table = TextTable::new(&[
        ("class", Align::Left),
        ("precision", right),
        ("recall", right),
        ("F1", right),
        ("samples", right),
    ]);
    for class in &report.classes {
        table.row([
            class.class.clone(),
            optional_percent(class.precision),
            optional_percent(class.recall),
            optional_percent(class.f1),
            class.support.to_string(),
        ]);
    }
    let figures = format!("\n{table}");
    if report.classes.len() > LARGEST_TEXT_CONFUSION {
        return figures;
    }
    let mut table = TextTable::new(&[("actual \\ predicted", Align::Left)]);
    for class in &report.classes {
        table.column(&class.class, right);
    }
    for (class, row) in report.classes.iter().zip(&report.confusion) {
        let cells = row.iter().map(ToString::to_string);
        table.row(std::iter::once(class.class.clone()).chain(cells));
    }
    format!("{figures}\n\n{table}\n")
}
