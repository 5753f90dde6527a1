//! Selects the runs to compare, and groups them by kind.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Error, Result, bail};
use dlkit_models::comparison::{
    Comparison, ComparisonError, FoundDirectory, FoundRun, read_runs, run_directories,
};
use dlkit_models::run::Outcome;
use serde::Serialize;
use serde_json::Value;

use super::Args;
use crate::arguments::Failures;

/// An unfinished run.
#[derive(Serialize)]
pub(super) struct Unfinished {
    pub(super) run: String,
    pub(super) reason: String,
}

/// Comparable runs: they have the same task and, if compared by loss, the same loss.
pub(super) struct Alike {
    /// Their task or loss; empty if all runs are comparable.
    pub(super) name: String,
    pub(super) comparison: Comparison,
}

/// The readable runs, and those of them that are unfinished. Paths without a run and unreadable runs become
/// failures.
pub(super) fn sort_out(
    paths: &[PathBuf],
    failures: &mut Failures,
) -> (Vec<FoundRun>, Vec<Unfinished>) {
    let mut directories = Vec::new();
    for path in paths {
        match run_directories(path) {
            Ok(found) => directories.extend(found),
            Err(error) => failures.add(
                path,
                &Error::new(error)
                    .context("give run directories, or directories that contain runs"),
            ),
        }
    }
    let (mut runs, mut unfinished) = (Vec::new(), Vec::new());
    for FoundDirectory { path, run } in read_runs(directories) {
        match run {
            Ok(run) => {
                unfinished.extend(why_unfinished(&run));
                runs.push(run);
            }
            Err(error) => failures.add(&path, &Error::new(error)),
        }
    }
    (runs, unfinished)
}

fn why_unfinished(run: &FoundRun) -> Option<Unfinished> {
    if run.is_finished() {
        return None;
    }
    let what = match run.info.outcome {
        Outcome::Failed => "failed",
        Outcome::Interrupted => "interrupted",
        Outcome::Imported => "imported, not trained",
        Outcome::Running | Outcome::Finished | Outcome::StoppedEarly => {
            "not finished (still training, or interrupted)"
        }
    };
    let why = run.info.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let epochs = format!("{} of {} epochs", run.info.epochs, run.info.epochs_planned);
    let run = run.path.display().to_string();
    Some(Unfinished { run, reason: format!("{what} after {epochs}{why}") })
}

/// Compares comparable runs; an accuracy and a signal-to-noise ratio have no order, nor do two losses.
/// Also returns why other runs are not compared.
pub(super) fn compare(runs: &[FoundRun], args: &Args) -> Result<(Vec<Alike>, Vec<Error>)> {
    let finished = runs.iter().filter(|run| run.is_finished());
    let mut tasks: BTreeMap<&str, Vec<FoundRun>> = BTreeMap::new();
    for run in finished {
        tasks.entry(run.experiment.config().task.name()).or_default().push(run.clone());
    }
    let several = tasks.len() > 1;
    let (mut alike, mut reasons) = (Vec::new(), Vec::new());
    for (task, runs) in tasks {
        let name = if several { task } else { "" };
        match of_task(name, &runs, args) {
            Ok(of_task) => alike.extend(of_task),
            Err(error) => {
                let error = Error::new(error);
                reasons.push(if several { error.context(task.to_owned()) } else { error });
            }
        }
    }
    if alike.is_empty() {
        match reasons.into_iter().next() {
            Some(reason) => return Err(reason),
            None => bail!("no finished run to compare"),
        }
    }
    Ok((alike, reasons))
}

/// Compares runs of one task; by loss, compares the runs of each loss separately.
fn of_task(task: &str, runs: &[FoundRun], args: &Args) -> Result<Vec<Alike>, ComparisonError> {
    let metric = args.metric.as_deref();
    let all = Comparison::new(runs, &args.by, metric)?;
    let mut losses: BTreeMap<String, Vec<FoundRun>> = BTreeMap::new();
    if all.metric.name().ends_with("loss") {
        for run in runs {
            losses.entry(loss_name(run)).or_default().push(run.clone());
        }
    }
    if losses.len() < 2 {
        return Ok(vec![Alike { name: task.to_owned(), comparison: all }]);
    }
    let of_loss = |(loss, runs): (String, Vec<FoundRun>)| {
        let name = [task, &loss].into_iter().filter(|part| !part.is_empty());
        let name = name.collect::<Vec<_>>().join(", ");
        Ok(Alike { name, comparison: Comparison::new(&runs, &args.by, metric)? })
    };
    losses.into_iter().map(of_loss).collect()
}

/// The loss in the recipe of a run: its kind, then its constants.
fn loss_name(run: &FoundRun) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match serde_json::to_value(run.experiment.config().training.loss) {
        Ok(Value::Object(mut table)) => {
            let kind = table.remove("kind").map(|kind| text(&kind)).unwrap_or_default();
            let constants = table.iter().map(|(name, value)| format!("{name} {}", text(value)));
            std::iter::once(kind).chain(constants).collect::<Vec<_>>().join(" ")
        }
        Ok(other) => text(&other),
        Err(_) => String::new(),
    }
}

/// An error with the reason for each run, one per line.
pub(super) fn nothing_finished(unfinished: &[Unfinished]) -> Result<()> {
    let reasons: Vec<String> =
        unfinished.iter().map(|run| format!("{}: {}", run.run, run.reason)).collect();
    Err(Error::msg(reasons.join("\n  "))).context("no finished run to compare")
}
