//! Metrics on a part of the data as text, tables and pictures.

use anyhow::Result;
use dlkit_models::tasks::TaskReport;
use dlkit_models::tasks::classification::{ClassFigures, ClassificationReport};
use dlkit_models::tasks::regression::RegressionReport;

use super::class_curves::class_charts;
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

/// What pictures of a report can show.
pub(crate) const PICTURES: [&str; 5] =
    ["confusion", "roc", "precision-recall", "reliability", "fit"];

/// File stems and SVG texts of the pictures of a report.
pub(crate) fn evaluation_pictures(
    report: &TaskReport,
    part: &str,
) -> Result<Vec<(String, String)>> {
    match report {
        TaskReport::Classification(report) => {
            let confusion = (evaluation_stem("confusion", part), confusion_picture(report, part)?);
            let charts = class_charts(report).into_iter();
            let charts = charts.map(|(what, chart)| (evaluation_stem(what, part), chart.to_svg()));
            Ok(std::iter::once(confusion).chain(charts).collect())
        }
        TaskReport::Colorization(_) => Ok(Vec::new()),
        TaskReport::Regression(report) => {
            let chart = fit_chart(&[(part, report)]);
            let drawn = chart.map(|chart| (evaluation_stem("fit", part), chart.to_svg()));
            Ok(drawn.into_iter().collect())
        }
    }
}

/// Names and values of the figures of a classifier besides loss and accuracy, and its threshold.
pub(crate) fn class_facts(report: &ClassificationReport) -> Vec<(String, String)> {
    let name = |name: &str| match name {
        "macro_f1" => "macro F1".to_owned(),
        "roc_auc" => "ROC AUC".to_owned(),
        "brier_score" => "Brier score".to_owned(),
        other => other.replace('_', " "),
    };
    let figures = report.more_figures().into_iter();
    let mut facts: Vec<(String, String)> =
        figures.map(|(key, value)| (name(key), figure_text(key, value))).collect();
    if let (Some(threshold), [_, second]) = (report.threshold, &report.classes[..]) {
        facts.push((format!("threshold of {}", second.class), figure(threshold, 4)));
    }
    facts
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
    let columns = CLASS_COLUMNS.map(str::to_owned).to_vec();
    let rows = report.classes.iter().map(|class| class_row(class).to_vec()).collect();
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

const CLASS_COLUMNS: [&str; 7] =
    ["class", "precision", "recall", "F1", "ROC AUC", "average precision", "samples"];

fn class_row(class: &ClassFigures) -> [String; 7] {
    let ClassFigures { precision, recall, f1, roc_auc, average_precision, .. } = *class;
    let [precision, recall, f1, roc_auc, average_precision] =
        [precision, recall, f1, roc_auc, average_precision].map(optional_percent);
    let (name, support) = (class.class.clone(), class.support.to_string());
    [name, precision, recall, f1, roc_auc, average_precision, support]
}

/// Maximum number of classes of a confusion matrix in text; the picture shows larger ones.
const LARGEST_TEXT_CONFUSION: usize = 20;

/// Metrics of the classes and, if it fits, the confusion matrix.
fn classification_text(report: &ClassificationReport) -> String {
    let right = Align::Right;
    let mut table = TextTable::new(&[(CLASS_COLUMNS[0], Align::Left)]);
    for name in &CLASS_COLUMNS[1..] {
        table.column(name, right);
    }
    for class in &report.classes {
        table.row(class_row(class));
    }
    let facts = class_facts(report).into_iter().map(|(name, value)| format!("{name} {value}"));
    let facts = facts.collect::<Vec<_>>().join(", ");
    let figures = format!("{facts}\n\n{table}");
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
