//! `dlkit eigenfaces recognize`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_vision::eigenfaces::{Metric, Normalization, Recognition, Rule, Threshold};
use serde::Serialize;

use super::figures::read_model;
use super::folder::files_of;
use super::options::{MetricName, PictureSize};
use super::pictures::{largest, range_note, read_file};
use crate::arguments::Failures;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::recognition_table;

/// Say whether pictures are faces, and whose.
///
/// Not a face: farther from face space, or within it from the mean face, than the model's threshold
/// on the larger of both in units of what is usual for faces (the face score). Unknown: a face, but
/// farther from every known one than the threshold. A file that cannot be read is reported and the others
/// go on; the exit code is then 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model that `fit` wrote.
    model: PathBuf,
    /// Pictures, .npy stacks, or directories of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// How distances between faces are measured.
    #[arg(long, value_enum, default_value_t = MetricName::Euclidean)]
    metric: MetricName,
    /// How many of the nearest people to show.
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Show also what the mean distance to all known faces says: it cannot tell people apart.
    #[arg(long)]
    mean_distance: bool,
    /// Refuse pictures of another size instead of resizing them.
    #[arg(long)]
    strict: bool,
}

/// What is found, as JSON has it.
#[derive(Serialize)]
struct Answer {
    model: String,
    metric: Metric,
    thresholds: Thresholds,
    pictures: Vec<Recognised>,
    /// What is odd about the pictures.
    notes: Vec<String>,
    #[serde(flatten)]
    failures: Failures,
}

/// The model's thresholds.
#[derive(Serialize)]
pub(crate) struct Thresholds {
    /// On the face score.
    pub(crate) face: Option<Threshold>,
    /// On the distance of the nearest face.
    pub(crate) known: Option<Threshold>,
    /// On the mean distance to all.
    pub(crate) mean_distance: Option<Threshold>,
}

/// A picture and what is found in it.
#[derive(Serialize)]
pub(crate) struct Recognised {
    pub(crate) picture: String,
    pub(crate) resized: bool,
    #[serde(flatten)]
    pub(crate) found: Recognition,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    if args.mean_distance && console.is_json() {
        bail!("--mean-distance is for text; the object of --json always has the mean distance");
    }
    let model = read_model(&args.model)?;
    let metric = Metric::from(args.metric);
    let target = PictureSize { width: model.width(), height: model.height() };
    let (mut pictures, mut failures, mut brightest) = (Vec::new(), Failures::default(), 0.0_f32);
    for file in files_of(&args.inputs, &mut failures) {
        let read = read_file(&file, target, args.strict).and_then(|read| {
            let recognise = |(picture, values, resized): (String, Vec<f32>, bool)| {
                brightest = brightest.max(largest(values.iter().copied()));
                let found = model
                    .recognize(&values, metric, args.top.into())
                    .with_context(|| format!("{picture} cannot be recognised"))?;
                Ok(Recognised { picture, resized, found })
            };
            read.into_iter().map(recognise).collect::<Result<Vec<_>>>()
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
    // Contrast takes the range out.
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
    let notes = note.into_iter().collect();
    console.object(&Answer { model, metric, thresholds, pictures, notes, failures })?;
    Ok(status)
}
