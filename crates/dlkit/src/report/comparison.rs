//! Tables and curves of groups of runs.

use std::ops::RangeInclusive;

use dlkit_models::comparison::{Comparison, FoundRun, Group};
use dlkit_models::run::EpochRecord;

use super::comparison_keys::KeyColumns;
use super::figures::{is_share, percent, seconds, short_names, thousands};
use super::text_table::{Align, TextTable};
use crate::plot::{Color, LineChart, Scale, Series, Style};

/// Names of the columns after the keys.
const COLUMNS: [&str; 7] = ["runs", "mean", "deviation", "best", "vs first", "time", "parameters"];

/// For the terminal: the groups, best first, with their runs, distinguishing keys and metrics.
pub(crate) fn comparison_table(comparison: &Comparison) -> TextTable {
    let keys = KeyColumns::new(comparison);
    let mut table = TextTable::new(&[("run", Align::Left)]);
    for head in keys.heads(comparison) {
        table.column(&head, Align::Left);
    }
    for column in COLUMNS {
        table.column(column, Align::Right);
    }
    for (index, names) in run_names(comparison).into_iter().enumerate() {
        table.row(std::iter::once(names).chain(cells(comparison, &keys, index)));
    }
    table
}

/// Notes that qualify the metrics of the groups, one sentence each.
pub(crate) fn comparison_notes(comparison: &Comparison) -> Vec<String> {
    let keys = KeyColumns::new(comparison);
    let mut notes: Vec<String> = keys.note(comparison).into_iter().collect();
    if !comparison.mixed.is_empty() {
        notes.push(format!("runs within a group also differ in {}", comparison.mixed.join(", ")));
    }
    for (index, group) in comparison.groups.iter().enumerate() {
        for seed in group.repeated_seeds() {
            let runs = group.runs.iter().filter(|run| run.seed == seed);
            let paths: Vec<String> = runs.map(|run| run.path.display().to_string()).collect();
            let (name, runs) = (keys.name(comparison, index), paths.join(", "));
            notes.push(format!("{name} has several runs of seed {seed}: {runs}"));
        }
    }
    notes
}

/// The same as a Markdown table.
pub(crate) fn comparison_markdown(comparison: &Comparison) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        // A bar ends a cell, even inside code.
        let cells = cells.map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>();
        format!("| {} |\n", cells.join(" | "))
    };
    let keys = KeyColumns::new(comparison);
    let heads = keys.heads(comparison).map(|key| format!("`{key}`"));
    let heads = std::iter::once("run".to_owned()).chain(heads).collect::<Vec<_>>();
    let left = heads.iter().map(|_| "---".to_owned()).collect::<Vec<_>>();
    let mut text = line(&mut heads.into_iter().chain(COLUMNS.map(str::to_owned)));
    text += &line(&mut left.into_iter().chain(COLUMNS.map(|_| "--:".to_owned())));
    for (index, names) in run_names(comparison).into_iter().enumerate() {
        text += &line(&mut std::iter::once(names).chain(cells(comparison, &keys, index)));
    }
    for note in comparison_notes(comparison) {
        text += "\nNote: ";
        text += &note;
        text += ".\n";
    }
    text
}

