//! `dlkit eigenfaces evaluate`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dlkit_vision::eigenfaces::{Evaluation, FaceSet, Metric, evaluate};
use serde::Serialize;

use super::compare;
use super::options::{FitOptions, Material};
use crate::arguments::{Failures, Folder, OutputDirectory, check_outside, picture_names};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::ConfusionMatrix;
use crate::report::{recognition_text, roc_chart};

/// Evaluate face recognition on faces held out fold by fold
///
/// Scores every picture by a fit that has not seen it. With a folder for each person, reports how often the
/// nearest face is of the right person, and which people are confused. Also reports how well known people
/// are distinguished from strangers and, with --non-faces, faces from other pictures. Fits to some of the people
/// say what became of the rates that thresholds promise. Reports a picture that cannot be read, continues
/// with the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces evaluate datasets/faces/known\n  dlkit eigenfaces evaluate people --non-faces others --folds 3 --output results\n  dlkit eigenfaces evaluate people --non-faces others --compare"
)]
pub(crate) struct Args {
    /// Folder with a folder for each person, or list of path;label; with --non-faces, any folder or .npy stack.
    #[arg(value_name = "DIR")]
    faces: PathBuf,
    #[command(flatten)]
    output: OutputDirectory,
    #[command(flatten)]
    options: FitOptions,
    /// Compare all normalizations and features in one table: whitening, leaving out the first eigenfaces,
    /// fisherfaces.
    #[arg(
        long,
        conflicts_with_all = ["normalize", "method", "skip", "whiten", "output"],
        help_heading = "Results"
    )]
    compare: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    pictures: usize,
    people: Option<&'a [String]>,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    notes: &'a [String],
    written: &'a [String],
    #[serde(flatten)]
    failures: Failures,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let config = args.options.config()?;
    if let Some(folder) = args.output.path() {
        let others = args.options.non_faces.as_deref();
        let inputs: Vec<&Path> =
            [Some(args.faces.as_path()), others].into_iter().flatten().collect();
        check_outside("--output", folder, &inputs)?;
    }
    let metrics = [Metric::Euclidean, Metric::Mahalanobis, Metric::Cosine].map(confusion_stem);
    let stems = metrics.iter().map(String::as_str).chain([ROC_FACE, ROC_KNOWN]);
    let folder = args.output.open(&stems.flat_map(picture_names).collect::<Vec<_>>())?;
    let mut failures = Failures::default();
    let material = args.options.gather(&args.faces, &mut failures, console)?;
    if args.compare {
        return compare::run(&args.faces, &material, &config, failures, console);
    }
    let Material { faces, others, notes, .. } = material;
    let evaluation = evaluate(&faces, others.as_ref(), &config)
        .with_context(|| format!("{}: cannot be evaluated", args.faces.display()))?;
    let written = match &folder {
        Some(folder) => write(folder, &faces, &evaluation)?,
        None => Vec::new(),
    };
    console.line(recognition_text(&faces, &evaluation))?;
    if !written.is_empty() {
        console.line(format!("written: {}", written.join(", ")))?;
    }
    let people = faces.is_labeled().then(|| faces.people());
    let pictures = faces.pictures().count();
    let (evaluation, notes, written) = (&evaluation, &notes[..], &written[..]);
    let status = failures.conclude(pictures);
    console.object(&Answer { pictures, people, evaluation, notes, written, failures })?;
    Ok(status)
}

const ROC_FACE: &str = "roc-face";
const ROC_KNOWN: &str = "roc-known";

fn confusion_stem(metric: Metric) -> String {
    format!("confusion-{}", metric.name())
}

fn write(folder: &Folder, faces: &FaceSet, evaluation: &Evaluation) -> Result<Vec<String>> {
    let mut charts = Vec::new();
    for rate in &evaluation.recognition {
        let matrix = ConfusionMatrix {
            title: format!("Faces held out, {} distance", rate.metric.name()),
            classes: faces.people().to_vec(),
            counts: rate.confusion.clone(),
        };
        charts.push((confusion_stem(rate.metric), matrix.to_svg()?));
    }
    if !evaluation.face.is_empty() {
        let lines: Vec<_> =
            evaluation.face.iter().map(|face| (face.by.name(), &face.roc)).collect();
        charts.push((ROC_FACE.to_owned(), roc_chart("Face or not", &lines).to_svg()));
    }
    if !evaluation.known.is_empty() {
        let lines: Vec<_> =
            evaluation.known.iter().map(|known| (known.by.name(), &known.roc)).collect();
        charts.push((ROC_KNOWN.to_owned(), roc_chart("Known or unknown", &lines).to_svg()));
    }
    let mut written = Vec::new();
    for (name, svg) in charts {
        written.extend(folder.write_picture(&name, &svg)?);
    }
    Ok(written)
}
