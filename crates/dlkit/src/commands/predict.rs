//! `dlkit predict`.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};
use dlkit_models::tasks::AnyPredictor;
use dlkit_models::tasks::classification::{Prediction, Predictor, ScoreKind};
use dlkit_models::tasks::regression::RegressionPredictor;
use serde::Serialize;

use crate::arguments::{DeviceArgs, Failures, TrainedArgs, pictures_of};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, counted, figure, percent};

/// Predict the classes of pictures, or a number for each row of CSV files
///
/// Converts pictures (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM, PPM) to gray and resizes them as the network
/// needs them. CSV files need a named column for each feature. Reports a file that cannot be read, continues
/// with the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit predict runs/mlp datasets/digits --top 3\n  dlkit predict mlp.onnx scan.png --invert\n  dlkit predict runs/prices houses.csv --json"
)]
pub(crate) struct Args {
    #[command(flatten)]
    trained: TrainedArgs,
    /// Pictures or directories of pictures (subfolders included); for a regression, CSV files.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// Number of most probable classes to show [default: 1].
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Results")]
    top: Option<u16>,
    /// Inverted brightness regardless of the recipe, for dark digits on light paper.
    #[arg(long, help_heading = "Input")]
    invert: bool,
    #[command(flatten)]
    device: DeviceArgs,
}

#[derive(Serialize)]
struct Answer {
    run: String,
    score_kind: ScoreKind,
    /// Probability from which on the second of two classes is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    predictions: Vec<Prediction>,
    #[serde(flatten)]
    failures: Failures,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    match args.trained.open()?.predictor(&device)? {
        AnyPredictor::Classes(predictor) if args.invert => {
            predict_pictures(&(*predictor).inverted(), args, console)
        }
        AnyPredictor::Classes(predictor) => predict_pictures(&predictor, args, console),
        AnyPredictor::Colors(_) => {
            let run = args.trained.run.display();
            bail!("{run}: a colorizer; use dlkit colorize PICTURE --model {run}")
        }
        AnyPredictor::Numbers(predictor) => {
            let unused = args.top.map(|_| "--top").or(args.invert.then_some("--invert"));
            if let Some(flag) = unused {
                bail!(
                    "{flag} is for pictures and their classes; {} predicts numbers, so leave it out",
                    args.trained.run.display()
                );
            }
            predict_tables(&predictor, args, console)
        }
    }
}

fn predict_pictures(predictor: &Predictor, args: &Args, console: Console) -> Result<ExitStatus> {
    let (mut predictions, mut failures) = (Vec::new(), Failures::default());
    let mut files = Vec::new();
    for input in &args.inputs {
        files.extend(pictures_of(input, &mut failures, console));
    }
    for (file, result) in predictor.predict(&files, args.top.unwrap_or(1).into()) {
        match result {
            Ok(prediction) => predictions.push(prediction),
            Err(error) => failures.add(&file, &Error::new(error)),
        }
    }
    let kind = predictor.score_kind();
    if !predictions.is_empty() {
        console.line(table(&predictions, kind))?;
        if let Some((class, threshold)) = predictor.threshold() {
            let threshold = figure(threshold, 4);
            console.line(format!(
                "{class} from a probability of {threshold} on, as the run has chosen"
            ))?;
        }
    }
    let undefined = predictions.iter().filter(|prediction| !prediction.finite).count();
    if undefined > 0 {
        console.warning(format!(
            "the network outputs infinite or undefined values for {}; these predictions are meaningless",
            counted(undefined, "picture")
        ));
    }
    let status = failures.conclude(predictions.len());
    let run = args.trained.run.display().to_string();
    let threshold = predictor.threshold().map(|(_, threshold)| threshold);
    console.object(&Answer { run, score_kind: kind, threshold, predictions, failures })?;
    Ok(status)
}

/// Predictions for the rows of CSV files.
#[derive(Serialize)]
struct TableAnswer {
    run: String,
    target: String,
    predictions: Vec<RowPrediction>,
    #[serde(flatten)]
    failures: Failures,
}

#[derive(Serialize)]
struct RowPrediction {
    file: String,
    /// Row number from 1, without the header.
    row: usize,
    value: f64,
}

fn predict_tables(
    predictor: &RegressionPredictor,
    args: &Args,
    console: Console,
) -> Result<ExitStatus> {
    let (mut predictions, mut failures, mut done) = (Vec::new(), Failures::default(), 0);
    for path in &args.inputs {
        match predictor.predict(path) {
            Ok(values) => {
                done += 1;
                predictions.extend(rows(path, values));
            }
            Err(error) => failures.add(path, &Error::new(error)),
        }
    }
    let target = predictor.target().to_owned();
    if !predictions.is_empty() {
        let right = Align::Right;
        let mut table = TextTable::new(&[("file", Align::Left), ("row", right), (&target, right)]);
        for RowPrediction { file, row, value } in &predictions {
            table.row([file.clone(), row.to_string(), figure(*value, 4)]);
        }
        console.line(table)?;
    }
    let status = failures.conclude(done);
    let run = args.trained.run.display().to_string();
    console.object(&TableAnswer { run, target, predictions, failures })?;
    Ok(status)
}

fn rows(file: &Path, values: Vec<f64>) -> impl Iterator<Item = RowPrediction> {
    let file = file.display().to_string();
    let row = move |(row, value)| RowPrediction { file: file.clone(), row: row + 1, value };
    values.into_iter().enumerate().map(row)
}

fn table(predictions: &[Prediction], kind: ScoreKind) -> TextTable {
    let heading = match kind {
        ScoreKind::Probability => "probability",
        ScoreKind::Score => "score",
    };
    let figure = |score: f64| match kind {
        ScoreKind::Probability => percent(score),
        ScoreKind::Score => format!("{score:.4}"),
    };
    let mut table =
        TextTable::new(&[("file", Align::Left), ("class", Align::Left), (heading, Align::Right)]);
    for prediction in predictions {
        for (rank, (class, score)) in prediction.top.iter().enumerate() {
            let file =
                if rank == 0 { prediction.file.display().to_string() } else { String::new() };
            table.row([file, class.clone(), figure(*score)]);
        }
    }
    table
}
