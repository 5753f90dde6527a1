//! `dlkit compare`.

mod answer;
mod runs;

use std::path::PathBuf;

use anyhow::{Context, Result};
use dlkit_models::comparison::FoundRun;

use self::answer::Answer;
use self::runs::{Alike, compare, nothing_finished, sort_out};
use crate::arguments::{Failures, Folder, OutputDirectory, picture_names};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{
    CURVES, comparison_csv, comparison_curves, comparison_markdown, comparison_notes,
    comparison_table, runs_csv,
};

/// Compare runs by the keys that differ in their recipes
///
/// Runs whose recipes differ only in the seed form a group. Sorts the groups, best first, and compares them
/// with the first group, run by run with the same seed. Ranks runs of different tasks or losses separately.
/// Lists failed and unfinished runs but does not compare them. With --output, writes tables (CSV, Markdown,
/// JSON) and curves (SVG, PNG).
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit compare runs\n  dlkit compare runs/relu runs/elu --output comparison\n  dlkit compare runs --by network.activation --metric test_loss"
)]
pub(crate) struct Args {
    /// Run directories, or directories that contain runs.
    #[arg(required = true, value_name = "RUN|DIR")]
    runs: Vec<PathBuf>,
    /// Keys to group by, such as network.activation,seed; may be repeated [default: all that differ].
    #[arg(long, value_delimiter = ',', value_name = "KEY,...", help_heading = "Comparison")]
    by: Vec<String>,
    /// Metric to compare by: test_accuracy, test_loss, ..., or one of metrics.jsonl at the best epoch.
    #[arg(long, value_name = "NAME", help_heading = "Comparison")]
    metric: Option<String>,
    #[command(flatten)]
    output: OutputDirectory,
}

/// Files of a comparison, without its curves.
const TABLES: [&str; 3] = ["comparison.csv", "comparison.md", "runs.csv"];
const ANSWER: &str = "comparison.json";

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let folder = args.output.open(&names(""))?;
    let mut failures = Failures::default();
    let (runs, unfinished) = sort_out(&args.runs, &mut failures);
    let finished = runs.iter().filter(|run| run.is_finished()).count();
    if finished == 0 {
        if failures.is_empty() {
            nothing_finished(&unfinished)?;
        }
        let status = failures.conclude(0);
        console.object(&failures)?;
        return Ok(status);
    }
    let (alike, left_out) = compare(&runs, args)?;
    if let Some(folder) = &folder {
        let all: Vec<String> = alike.iter().flat_map(|alike| names(&prefix(alike))).collect();
        folder.check(&all)?;
    }
    for reason in &left_out {
        console.warning(format!("not compared: {reason:#}"));
    }
    for alike in &alike {
        say(alike, console)?;
    }
    if !unfinished.is_empty() {
        console.line("\nnot compared:")?;
    }
    for run in &unfinished {
        console.line(format!("  {}: {}", run.run, run.reason))?;
    }
    let status = failures.conclude(finished);
    let mut answer = Answer::new(&alike, &unfinished, &failures);
    if let Some(folder) = &folder {
        for alike in &alike {
            answer.files.extend(write(folder, alike, &runs, console)?);
        }
        write_answer(folder, &mut answer)?;
    }
    for file in &answer.files {
        console.line(format!("written: {file}"))?;
    }
    console.object(&answer)?;
    Ok(status)
}

fn say(Alike { name, comparison }: &Alike, console: Console) -> Result<()> {
    let metric = comparison.metric.name();
    let of = if name.is_empty() { String::new() } else { format!("{name}: ") };
    console.line(format!("{of}{metric}, best group first"))?;
    console.line(comparison_table(comparison))?;
    for note in comparison_notes(comparison) {
        console.line(format!("note: {note}"))?;
    }
    if name.is_empty() { Ok(()) } else { console.line("") }
}

/// Prefix of the file names of each of several comparisons.
fn prefix(alike: &Alike) -> String {
    let plain = |character: char| if character.is_alphanumeric() { character } else { '-' };
    let name: String = alike.name.to_lowercase().chars().map(plain).collect();
    if name.is_empty() { name } else { format!("{}-", name.trim_matches('-')) }
}

/// Names of all files of a comparison.
fn names(prefix: &str) -> Vec<String> {
    let curves = CURVES.iter().flat_map(|curve| picture_names(curve));
    let tables = TABLES.iter().map(|name| (*name).to_owned());
    let prefixed = tables.chain(curves).map(|name| format!("{prefix}{name}"));
    prefixed.chain([ANSWER.to_owned()]).collect()
}

fn write(
    folder: &Folder,
    alike: &Alike,
    runs: &[FoundRun],
    console: Console,
) -> Result<Vec<String>> {
    let (prefix, comparison) = (prefix(alike), &alike.comparison);
    let texts = [comparison_csv(comparison), comparison_markdown(comparison), runs_csv(comparison)];
    let mut files = Vec::new();
    for (name, text) in TABLES.iter().zip(texts) {
        files.push(folder.write(&format!("{prefix}{name}"), text.as_bytes())?);
    }
    for (stem, chart) in comparison_curves(comparison, runs) {
        match folder.write_picture(&format!("{prefix}{stem}"), &chart.to_svg()) {
            Ok([svg, png]) => files.extend([png, svg]),
            // A failed drawing must not lose the tables.
            Err(error) => console.warning(format!("cannot draw {prefix}{stem}: {error:#}")),
        }
    }
    Ok(files)
}

/// Writes the object of `--json`, whose list of files includes this file.
fn write_answer(folder: &Folder, answer: &mut Answer<'_>) -> Result<()> {
    answer.files.push(folder.path().join(ANSWER).display().to_string());
    let text = serde_json::to_string_pretty(answer).context("cannot write the JSON object")?;
    folder.write(ANSWER, (text + "\n").as_bytes()).map(drop)
}
