//! `dlkit eigenfaces recognize`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_vision::eigenfaces::{Metric, Normalization, Rule};
use serde::Serialize;

use super::figures::read_model;
use super::folder::{Found, files_of};
use super::options::MetricName;
use super::pictures::{largest, range_note, read_file};
use super::size::PictureSize;
use crate::arguments::Failures;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Recognized, Thresholds, recognition_table};

/// Recognize whether pictures are faces, and whose
///
/// Not a face: its face score exceeds the threshold. The score is the larger of two normalized distances:
/// from face space, and within it from the mean face. Unknown: a face whose nearest known face is farther
/// than the threshold. Reports a file that cannot be read, continues with the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces recognize faces.safetensors picture.png\n  dlkit eigenfaces recognize faces.safetensors album --metric cosine --top 5"
)]
pub(crate) struct Args {
    /// Model written by `dlkit eigenfaces fit`.
    model: PathBuf,
    /// Pictures, .npy stacks, or directories of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// Distance between faces.
    #[arg(long, value_enum, default_value_t = MetricName::Euclidean, help_heading = "Recognition")]
    metric: MetricName,
    /// Number of nearest people to show.
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Recognition")]
    top: u16,
    /// Also show the mean distance to all known faces, which cannot distinguish people.
    #[arg(long, help_heading = "Recognition")]
    mean_distance: bool,
    /// Report pictures of another size as errors instead of resizing them.
    #[arg(long, help_heading = "Input")]
    strict: bool,
}

/// The JSON object.
#[derive(Serialize)]
struct Answer {
    model: String,
    metric: Metric,
    thresholds: Thresholds,
    pictures: Vec<Recognized>,
    /// Notes on the pictures.
    notes: Vec<String>,
    #[serde(flatten)]
    failures: Failures,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    if args.mean_distance && console.is_json() {
        bail!("--mean-distance is for text; --json always includes the mean distance");
    }
    let model = read_model(&args.model)?;
    let metric = Metric::from(args.metric);
    let target = PictureSize { width: model.width(), height: model.height() };
    let (mut pictures, mut failures, mut brightest) = (Vec::new(), Failures::default(), 0.0_f32);
    let Found { files, left_out } = files_of(&args.inputs, &mut failures);
    if let Some(left_out) = &left_out {
        console.warning(left_out);
    }
    for file in files {
        let read = read_file(&file, target, args.strict).and_then(|read| {
            let recognize = |(picture, values, resized): (String, Vec<f32>, bool)| {
                brightest = brightest.max(largest(values.iter().copied()));
                let found = model
                    .recognize(&values, metric, args.top.into())
                    .with_context(|| format!("{picture}: cannot be recognized"))?;
                Ok(Recognized { picture, resized, found })
            };
            read.into_iter().map(recognize).collect::<Result<Vec<_>>>()
        });
        match read {
            Ok(read) => pictures.extend(read),
            Err(error) => failures.add(&file.path, &error),
        }
    }
    let resized = pictures.iter().filter(|picture| picture.resized).count();
    if resized > 0 {
        console
            .warning(format!("{resized} of {} pictures were resized to {target}", pictures.len()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
    let mean = largest(model.mean().iter().map(|value| *value as f32));
    // Contrast normalization removes the range.
    let note = range_note("mean face", mean, brightest)
        .filter(|_| model.normalization() == Normalization::None);
    if let Some(note) = &note {
        console.warning(note);
    }
    let calibration = model.calibration();
    let thresholds = Thresholds {
        face: calibration.face,
        known: calibration.known[Rule::Nearest(metric).index()],
        mean_distance: calibration.known[Rule::Mean.index()],
    };
    if !pictures.is_empty() {
        console.line(recognition_table(&pictures, &thresholds, args.mean_distance))?;
    }
    let status = failures.conclude(pictures.len());
    let model = args.model.display().to_string();
    let notes = left_out.into_iter().chain(note).collect();
    console.object(&Answer { model, metric, thresholds, pictures, notes, failures })?;
    Ok(status)
}
