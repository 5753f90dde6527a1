//! `dlkit eigenfaces recognize`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_vision::eigenfaces::{Aligner, Alignment, Eigenfaces, Metric, Normalization, Rule};
use serde::Serialize;

use super::cutting::{Cutting, CuttingOptions, Face};
use super::figures::read_model;
use super::folder::{Found, files_of};
use super::named_file::File;
use super::notes::Notes;
use super::options::MetricName;
use super::pictures::{largest, range_note, read_file, resized_note};
use super::results::ResultFiles;
use super::size::PictureSize;
use super::thresholds::ThresholdOptions;
use crate::arguments::Failures;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Label, LabelCounts, Recognized, Thresholds, recognition_table};

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
    /// Distance between faces [default: cosine; euclidean if the model compares faces by a single number].
    #[arg(long, value_enum, help_heading = "Recognition")]
    metric: Option<MetricName>,
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
    cutting: CuttingOptions,
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
    /// How often the person is the one that a list names; none without a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<LabelCounts>,
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
    args.files.check(&inputs, None)?;
    let mut model = read_model(&args.model)?;
    let mut notes = Notes::new(console);
    let metric = chosen_metric(args.metric, &model, &mut notes);
    notes.extend(args.thresholds.apply(&mut model, metric)?);
    let cutting = args.cutting.for_model(&model, &args.inputs)?;
    notes.extend(uncut_note(&model, &cutting));
    let mut failures = Failures::default();
    let Found { files, left_out } = files_of(&args.inputs, &mut failures);
    notes.extend(left_out);
    let aligner = args.search.map(|pixels| model.aligner(pixels)).transpose()?;
    let way = Way { args, model: &model, metric, cutting: &cutting, aligner: aligner.as_ref() };
    let Asked { pictures, values, brightest } = ask(&way, files, &mut failures);
    if aligner.is_some() {
        console.warning(SEARCHED);
    }
    let target = PictureSize { width: model.width(), height: model.height() };
    let resized = pictures.iter().filter(|picture| picture.resized).count();
    if resized > 0 {
        console.warning(resized_note(resized, pictures.len(), target));
    }
    notes.extend(range_of_model(&model, brightest));
    let calibration = model.calibration();
    let thresholds = Thresholds {
        face: calibration.face,
        known: calibration.known[Rule::Nearest(metric).index()],
        mean_distance: calibration.known[Rule::Mean.index()],
    };
    let labels = LabelCounts::of(pictures.iter().filter_map(|picture| picture.label.as_ref()));
    let mut written = Vec::new();
    if !pictures.is_empty() {
        console.line(recognition_table(&pictures, &thresholds, args.mean_distance))?;
        written = args.files.write(&model, &pictures, &values)?;
    }
    if let Some(labels) = &labels {
        console.line(labels.to_string())?;
    }
    if !written.is_empty() {
        console.line(format!("written: {}", written.join(", ")))?;
    }
    let status = failures.conclude(pictures.len());
    let (model, notes) = (args.model.display().to_string(), notes.into_all());
    console.object(&Answer {
        model,
        metric,
        thresholds,
        pictures,
        labels,
        notes,
        written,
        failures,
    })?;
    Ok(status)
}

/// The metric asked for, or the default.
pub(super) fn chosen_metric(
    asked: Option<MetricName>,
    model: &Eigenfaces,
    notes: &mut Notes,
) -> Metric {
    let usual = Metric::from(asked.unwrap_or_default());
    if asked.is_some() || model.allows(usual) {
        return usual;
    }
    notes.extend([format!(
        "the model compares faces by a single number, which has no angle; the distance is {}",
        Metric::Euclidean.name()
    )]);
    Metric::Euclidean
}

/// Note on whole pictures for a model of faces that were cut out.
fn uncut_note(model: &Eigenfaces, cutting: &Cutting) -> Option<String> {
    let flag = match model.alignment().filter(|_| cutting.is_whole())? {
        Alignment::Located => "--align",
        Alignment::Eyes(_) => "--eyes",
    };
    Some(format!(
        "the model was fitted with {flag}: give {flag} here, too, unless the pictures are cut to the face"
    ))
}

/// Note on pictures of another range than the model's.
fn range_of_model(model: &Eigenfaces, brightest: f32) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
    let mean = largest(model.mean().iter().map(|value| *value as f32));
    // Contrast normalization removes the range.
    range_note("mean face", mean, brightest)
        .filter(|_| model.normalization() == Normalization::None)
}

/// Warning with `--search`.
const SEARCHED: &str = "--search brings strangers nearer to known faces, too; the promised rates were measured \
     without it";

/// How pictures are asked about.
struct Way<'a> {
    args: &'a Args,
    model: &'a Eigenfaces,
    metric: Metric,
    cutting: &'a Cutting,
    aligner: Option<&'a Aligner<'a>>,
}

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
fn ask(way: &Way<'_>, files: Vec<File>, failures: &mut Failures) -> Asked {
    let mut asked = Asked::default();
    let target = PictureSize { width: way.model.width(), height: way.model.height() };
    for file in files {
        let read = match read_file(&file, target, way.args.strict, way.cutting) {
            Ok(read) => read,
            Err(error) => {
                failures.add(&file.path, &error);
                continue;
            }
        };
        for face in read {
            match face.and_then(|(name, face)| recognized(way, &file, name, face)) {
                Ok((picture, values)) => {
                    asked.brightest = asked.brightest.max(largest(values.iter().copied()));
                    asked.pictures.push(picture);
                    if way.args.files.needs_pictures() {
                        asked.values.push(values);
                    }
                }
                Err(error) => failures.add(&file.path, &error),
            }
        }
    }
    asked
}

/// A face, recognized, and its pixels.
fn recognized(
    way: &Way<'_>,
    file: &File,
    picture: String,
    face: Face,
) -> Result<(Recognized, Vec<f32>)> {
    let Face { values, resized, located } = face;
    let moved = way
        .aligner
        .map(|aligner| aligner.align(&values))
        .transpose()
        .with_context(|| format!("{picture}: cannot be aligned"))?;
    let read = moved.as_ref().map_or(&values, |moved| &moved.picture);
    let found = way
        .model
        .recognize(read, way.metric, way.args.top.into())
        .with_context(|| format!("{picture}: cannot be recognized"))?;
    let placement = moved.map(|moved| moved.placement);
    let label = file.person.clone().filter(|_| file.is_labeled);
    let label = label.map(|person| Label::of(person, &found, way.model.people()));
    Ok((Recognized { picture, resized, located, label, placement, found }, values))
}
