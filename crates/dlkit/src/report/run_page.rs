//! `plots/` and `report.html` of a run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dlkit_models::run::{EpochRecord, Outcome, RunDirectory, RunInfo, write_atomically};
use dlkit_models::tasks::TaskReport;
use dlkit_models::training::PenaltyConfig;

use super::curves::curves;
use super::evaluation::{evaluation_picture, evaluation_table, figure_text};
use super::figures::{seconds, thousands};
use super::fit::fit_chart;
use super::page::{RunPage, Table};
use crate::plot::write_picture;

/// Draws the curves of a run and writes its page; `name` is the path it is known by, `test` and
/// `train` are its figures on these parts, the latter where it is drawn as well.
pub(crate) fn write_run_report(
    run: &RunDirectory,
    name: &Path,
    info: &RunInfo,
    test: Option<&TaskReport>,
    train: Option<&TaskReport>,
) -> Result<()> {
    let records = run.epochs()?;
    let experiment = run.experiment()?;
    let config = experiment.to_toml()?;
    let plots = run.path().join("plots");
    fs::create_dir_all(&plots).with_context(|| format!("cannot create {}", plots.display()))?;
    let mut charts = Vec::new();
    for curve in curves(experiment.network(), &records) {
        let svg = curve.chart.to_svg();
        write_picture(&svg, &plots.join(curve.stem))?;
        charts.push((String::new(), svg));
    }
    if let Some(TaskReport::Regression(train)) = train {
        let test = match test {
            Some(TaskReport::Regression(test)) => Some(("test", test)),
            _ => None,
        };
        let parts: Vec<_> = std::iter::once(("train", train)).chain(test).collect();
        if let Some(chart) = fit_chart(&parts) {
            let svg = chart.to_svg();
            write_picture(&svg, &plots.join("fit"))?;
            charts.push(("Fit".to_owned(), svg));
        }
    }
    let picture = test.map(|test| evaluation_picture(test, "test")).transpose()?.flatten();
    if let Some((stem, svg)) = picture {
        write_picture(&svg, &plots.join(stem))?;
        charts.push((String::new(), svg));
    }
    let mut tables = vec![epoch_table(&records)];
    tables.extend(test.and_then(|test| evaluation_table(test, "test")));
    let page = RunPage {
        title: name.display().to_string(),
        status: status(info),
        facts: facts(info, experiment.config().penalty, test),
        charts,
        tables,
        config,
    };
    let path = run.path().join("report.html");
    write_atomically(&path, page.to_html().as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

fn status(info: &RunInfo) -> String {
    let what = match info.outcome {
        Outcome::Running => "being trained",
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
) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    for (name, value) in test.into_iter().flat_map(TaskReport::figures) {
        fact(&format!("Test {}", name.replace('_', " ")), figure_text(name, value));
    }
    if let Some(best) = info.best {
        fact("Best epoch", format!("{} ({:.4})", best.epoch, best.value));
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

fn epoch_table(records: &[EpochRecord]) -> Table {
    // Measures of layers would be too many columns; they have their curves.
    let names: Vec<String> = records
        .first()
        .map(|record| record.metrics.keys().filter(|name| !name.contains('.')).cloned().collect())
        .unwrap_or_default();
    let fixed = ["epoch", "step", "learning rate", "seconds", "samples/s"].map(str::to_owned);
    let columns =
        fixed.into_iter().chain(names.iter().map(|name| name.replace('_', " "))).collect();
    let rows = records
        .iter()
        .map(|record| {
            let mut row = vec![
                record.epoch.to_string(),
                thousands(record.step),
                format!("{:.3e}", record.learning_rate),
                format!("{:.2}", record.seconds),
                format!("{:.0}", record.samples_per_second),
            ];
            row.extend(names.iter().map(|name| {
                record.metrics.get(name).map_or_else(String::new, |value| format!("{value:.4}"))
            }));
            row
        })
        .collect();
    Table { heading: "Epochs".to_owned(), columns, rows }
}
