//! `dlkit eigenfaces recognize`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_vision::eigenfaces::{Aligner, Eigenfaces, Metric, Normalization, Rule};
use serde::Serialize;

use super::figures::read_model;
use super::folder::{Found, files_of};
use super::named_file::File;
use super::options::MetricName;
use super::pictures::{largest, range_note, read_file};
use super::results::ResultFiles;
use super::size::PictureSize;
use super::thresholds::ThresholdOptions;
use crate::arguments::Failures;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Recognized, Thresholds, recognition_table};

/// Recognize whether pictures are faces, and whose
///
/// Not a face: its face score exceeds the threshold. The score is the larger of two normalized distances:
/// from face space, and within it from the mean face. Unknown: a face whose nearest known face is farther
/// than the threshold. A fitted picture is always known. Reports a file that cannot be read, continues with
/// the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces recognize faces.safetensors picture.png\n  dlkit eigenfaces recognize faces.safetensors album --accept-rate 0.01 --csv album.csv\n  dlkit eigenfaces recognize faces.safetensors 'album/*.jpg' --sheet nearest.png"
)]
pub(crate) struct Args {
    /// Model written by `dlkit eigenfaces fit`.
    model: PathBuf,
    /// Pictures, .npy stacks, directories of them, patterns such as 'album/*.jpg', or lists of path;label
    /// (.csv or .txt).
    #[arg(required = true, value_name = "FILE|DIR|GLOB")]
    inputs: Vec<PathBuf>,
    /// Distance between faces.
    #[arg(long, value_enum, default_value_t = MetricName::Cosine, help_heading = "Recognition")]
    metric: MetricName,
    /// Number of nearest people to show.
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Recognition")]
    top: u16,
    /// Also show the mean distance to all known faces, which cannot distinguish people.
    #[arg(long, help_heading = "Recognition")]
    mean_distance: bool,
    /// Align each picture first: search shifts of up to PX pixels of the model each way, scales of 0.8 to 1.25
    /// and turns of up to 15 degrees for the place nearest to the known faces.
    #[arg(long, value_name = "PX", help_heading = "Recognition")]
    search: Option<usize>,
    #[command(flatten)]
    thresholds: ThresholdOptions,
    #[command(flatten)]
    files: ResultFiles,
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
    written: Vec<String>,
    #[serde(flatten)]
    failures: Failures,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    if args.mean_distance && console.is_json() {
        bail!("--mean-distance is for text; --json always includes the mean distance");
    }
    let inputs: Vec<&Path> =
        std::iter::once(&args.model).chain(&args.inputs).map(PathBuf::as_path).collect();
    args.files.check(&inputs)?;
    let metric = Metric::from(args.metric);
    let mut model = read_model(&args.model)?;
    args.thresholds.apply(&mut model, metric)?;
    let target = PictureSize { width: model.width(), height: model.height() };
    let mut failures = Failures::default();
    let Found { files, left_out } = files_of(&args.inputs, &mut failures);
    if let Some(left_out) = &left_out {
        console.warning(left_out);
    }
    let aligner = args.search.map(|pixels| model.aligner(pixels)).transpose()?;
    let Asked { pictures, values, brightest } =
        ask(args, &model, aligner.as_ref(), files, &mut failures);
    if aligner.is_some() {
        console.warning(SEARCHED);
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
    let mut written = Vec::new();
    if !pictures.is_empty() {
        written = args.files.write(&model, &pictures, &values)?;
    }
    if !written.is_empty() {
        console.line(format!("written: {}", written.join(", ")))?;
    }
    let status = failures.conclude(pictures.len());
    let model = args.model.display().to_string();
    let notes = left_out.into_iter().chain(note).collect();
    console.object(&Answer { model, metric, thresholds, pictures, notes, written, failures })?;
    Ok(status)
}

/// Warning with `--search`.
const SEARCHED: &str = "--search brings strangers nearer to known faces, too; the promised rates were measured \
     without it";

/// Recognized pictures.
#[derive(Default)]
struct Asked {
    pictures: Vec<Recognized>,
    /// Their pixels, if these are needed.
    values: Vec<Vec<f32>>,
    /// The largest pixel value.
    brightest: f32,
}

/// Recognizes the pictures of files; files that cannot be used become failures.
fn ask(
    args: &Args,
    model: &Eigenfaces,
    aligner: Option<&Aligner<'_>>,
    files: Vec<File>,
    failures: &mut Failures,
) -> Asked {
    let mut asked = Asked::default();
    let target = PictureSize { width: model.width(), height: model.height() };
    for file in files {
        let read = read_file(&file, target, args.strict).and_then(|read| {
            let recognize = |(picture, values, resized): (String, Vec<f32>, bool)| {
                let moved = aligner
                    .map(|aligner| aligner.align(&values))
                    .transpose()
                    .with_context(|| format!("{picture}: cannot be aligned"))?;
                let read = moved.as_ref().map_or(&values, |moved| &moved.picture);
                let found = model
                    .recognize(read, args.metric.into(), args.top.into())
                    .with_context(|| format!("{picture}: cannot be recognized"))?;
                let placement = moved.map(|moved| moved.placement);
                Ok((Recognized { picture, resized, placement, found }, values))
            };
            read.into_iter().map(recognize).collect::<Result<Vec<_>>>()
        });
        match read {
            Ok(read) => {
                for (picture, values) in read {
                    asked.brightest = asked.brightest.max(largest(values.iter().copied()));
                    asked.pictures.push(picture);
                    if args.files.needs_pictures() {
                        asked.values.push(values);
                    }
                }
            }
            Err(error) => failures.add(&file.path, &error),
        }
    }
    asked
}