/// The runs of each group by their shortest distinct names.
fn run_names(comparison: &Comparison) -> Vec<String> {
    let groups = &comparison.groups;
    let paths = groups.iter().flat_map(|group| &group.runs);
    let paths: Vec<String> = paths.map(|run| run.path.display().to_string()).collect();
    let names = short_names(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let mut names = names.into_iter();
    let of_group = |group: &Group| {
        let names: Vec<String> = names.by_ref().take(group.runs.len()).collect();
        match names.as_slice() {
            [first, _, _, ..] => format!("{first} and {} more", names.len() - 1),
            few => few.join(", "),
        }
    };
    groups.iter().map(of_group).collect()
}

/// CSV with plain numbers, one line for each group.
pub(crate) fn comparison_csv(comparison: &Comparison) -> String {
    let metric = comparison.metric.name();
    let columns = ["runs", "mean", "deviation", "best", "difference", "difference_deviation"];
    let heads = comparison.keys.iter().map(|key| quoted(key));
    let heads = heads.chain(columns.map(str::to_owned));
    let others = ["pairs", "seconds", "least_parameters", "most_parameters", "metric"];
    let others = others.map(str::to_owned);
    let mut text = heads.chain(others).collect::<Vec<_>>().join(",") + "\n";
    for group in &comparison.groups {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let difference = group.difference;
        let cells = [
            group.runs.len().to_string(),
            group.mean.to_string(),
            number(group.deviation),
            group.best.to_string(),
            number(difference.map(|difference| difference.mean)),
            number(difference.and_then(|difference| difference.deviation)),
            difference.map_or_else(String::new, |difference| difference.pairs.to_string()),
            group.seconds.to_string(),
            group.parameters.start().to_string(),
            group.parameters.end().to_string(),
            metric.to_owned(),
        ];
        let values = group.values.iter().map(|value| quoted(value));
        text += &(values.chain(cells).collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

/// CSV with one line for each run: group, seed, metric.
pub(crate) fn runs_csv(comparison: &Comparison) -> String {
    let heads = comparison.keys.iter().map(|key| quoted(key));
    let last = ["seed", comparison.metric.name(), "run"].map(str::to_owned);
    let mut text = heads.chain(last).collect::<Vec<_>>().join(",") + "\n";
    for group in &comparison.groups {
        for run in &group.runs {
            let values = group.values.iter().map(|value| quoted(value));
            let path = quoted(&run.path.display().to_string());
            let cells = [run.seed.to_string(), run.value.to_string(), path];
            text += &(values.chain(cells).collect::<Vec<_>>().join(",") + "\n");
        }
    }
    text
}

pub(super) fn quoted(text: &str) -> String {
    let plain = !text.contains([',', '"', '\n', '\r']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

fn cells(
    comparison: &Comparison,
    keys: &KeyColumns,
    index: usize,
) -> impl Iterator<Item = String> + use<> {
    let group = &comparison.groups[index];
    let figure = |value: f64| figure_text(comparison, value);
    let dash = || "-".to_owned();
    let figures = [
        group.runs.len().to_string(),
        figure(group.mean),
        group.deviation.map_or_else(dash, figure),
        figure(group.best),
        group.difference.map_or_else(dash, |difference| {
            let deviation = difference.deviation.map(figure);
            let deviation = deviation.map(|text| format!(" ± {text}")).unwrap_or_default();
            format!("{}{deviation}", signed(figure(difference.mean)))
        }),
        seconds(group.seconds),
        range_text(&group.parameters),
    ];
    keys.values(comparison, index).into_iter().chain(figures)
}

fn range_text(range: &RangeInclusive<usize>) -> String {
    let (least, most) = (thousands(*range.start()), thousands(*range.end()));
    if least == most { least } else { format!("{least} to {most}") }
}

fn signed(text: String) -> String {
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// Shares in percent, other metrics unchanged.
fn figure_text(comparison: &Comparison, value: f64) -> String {
    if is_share(comparison.metric.name()) { percent(value) } else { format!("{value:.4}") }
}

/// Metrics to draw over epochs.
pub(crate) const CURVES: [&str; 4] =
    ["train_loss", "validation_loss", "train_accuracy", "validation_accuracy"];

/// One chart over epochs for each metric that every compared run has. Each group has a line, and a band of
/// one standard deviation over its runs.
pub(crate) fn comparison_curves(
    comparison: &Comparison,
    runs: &[FoundRun],
) -> Vec<(String, LineChart)> {
    let charts = CURVES.map(|metric| (metric.to_owned(), curve(metric, comparison, runs)));
    charts.into_iter().filter(|(_, chart)| !chart.series.is_empty()).collect()
}

fn curve(metric: &str, comparison: &Comparison, runs: &[FoundRun]) -> LineChart {
    let keys = KeyColumns::new(comparison);
    let factor = if is_share(metric) { 100.0 } else { 1.0 };
    let lines = comparison.groups.iter().enumerate().map(|(index, group)| {
        let records: Vec<&[EpochRecord]> = group
            .runs
            .iter()
            .filter_map(|run| runs.iter().find(|found| found.path == run.path))
            .map(|run| run.records.as_slice())
            .collect();
        let points = over_epochs(metric, factor, &records);
        let band =
            points.iter().map(|&(x, mean, deviation)| (x, mean - deviation, mean + deviation));
        Series {
            name: keys.name(comparison, index),
            points: points.iter().map(|&(x, mean, _)| (x, mean)).collect(),
            style: Style::Solid,
            color: Color::Apart(index),
            band: (records.len() > 1).then(|| band.collect()),
            markers: false,
        }
    });
    let label = metric.replace('_', " ");
    LineChart {
        title: String::new(),
        x_label: "epoch".to_owned(),
        y_label: if is_share(metric) { format!("{label} in %") } else { label },
        series: lines.filter(|line| !line.points.is_empty()).collect(),
        y_scale: Scale::Linear,
        integer_x: true,
    }
}

/// Epoch, mean and deviation over the runs that reached the epoch.
#[expect(clippy::cast_precision_loss, reason = "epochs and runs are far below 2^52")]
fn over_epochs(metric: &str, factor: f64, runs: &[&[EpochRecord]]) -> Vec<(f64, f64, f64)> {
    let last = runs.iter().flat_map(|records| records.iter()).map(|record| record.epoch).max();
    let at = |epoch: usize| {
        let of_epoch = |records: &&[EpochRecord]| {
            let record = records.iter().find(|record| record.epoch == epoch)?;
            record.metrics.get(metric).map(|value| value * factor)
        };
        let values: Vec<f64> = runs.iter().filter_map(of_epoch).collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 };
        (!values.is_empty()).then_some((epoch as f64, mean, deviation))
    };
    (1..=last.unwrap_or(0)).filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use dlkit_models::comparison::Metric;

    use super::*;

    #[test]
    fn bars_do_not_end_markdown_cells() {
        let group = Group {
            values: vec!["a|b".to_owned()],
            runs: Vec::new(),
            mean: 0.5,
            deviation: None,
            best: 0.5,
            seconds: 1.0,
            parameters: 10..=2000,
            difference: None,
        };
        let comparison = Comparison {
            metric: Metric::new("train_loss"),
            keys: vec!["some.key".to_owned()],
            mixed: vec!["other.key".to_owned()],
            groups: vec![group],
        };
        let expected = "\
            | run | `some.key` | runs | mean | deviation | best | vs first | time | parameters |\n\
            | --- | --- | --: | --: | --: | --: | --: | --: | --: |\n\
            |  | a\\|b | 0 | 0.5000 | - | 0.5000 | - | 1.0 s | 10 to 2,000 |\n\
            \n\
            Note: runs within a group also differ in other.key.\n";
        assert_eq!(comparison_markdown(&comparison), expected);
    }
}
