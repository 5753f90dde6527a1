//! `dlkit predict`.

use std::path::PathBuf;

use anyhow::Result;
use dlkit_models::data::{DataError, picture_files};
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::TaskFacts;
use dlkit_models::tasks::classification::{
    Prediction, ScoreKind, frozen_predictor, load_predictor,
};
use dlkit_models::tasks::regression::{
    RegressionPredictor, frozen_regression_predictor, load_regression_predictor,
};
use serde::Serialize;

use super::evaluate::CheckpointName;
use crate::console::{Console, print_error};
use crate::device::DeviceArgs;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, counted, figure, percent};
use crate::source::is_frozen;

/// Name the classes of pictures, or predict a number for each row of CSV files.
///
/// CSV files need the columns of the features, by name.
///
/// Any PNG, JPEG, WebP or BMP: made grey and resized as the network needs it, inverted if the
/// recipe or --invert says so. A file that cannot be read is reported and the others go on; the
/// exit code is then 2.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run directory, or a frozen file.
    #[arg(value_name = "RUN|FILE.onnx")]
    run: PathBuf,
    /// Pictures, or directories of pictures (searched with all their folders); CSV files for a regression.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// How many of the likeliest classes to show.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Swap dark and light, whatever the recipe says: for dark digits on light paper.
    #[arg(long)]
    invert: bool,
    /// Which checkpoint of a run. Default: best.
    #[arg(long, value_enum)]
    checkpoint: Option<CheckpointName>,
    #[command(flatten)]
    device: DeviceArgs,
}

#[derive(Serialize)]
struct Answer {
    run: String,
    score_kind: ScoreKind,
    predictions: Vec<Prediction>,
    /// Each names its file.
    errors: Vec<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let checkpoint = args.checkpoint.map(Which::from);
    let mut predictor = if is_frozen(&args.run, checkpoint)? {
        let frozen = FrozenNetwork::load(&args.run)?;
        if let TaskFacts::Regression { features, target } = frozen.metadata().facts.clone() {
            let predictor = frozen_regression_predictor(&frozen, (features, target), &device)?;
            return predict_tables(&predictor, args, console);
        }
        frozen_predictor(&frozen, &device)?
    } else {
        let which = checkpoint.unwrap_or(Which::Best);
        let run = RunDirectory::open(&args.run)?;
        if let TaskFacts::Regression { features, target } = run.info()?.facts {
            let predictor = load_regression_predictor(&run, which, (features, target), &device)?;
            return predict_tables(&predictor, args, console);
        }
        load_predictor(&run, which, &device)?
    };
    if args.invert {
        predictor = predictor.inverted();
    }
    let mut predictions = Vec::new();
    let mut errors = Vec::new();
    let mut failed = |error: &DataError| {
        print_error(&anyhow::anyhow!("{error}"));
        errors.push(error.to_string());
    };
    let (files, unreadable): (Vec<_>, Vec<_>) =
        picture_files(&args.inputs).into_iter().partition(Result::is_ok);
    unreadable.into_iter().filter_map(Result::err).for_each(|error| failed(&error));
    let files: Vec<PathBuf> = files.into_iter().flatten().collect();
    for (_, result) in predictor.predict(&files, args.top.into()) {
        match result {
            Ok(prediction) => predictions.push(prediction),
            Err(error) => failed(&error),
        }
    }
    let kind = predictor.score_kind();
    if !predictions.is_empty() {
        console.line(table(&predictions, kind))?;
    }
    let undefined = predictions.iter().filter(|prediction| !prediction.finite).count();
    if undefined > 0 {
        console.warning(format!(
            "the network gives infinite or undefined values for {}, whose classes mean nothing",
            counted(undefined, "picture")
        ));
    }
    let status = if errors.is_empty() { ExitStatus::Done } else { ExitStatus::Error };
    console.object(&Answer {
        run: args.run.display().to_string(),
        score_kind: kind,
        predictions,
        errors,
    })?;
    Ok(status)
}

/// Predictions for the rows of CSV files.
#[derive(Serialize)]
struct TableAnswer {
    run: String,
    target: String,
    predictions: Vec<RowPrediction>,
    /// Each names its file.
    errors: Vec<String>,
}

#[derive(Serialize)]
struct RowPrediction {
    file: String,
    /// Counted from 1, without the line of names.
    row: usize,
    value: f64,
}

fn predict_tables(
    predictor: &RegressionPredictor,
    args: &Args,
    console: Console,
) -> Result<ExitStatus> {
    let (mut predictions, mut errors) = (Vec::new(), Vec::new());
    for path in &args.inputs {
        match predictor.predict(path) {
            Ok(values) => predictions.extend(values.into_iter().enumerate().map(|(row, value)| {
                RowPrediction { file: path.display().to_string(), row: row + 1, value }
            })),
            Err(error) => {
                print_error(&anyhow::anyhow!("{error}"));
                errors.push(error.to_string());
            }
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
    let status = if errors.is_empty() { ExitStatus::Done } else { ExitStatus::Error };
    let run = args.run.display().to_string();
    console.object(&TableAnswer { run, target, predictions, errors })?;
    Ok(status)
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
