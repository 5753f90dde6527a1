//! Writes `plots/` and `report.html` of a run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dlkit_files::write_atomically;
use dlkit_models::run::{Best, EpochRecord, Outcome, RunDirectory, RunInfo};
use dlkit_models::tasks::TaskReport;
use dlkit_models::training::PenaltyConfig;

use super::curves::curves;
use super::evaluation::{class_facts, evaluation_pictures, evaluation_table, figure_text};
use super::figures::{seconds, thousands};
use super::fit::fit_chart;
use super::page::{RunPage, Table};
use crate::console::Console;
use crate::plot::{LineChart, write_picture};

/// Draws the curves of a run and writes its report. `name` is the path for messages; `figures` holds the
/// metrics on the test part and, if they are drawn too, on the training part.
///
/// Metrics do not depend on drawings, so an error is only a warning and never fails a run.
pub(crate) fn write_run_report(
    run: &RunDirectory,
    name: &Path,
    info: &RunInfo,
    figures: [Option<&TaskReport>; 2],
    console: Console,
) {
    if let Err(error) = write_page(run, name, info, figures, console) {
        console.warning(format!("{}: cannot write the report: {error:#}", name.display()));
    }
}

fn write_page(
    run: &RunDirectory,
    name: &Path,
    info: &RunInfo,
    [test, train]: [Option<&TaskReport>; 2],
    console: Console,
) -> Result<()> {
    let records = run.epochs()?;
    let experiment = run.experiment()?;
    let config = experiment.to_toml()?;
    let plots = run.path().join(RunDirectory::PLOTS);
    fs::create_dir_all(&plots).with_context(|| format!("cannot create {}", plots.display()))?;
    let mut charts = Vec::new();
    let mut draw =
        |heading: &str, stem: &str, svg: String| match write_picture(&svg, &plots.join(stem)) {
            Ok(_) => charts.push((heading.to_owned(), svg)),
            Err(error) => {
                let error = anyhow::Error::new(error);
                console.warning(format!("cannot draw plots/{stem}: {error:#}"));
            }
        };
    for curve in curves(experiment.network(), &records) {
        draw("", &curve.stem, curve.chart.to_svg());
    }
    if let Some(chart) = fit(test, train) {
        draw("Fit", "fit", chart.to_svg());
    }
    match test.map(|test| evaluation_pictures(test, "test")).transpose() {
        Ok(pictures) => {
            for (stem, svg) in pictures.into_iter().flatten() {
                draw("", &stem, svg);
            }
        }
        Err(error) => console.warning(format!("cannot draw the test part: {error:#}")),
    }
    let mut tables = vec![epoch_table(&records, info.best)];
    tables.extend(test.and_then(|test| evaluation_table(test, "test")));
    let page = RunPage {
        title: name.display().to_string(),
        status: status(info),
        facts: facts(info, experiment.config().penalty, test, &records),
        charts,
        tables,
        config,
    };
    let path = run.path().join(RunDirectory::REPORT);
    write_atomically(&path, page.to_html().as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Chart of a regression over all of its data.
fn fit(test: Option<&TaskReport>, train: Option<&TaskReport>) -> Option<LineChart> {
    let Some(TaskReport::Regression(train)) = train else { return None };
    let test = match test {
        Some(TaskReport::Regression(test)) => Some(("test", test)),
        _ => None,
    };
    let parts: Vec<_> = std::iter::once(("train", train)).chain(test).collect();
    fit_chart(&parts)
}

fn status(info: &RunInfo) -> String {
    let what = match info.outcome {
        Outcome::Running => "still training",
        Outcome::Finished => "finished",
        Outcome::StoppedEarly => "stopped early",
        Outcome::Interrupted => "interrupted",
        Outcome::Failed => "failed",
        Outcome::Imported => "imported",
    };
    let reason = info.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{what} after {} of {} epochs{reason}", info.epochs, info.epochs_planned)
}

fn facts(
    info: &RunInfo,
    penalty: Option<PenaltyConfig>,
    test: Option<&TaskReport>,
    records: &[EpochRecord],
) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    for (name, value) in test.into_iter().flat_map(TaskReport::figures) {
        fact(&format!("Test {}", name.replace('_', " ")), figure_text(name, value));
    }
    if let Some(TaskReport::Classification(report)) = test {
        for (name, value) in class_facts(report) {
            fact(&format!("Test {name}"), value);
        }
    }
    if let Some(best) = info.best {
        fact("Best epoch", format!("{} ({})", best.epoch, best_value(best, records)));
    }
    fact("Parameters", thousands(info.parameters));
    if let Some(penalty) = penalty.filter(PenaltyConfig::is_active) {
        fact("Penalty", penalty.description());
    }
    for part in ["train", "validation", "test"] {
        if let Some(count) = info.samples.get(part) {
            fact(&format!("Samples, {part}"), thousands(*count));
        }
    }
    fact("Training time", seconds(info.seconds));
    fact("Device", format!("{}, {} threads", info.device, info.threads));
    fact("Seed", info.seed.to_string());
    fact("Started", info.started.clone());
    fact("dlkit", info.version.clone());
    for command in &info.commands {
        fact("Command", command.join(" "));
    }
    facts
}

/// Value of the monitored metric in its unit; a share as percent.
fn best_value(best: Best, records: &[EpochRecord]) -> String {
    let record = records.iter().find(|record| record.epoch == best.epoch);
    let is_best = |value: f64| value.to_bits() == best.value.to_bits();
    let name = record.and_then(|record| {
        record.metrics.iter().find(|(_, value)| is_best(**value)).map(|(name, _)| name.as_str())
    });
    figure_text(name.unwrap_or_default(), best.value)
}

/// Maximum number of rows of the table of epochs.
const MOST_EPOCHS: usize = 200;

/// Table of epochs. Of many epochs, shows evenly spaced ones, with the first, the last and the best.
fn epoch_table(records: &[EpochRecord], best: Option<Best>) -> Table {
    // Measures of layers would need too many columns; charts show them.
    let names: Vec<String> = records
        .first()
        .map(|record| record.metrics.keys().filter(|name| !name.contains('.')).cloned().collect())
        .unwrap_or_default();
    let fixed = ["epoch", "step", "learning rate", "seconds", "samples/s"].map(str::to_owned);
    let columns =
        fixed.into_iter().chain(names.iter().map(|name| name.replace('_', " "))).collect();
    let last = records.len().saturating_sub(1);
    let stride = records.len().div_ceil(MOST_EPOCHS).max(1);
    let shown = records.iter().enumerate().filter(|(index, record)| {
        let is_best = best.is_some_and(|best| best.epoch == record.epoch);
        index.is_multiple_of(stride) || *index == last || is_best
    });
    let rows: Vec<Vec<String>> = shown.map(|(_, record)| epoch_row(record, &names)).collect();
    let heading = if rows.len() < records.len() {
        format!("Epochs ({} of {}; metrics.csv has all)", rows.len(), thousands(records.len()))
    } else {
        "Epochs".to_owned()
    };
    Table { heading, columns, rows }
}

fn epoch_row(record: &EpochRecord, names: &[String]) -> Vec<String> {
    let mut row = vec![
        record.epoch.to_string(),
        thousands(record.step),
        format!("{:.3e}", record.learning_rate),
        format!("{:.2}", record.seconds),
        format!("{:.0}", record.samples_per_second),
    ];
    row.extend(names.iter().map(|name| {
        record.metrics.get(name).map_or_else(String::new, |value| figure_text(name, *value))
    }));
    row
}
