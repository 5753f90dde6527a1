//! `dlkit compare`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::comparison::{Comparison, FoundDirectory, FoundRun, Group, find_runs};
use dlkit_models::run::{Outcome, write_atomically};
use serde::Serialize;

use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::write_picture;
use crate::report::{
    comparison_csv, comparison_curves, comparison_markdown, comparison_notes, comparison_table,
    runs_csv,
};

/// Compare runs: what differs in their recipes, seeds taken together.
///
/// Runs whose recipes differ in the seed only are a group, with mean and standard deviation; groups
/// are sorted, best first, and compared with the first, run by run of the same seed (with --by, also
/// alike in all other keys). Runs that failed or did not finish are listed, not compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run directories, or directories that hold some.
    #[arg(required = true, value_name = "RUN|DIR")]
    runs: Vec<PathBuf>,
    /// Group by this key only, such as network.activation; may be repeated.
    #[arg(long, value_name = "KEY")]
    by: Vec<String>,
    /// Compare by this figure: test_accuracy, test_loss, ..., or one of metrics.jsonl at the best epoch.
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// Write tables (CSV, Markdown, JSON) and curves (SVG, PNG) into this directory.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Answer<'a> {
    metric: &'a str,
    keys: &'a [String],
    also_differ: &'a [String],
    groups: Vec<GroupAnswer<'a>>,
    unfinished: &'a [Unfinished],
    files: Vec<String>,
}

#[derive(Serialize)]
struct GroupAnswer<'a> {
    values: &'a [String],
    mean: f64,
    deviation: Option<f64>,
    best: f64,
    seconds: f64,
    least_parameters: usize,
    most_parameters: usize,
    difference: Option<f64>,
    difference_deviation: Option<f64>,
    pairs: usize,
    repeated_seeds: Vec<u64>,
    runs: Vec<RunAnswer>,
}

#[derive(Serialize)]
struct RunAnswer {
    run: String,
    seed: u64,
    value: f64,
}

/// A run that cannot be compared.
#[derive(Serialize)]
struct Unfinished {
    run: String,
    reason: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let (runs, unfinished) = sort_out(&args.runs)?;
    if runs.iter().all(|run| !run.is_finished()) {
        let reasons: Vec<String> =
            unfinished.iter().map(|run| format!("{}: {}", run.run, run.reason)).collect();
        bail!("there is no finished run to compare\n  {}", reasons.join("\n  "));
    }
    let comparison = Comparison::new(&runs, &args.by, args.metric.as_deref())?;
    let metric = comparison.metric.name();
    console.line(format!("{metric}, best group first"))?;
    console.line(comparison_table(&comparison))?;
    for note in comparison_notes(&comparison) {
        console.line(format!("note: {note}"))?;
    }
    if !unfinished.is_empty() {
        console.line("\nnot compared:")?;
    }
    for run in &unfinished {
        console.line(format!("  {}: {}", run.run, run.reason))?;
    }
    let mut answer = Answer {
        metric,
        keys: &comparison.keys,
        also_differ: &comparison.mixed,
        groups: comparison.groups.iter().map(group_answer).collect(),
        unfinished: &unfinished,
        files: Vec::new(),
    };
    if let Some(directory) = &args.output {
        answer.files = write(directory, &comparison, &runs)?;
        write_answer(directory, &mut answer)?;
    }
    for file in &answer.files {
        console.line(format!("written: {file}"))?;
    }
    console.object(&answer)?;
    Ok(ExitStatus::Done)
}

/// Runs that could be read, and what keeps others (or unfinished ones) from being compared.
fn sort_out(paths: &[PathBuf]) -> Result<(Vec<FoundRun>, Vec<Unfinished>)> {
    let (mut runs, mut unfinished) = (Vec::new(), Vec::new());
    let found = find_runs(paths)
        .context("compare takes run directories, and directories that hold some")?;
    for FoundDirectory { path, run } in found {
        let mut leave_out = |reason: String| {
            unfinished.push(Unfinished { run: path.display().to_string(), reason });
        };
        let run = match run {
            Ok(run) => run,
            Err(error) => {
                leave_out(error.to_string());
                continue;
            }
        };
        if !run.is_finished() {
            let what = match run.info.outcome {
                Outcome::Failed => "failed",
                Outcome::Interrupted => "interrupted",
                Outcome::Imported => "imported, not trained",
                _ => "not finished (being trained, or cut)",
            };
            let why = run.info.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let epochs = format!("{} of {} epochs", run.info.epochs, run.info.epochs_planned);
            leave_out(format!("{what} after {epochs}{why}"));
        }
        runs.push(run);
    }
    Ok((runs, unfinished))
}

fn write(directory: &Path, comparison: &Comparison, runs: &[FoundRun]) -> Result<Vec<String>> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let mut files = Vec::new();
    for (name, text) in [
        ("comparison.csv", comparison_csv(comparison)),
        ("comparison.md", comparison_markdown(comparison)),
        ("runs.csv", runs_csv(comparison)),
    ] {
        files.push(write_text(&directory.join(name), &text)?);
    }
    for (stem, chart) in comparison_curves(comparison, runs) {
        let path = directory.join(stem);
        write_picture(&chart.to_svg(), &path)?;
        files.extend(["png", "svg"].map(|form| path.with_extension(form).display().to_string()));
    }
    Ok(files)
}

/// Writes the object `--json` prints, with its own file in the list.
fn write_answer(directory: &Path, answer: &mut Answer<'_>) -> Result<()> {
    let path = directory.join("comparison.json");
    answer.files.push(path.display().to_string());
    let text = serde_json::to_string_pretty(answer).context("cannot write the JSON object")?;
    write_text(&path, &(text + "\n"))?;
    Ok(())
}

fn write_text(path: &Path, text: &str) -> Result<String> {
    write_atomically(path, text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.display().to_string())
}

fn group_answer(group: &Group) -> GroupAnswer<'_> {
    GroupAnswer {
        values: &group.values,
        mean: group.mean,
        deviation: group.deviation,
        best: group.best,
        seconds: group.seconds,
        least_parameters: *group.parameters.start(),
        most_parameters: *group.parameters.end(),
        difference: group.difference.map(|difference| difference.mean),
        difference_deviation: group.difference.and_then(|difference| difference.deviation),
        pairs: group.difference.map_or(0, |difference| difference.pairs),
        repeated_seeds: group.repeated_seeds(),
        runs: group
            .runs
            .iter()
            .map(|run| RunAnswer {
                run: run.path.display().to_string(),
                seed: run.seed,
                value: run.value,
            })
            .collect(),
    }
}
