//! `dlkit predict`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::data::is_picture;
use dlkit_models::device::device_from_name;
use dlkit_models::run::RunDirectory;
use dlkit_models::tasks::classification::{Prediction, ScoreKind, load_predictor};
use serde::Serialize;

use super::evaluate::CheckpointName;
use crate::console::{Console, print_error};
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, percent};

/// Name the classes of pictures.
///
/// Any PNG, JPEG, WebP or BMP: made grey and resized as the network needs it, inverted if the
/// recipe or --invert says so. A file that cannot be read is reported and the others go on; the
/// exit code is then 2.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run directory.
    run: PathBuf,
    /// Pictures, or directories of pictures (searched with all their folders).
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// How many of the likeliest classes to show.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Swap dark and light, whatever the recipe says: for dark digits on light paper.
    #[arg(long)]
    invert: bool,
    /// Which checkpoint.
    #[arg(long, value_enum, default_value_t = CheckpointName::Best)]
    checkpoint: CheckpointName,
    /// Where to compute: flex, ndarray or wgpu (see dlkit devices).
    #[arg(long, value_name = "DEVICE", default_value = "flex")]
    device: String,
}

#[derive(Serialize)]
struct Answer {
    run: PathBuf,
    score_kind: ScoreKind,
    predictions: Vec<Prediction>,
    errors: Vec<Failure>,
}

#[derive(Serialize)]
struct Failure {
    file: PathBuf,
    error: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = device_from_name(&args.device)?;
    let run = RunDirectory::open(&args.run)?;
    let files = picture_files(&args.inputs)?;
    let mut predictor = load_predictor(&run, args.checkpoint.into(), &device)?;
    if args.invert {
        predictor = predictor.inverted();
    }
    let mut predictions = Vec::new();
    let mut errors = Vec::new();
    for (file, result) in predictor.predict(&files, args.top.into()) {
        match result {
            Ok(prediction) => predictions.push(prediction),
            Err(error) => {
                print_error(&anyhow::anyhow!("{error}"));
                errors.push(Failure { file, error: error.to_string() });
            }
        }
    }
    let kind = predictor.score_kind();
    if !predictions.is_empty() {
        console.line(table(&predictions, kind))?;
    }
    let status = if errors.is_empty() { ExitStatus::Done } else { ExitStatus::Error };
    console.object(&Answer { run: args.run.clone(), score_kind: kind, predictions, errors })?;
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

/// The pictures among files and directories; directories are searched and sorted by name.
fn picture_files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        if input.is_dir() {
            let before = files.len();
            collect(input, &mut files)?;
            if files.len() == before {
                bail!("{} holds no PNG, JPEG, WebP or BMP files", input.display());
            }
        } else {
            files.push(input.clone());
        }
    }
    Ok(files)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries = std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>())
        .with_context(|| format!("cannot read {}", directory.display()))?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else if is_picture(&path) {
            files.push(path);
        }
    }
    Ok(())
}
