//! `dlkit crossval`.

mod out_of_fold;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result};
use clap::ValueEnum;
use dlkit_models::Device;
use dlkit_models::crossval::{
    Candidate, Choice, CrossvalError, Crossvalidation, FoldScore, Simpler, choose,
};
use dlkit_models::recipe::{Experiment, Override};
use dlkit_models::training::{Interrupter, TrainingError};
use serde::Serialize;

use out_of_fold::{OutOfFoldArgs, Written};

use crate::arguments::{
    DeviceArgs, Folder, OutputDirectory, OverrideArgs, RecipeChoice, load_recipe, picture_names,
    with_absolute_data,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::interrupt::StopOnCtrlC;
use crate::report::{Align, TextTable, crossval_chart, figure_text};

/// Choose a value of a recipe's key by cross-validation, or measure a recipe
///
/// Divides the training samples into folds, the same for all values, and measures each fold after training
/// on the others. Reports the value with the best mean, and the simplest value within one standard error
/// of it. Does not use the test part and keeps no run: train with the chosen value afterwards. With
/// --output, writes the table (CSV, JSON) and the curve (SVG, PNG). With --predictions, names samples whose label
/// is likely wrong (confident learning, Northcutt and others, 2021).
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit crossval configs/regression/l1.toml --set-grid penalty.l1=0,0.01,0.1,0.3\n  dlkit crossval configs/mnist/mlp.toml --set-grid training.learning_rate=0.001,0.01 --folds 3\n  dlkit crossval mine.toml --predictions out-of-fold.csv"
)]
#[command(group = clap::ArgGroup::new("start").required(true).args(["recipe", "config"]))]
pub(crate) struct Args {
    #[command(flatten)]
    recipe: RecipeChoice,
    /// Key and values to try, such as penalty.l1=0,0.01,0.1,0.3 [default: the recipe as it is].
    #[arg(long, value_name = "KEY=V1,V2,...", help_heading = "Cross-validation")]
    set_grid: Option<Grid>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Number of folds.
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..), help_heading = "Cross-validation")]
    folds: u16,
    /// Metric to compare by [default: accuracy for a classification, absolute_error for a regression].
    #[arg(long, value_name = "NAME", help_heading = "Cross-validation")]
    metric: Option<String>,
    /// Values that make simpler models.
    #[arg(long, value_enum, default_value_t = SimplerName::Larger, help_heading = "Cross-validation")]
    simpler: SimplerName,
    #[command(flatten)]
    output: OutputDirectory,
    #[command(flatten)]
    out_of_fold: OutOfFoldArgs,
    #[command(flatten)]
    device: DeviceArgs,
}

/// A key of a recipe and values for it.
#[derive(Clone, Debug)]
struct Grid {
    key: String,
    values: Vec<String>,
}

