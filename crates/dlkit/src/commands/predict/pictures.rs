//! The classes of pictures.

use std::path::PathBuf;

use anyhow::{Error, Result};
use dlkit_models::tasks::classification::{Prediction, Predictor, ScoreKind};
use serde::Serialize;

use super::Args;
use super::understood::Understood;
use crate::arguments::{Failures, pictures_of};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, counted, figure, percent};

/// Predictions of classes, for JSON.
#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) run: String,
    pub(super) score_kind: ScoreKind,
    /// Probability from which on the second of two classes is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) threshold: Option<f64>,
    /// How a model of another project is understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Understood>,
    pub(super) predictions: Vec<Prediction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<String>,
    #[serde(flatten)]
    pub(super) failures: Failures,
}

/// What predictions mean.
pub(super) struct Verdict<'a> {
    pub(super) score_kind: ScoreKind,
    /// The second of two classes, and the probability from which on it is predicted.
    pub(super) threshold: Option<(&'a str, f64)>,
    /// How a model of another project is understood.
    pub(super) understood: Option<Understood>,
}

/// The pictures of all inputs.
pub(super) fn pictures_in(args: &Args, failures: &mut Failures, console: Console) -> Vec<PathBuf> {
    args.inputs.iter().flat_map(|input| pictures_of(input, failures, console)).collect()
}

pub(super) fn predict(predictor: &Predictor, args: &Args, console: Console) -> Result<ExitStatus> {
    let (mut predictions, mut failures) = (Vec::new(), Failures::default());
    let files = pictures_in(args, &mut failures, console);
    for (file, result) in predictor.predict(&files, args.top()) {
        match result {
            Ok(prediction) => predictions.push(prediction),
            Err(error) => failures.add(&file, &Error::new(error)),
        }
    }
    let done = predictions.len();
    let verdict = Verdict {
        score_kind: predictor.score_kind(),
        threshold: predictor.threshold(),
        understood: None,
    };
    conclude(predictions, verdict, (failures, done), args, console)
}

/// Prints and writes predictions of classes; `done` inputs could be used.
pub(super) fn conclude(
    predictions: Vec<Prediction>,
    Verdict { score_kind, threshold, understood }: Verdict<'_>,
    (mut failures, done): (Failures, usize),
    args: &Args,
    console: Console,
) -> Result<ExitStatus> {
    let undefined = predictions.iter().filter(|prediction| !prediction.finite).count();
    if undefined > 0 {
        let has_rows = predictions.iter().any(|prediction| prediction.row.is_some());
        let of_what = if has_rows { "row" } else { "picture" };
        console.warning(format!(
            "the network outputs infinite or undefined values for {}; these predictions are meaningless",
            counted(undefined, of_what)
        ));
    }
    let mut output = None;
    if !predictions.is_empty() {
        let names = names(&predictions, score_kind);
        output = args.output.write(&predictions, &names, cells)?;
        match &output {
            Some(path) => {
                let predictions = counted(predictions.len(), "prediction");
                console.line(format!("{predictions}, written: {path}"))?;
            }
            None => console.line(table(&predictions, score_kind))?,
        }
        if let Some(understood) = &understood {
            console.line(understood.text())?;
        }
        if let Some((class, threshold)) = threshold {
            let threshold = figure(threshold, 4);
            console.line(format!(
                "{class} from a probability of {threshold} on, as the run has chosen"
            ))?;
        }
    }
    let status = failures.conclude(done);
    let threshold = threshold.map(|(_, threshold)| threshold);
    let run = args.run_name();
    let model = understood;
    console.object(&Answer { run, score_kind, threshold, model, predictions, output, failures })?;
    Ok(status)
}

const fn heading(kind: ScoreKind) -> &'static str {
    match kind {
        ScoreKind::Probability => "probability",
        ScoreKind::Score => "score",
    }
}

/// The columns of a file of predictions.
fn names(predictions: &[Prediction], kind: ScoreKind) -> Vec<String> {
    let has_rows = predictions.iter().any(|prediction| prediction.row.is_some());
    let mut names = vec!["file".to_owned()];
    names.extend(has_rows.then(|| "row".to_owned()));
    names.extend(["class", heading(kind)].map(str::to_owned));
    let top = predictions.iter().map(|prediction| prediction.top.len()).max().unwrap_or(1);
    for rank in 2..=top {
        names.extend([format!("class_{rank}"), format!("{}_{rank}", heading(kind))]);
    }
    names
}

fn cells(prediction: &Prediction) -> Vec<String> {
    let mut cells = vec![prediction.file.display().to_string()];
    cells.extend(prediction.row.map(|row| row.to_string()));
    cells.extend(
        prediction.top.iter().flat_map(|(class, score)| [class.clone(), score.to_string()]),
    );
    cells
}

fn table(predictions: &[Prediction], kind: ScoreKind) -> TextTable {
    let figure = |score: f64| match kind {
        ScoreKind::Probability => percent(score),
        ScoreKind::Score => format!("{score:.4}"),
    };
    let has_rows = predictions.iter().any(|prediction| prediction.row.is_some());
    let mut table = TextTable::new(&[("file", Align::Left)]);
    if has_rows {
        table.column("row", Align::Right);
    }
    table.column("class", Align::Left);
    table.column(heading(kind), Align::Right);
    for prediction in predictions {
        for (rank, (class, score)) in prediction.top.iter().enumerate() {
            let first = |text: String| if rank == 0 { text } else { String::new() };
            let file = first(prediction.file.display().to_string());
            let row = prediction.row.map(|row| first(row.to_string()));
            table.row([file].into_iter().chain(row).chain([class.clone(), figure(*score)]));
        }
    }
    table
}