impl FromStr for Grid {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}`: not of the form KEY=V1,V2,..., such as penalty.l1=0,0.1");
        let (key, values) = text.split_once('=').ok_or_else(form)?;
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if key.trim().is_empty() || values.iter().any(String::is_empty) {
            return Err(form());
        }
        for (place, value) in values.iter().enumerate() {
            // 0 and 0.0 are equal.
            let number = |text: &String| text.parse::<f64>().ok();
            let same = |other: &String| {
                other == value || number(value).is_some_and(|value| number(other) == Some(value))
            };
            if values[..place].iter().any(same) {
                return Err(format!("the value {value} is given twice"));
            }
        }
        Ok(Self { key: key.trim().to_owned(), values })
    }
}

/// Values that make simpler models, as the user types them.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SimplerName {
    /// Larger values, as of a penalty.
    Larger,
    /// Smaller values, as of a number of units.
    Smaller,
}

#[derive(Serialize)]
struct Answer {
    /// None where the recipe is measured as it is.
    key: Option<String>,
    /// Name of the metric; none if every value failed in its first fold.
    metric: Option<String>,
    higher_is_better: Option<bool>,
    folds: usize,
    values: Vec<ValueAnswer>,
    /// The value with the best mean.
    best: Option<String>,
    /// The simplest value within one standard error of the best.
    one_standard_error: Option<String>,
    failed: Vec<Failed>,
    files: Vec<String>,
    #[serde(flatten)]
    written: Option<Written>,
}

#[derive(Serialize)]
struct Interrupted {
    error: &'static str,
}

#[derive(Serialize)]
struct ValueAnswer {
    value: String,
    mean: f64,
    deviation: f64,
    standard_error: f64,
    scores: Vec<f64>,
}

#[derive(Serialize)]
struct Failed {
    value: String,
    reason: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let folds = usize::from(args.folds);
    let crossvalidation = Crossvalidation { folds, metric: args.metric.clone() };
    let recipes = recipes(args, &crossvalidation)?;
    let tables = [TABLE, FIGURES].map(str::to_owned);
    let names: Vec<String> = picture_names(CURVE).into_iter().chain(tables).collect();
    let folder = args.output.open_beside(&names, args.out_of_fold.is_given())?;
    let data = recipes.iter().filter_map(|(_, recipe)| recipe.config().data.path());
    let data: Vec<PathBuf> = data.map(Path::to_owned).collect();
    if let Some(folder) = &folder {
        folder.check_inputs(&names, "data.path", &data)?;
    }
    args.out_of_fold.check(&data, args.output.is_forced())?;
    let Some(measured) = measure(&crossvalidation, &recipes, &device, args, console)? else {
        console.line("interrupted; nothing was written")?;
        console.object(&Interrupted { error: "interrupted" })?;
        return Ok(ExitStatus::Interrupted);
    };
    let Measured { candidates, failed, folds: fold_scores } = measured;
    let first = fold_scores.first().and_then(|folds| folds.first());
    let simpler = match args.simpler {
        SimplerName::Larger => Simpler::Larger,
        SimplerName::Smaller => Simpler::Smaller,
    };
    let higher_is_better = first.map(|score| score.higher_is_better);
    let choice = higher_is_better.and_then(|higher| choose(&candidates, higher, simpler));
    let value_at = |place: usize| candidates.get(place).map(|candidate| candidate.value.clone());
    let mut answer = Answer {
        key: args.set_grid.as_ref().map(|grid| grid.key.clone()),
        metric: first.map(|score| score.metric.clone()),
        higher_is_better,
        folds,
        values: candidates.iter().map(value_answer).collect(),
        best: choice.and_then(|choice| value_at(choice.best)),
        one_standard_error: choice.and_then(|choice| choice.one_standard_error).and_then(value_at),
        failed,
        files: Vec::new(),
        written: None,
    };
    say(&answer, console)?;
    if let Some(best) = choice.and_then(|choice| fold_scores.get(choice.best)) {
        answer.written = args.out_of_fold.write(best, args.output.is_forced(), console)?;
        if let Some(written) = &answer.written {
            console.line(format!("written: {}", written.path()))?;
        }
    }
    if let (Some(folder), Some(choice)) = (&folder, choice) {
        write(folder, &mut answer, &candidates, choice, console)?;
        for file in &answer.files {
            console.line(format!("written: {file}"))?;
        }
    }
    console.object(&answer)?;
    Ok(if answer.failed.is_empty() { ExitStatus::Done } else { ExitStatus::No })
}

/// Measurements of the values.
struct Measured {
    candidates: Vec<Candidate>,
    failed: Vec<Failed>,
    /// The folds of each candidate.
    folds: Vec<Vec<FoldScore>>,
}

/// Measures each value on all folds; `None` if the user interrupts.
fn measure(
    crossvalidation: &Crossvalidation,
    recipes: &[(String, Experiment)],
    device: &Device,
    args: &Args,
    console: Console,
) -> Result<Option<Measured>> {
    let interrupter = Interrupter::new();
    let _listening = StopOnCtrlC::new(interrupter.clone());
    let mut measured = Measured { candidates: Vec::new(), failed: Vec::new(), folds: Vec::new() };
    for (value, experiment) in recipes {
        let mut folds = Vec::with_capacity(crossvalidation.folds);
        for fold in 0..crossvalidation.folds {
            match crossvalidation.score(experiment, fold, device, interrupter.clone()) {
                Ok(Some(score)) => folds.push(score),
                Ok(None) => return Ok(None),
                Err(
                    error @ (CrossvalError::Training(TrainingError::Diverged { .. })
                    | CrossvalError::Undefined { .. }),
                ) => {
                    let reason = format!("fold {}: {error}", fold + 1);
                    measured.failed.push(Failed { value: value.clone(), reason });
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if folds.len() == crossvalidation.folds {
            let scores = folds.iter().map(|fold| fold.value).collect();
            let candidate = Candidate { value: value.clone(), scores };
            let metric = folds.first().map_or("", |fold| fold.metric.as_str());
            let figures = [candidate.mean(), candidate.deviation()];
            let [mean, deviation] = figures.map(|value| figure_text(metric, value));
            let change =
                args.set_grid.as_ref().map_or_else(String::new, |grid| format!("{} = ", grid.key));
            console.line(format!("{change}{value}: {mean} ± {deviation}"))?;
            measured.candidates.push(candidate);
            measured.folds.push(folds);
        }
    }
    Ok(Some(measured))
}

/// What a recipe without a change is called among values.
const AS_IT_IS: &str = "as it is";

/// Builds and checks the recipe of each value before slow work starts.
fn recipes(args: &Args, crossvalidation: &Crossvalidation) -> Result<Vec<(String, Experiment)>> {
    let path = args.recipe.path().context("give a recipe")?;
    let recipe = |change: Option<String>| -> Result<Experiment> {
        let mut overrides = args.overrides.set.clone();
        overrides.extend(change.as_deref().map(str::parse::<Override>).transpose()?);
        let experiment = with_absolute_data(load_recipe(path, &overrides)?, path);
        match (crossvalidation.check(&experiment), change) {
            (Err(error), Some(change)) => Err(error).context(change),
            (result, _) => Ok(result.map(|()| experiment)?),
        }
    };
    let Some(Grid { key, values }) = &args.set_grid else {
        return Ok(vec![(AS_IT_IS.to_owned(), recipe(None)?)]);
    };
    let of_value = |value: &String| Ok((value.clone(), recipe(Some(format!("{key}={value}")))?));
    values.iter().map(of_value).collect()
}

fn value_answer(candidate: &Candidate) -> ValueAnswer {
    ValueAnswer {
        value: candidate.value.clone(),
        mean: candidate.mean(),
        deviation: candidate.deviation(),
        standard_error: candidate.standard_error(),
        scores: candidate.scores.clone(),
    }
}

fn say(answer: &Answer, console: Console) -> Result<()> {
    if !answer.values.is_empty() {
        say_values(answer, console)?;
    }
    for Failed { value, reason } in &answer.failed {
        let change = answer.key.as_ref().map_or_else(String::new, |key| format!("{key} = "));
        console.line(format!("{change}{value} failed: {reason}"))?;
    }
    if answer.values.is_empty() {
        console.line("no value finished all folds; nothing was written")?;
    }
    Ok(())
}

fn say_values(answer: &Answer, console: Console) -> Result<()> {
    let Answer { key, metric, folds, best, one_standard_error, values, .. } = answer;
    let metric = metric.as_deref().unwrap_or_default();
    let is_grid = key.is_some();
    let key = key.as_deref().unwrap_or("recipe");
    let right = Align::Right;
    let mut table = TextTable::new(&[
        (key, right),
        ("mean", right),
        ("deviation", right),
        ("standard error", right),
        ("", Align::Left),
    ]);
    for ValueAnswer { value, mean, deviation, standard_error, .. } in values {
        let mut marks = Vec::new();
        if is_grid && best.as_ref() == Some(value) {
            marks.push("best");
        }
        if is_grid && one_standard_error.as_ref() == Some(value) {
            marks.push("simplest within one standard error of the best");
        }
        let figures = [*mean, *deviation, *standard_error].map(|value| figure_text(metric, value));
        table.row(std::iter::once(value.clone()).chain(figures).chain([marks.join(", ")]));
    }
    console.line(format!("\n{} over {folds} folds", metric.replace('_', " ")))?;
    console.line(table)
}

/// Writes the files of --output.
const CURVE: &str = "crossval";
const TABLE: &str = "crossval.csv";
const FIGURES: &str = "crossval.json";

fn write(
    folder: &Folder,
    answer: &mut Answer,
    candidates: &[Candidate],
    choice: Choice,
    console: Console,
) -> Result<()> {
    let metric = answer.metric.as_deref().unwrap_or_default();
    if let Some(key) = &answer.key {
        let svg = crossval_chart(key, metric, candidates, choice);
        match folder.write_picture(CURVE, &svg) {
            Ok(pictures) => answer.files.extend(pictures),
            // A failed drawing must not discard hours of training.
            Err(error) => console.warning(format!("cannot draw the curve: {error:#}")),
        }
    }
    for name in [TABLE, FIGURES] {
        answer.files.push(folder.path().join(name).display().to_string());
    }
    let json = serde_json::to_vec_pretty(answer).context("cannot write the results")?;
    for (name, content) in [(TABLE, csv(answer).into_bytes()), (FIGURES, json)] {
        folder.write(name, &content)?;
    }
    Ok(())
}

/// CSV with plain numbers, one line for each value.
fn csv(answer: &Answer) -> String {
    let folds = (1..=answer.folds).map(|fold| format!("fold_{fold}"));
    let head = ["value", "mean", "deviation", "standard_error"].map(str::to_owned);
    let mut lines = vec![head.into_iter().chain(folds).collect::<Vec<_>>().join(",")];
    for ValueAnswer { value, mean, deviation, standard_error, scores } in &answer.values {
        let figures = [mean, deviation, standard_error].into_iter().chain(scores);
        let cells = std::iter::once(value.clone()).chain(figures.map(f64::to_string));
        lines.push(cells.collect::<Vec<_>>().join(","));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_a_key_and_values() {
        let grid: Grid = "penalty.l1=0, 0.1,1e-3".parse().unwrap();
        assert_eq!(
            (grid.key.as_str(), grid.values),
            ("penalty.l1", ["0", "0.1", "1e-3"].map(str::to_owned).to_vec())
        );
        let message = |text: &str| text.parse::<Grid>().unwrap_err();
        for text in ["penalty.l1", "=1,2", "penalty.l1=1,,2", "penalty.l1="] {
            assert!(message(text).contains("not of the form KEY=V1,V2"), "{text}");
        }
        assert_eq!(message("penalty.l1=0,1,0"), "the value 0 is given twice");
        assert_eq!(message("penalty.l1=0,1,0.0"), "the value 0.0 is given twice");
    }
}
