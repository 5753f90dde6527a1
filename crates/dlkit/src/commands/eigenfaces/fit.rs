//! `dlkit eigenfaces fit`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_vision::eigenfaces::{Eigenfaces, Normalization, ThresholdRule, fit};
use serde::Serialize;

use super::figures::{FIGURES, write_figures};
use super::options::{FitOptions, Material};
use crate::arguments::{Failures, Folder, OutputFile, check_outside};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{FaceSpaceReport, face_space_text, percent};

/// Fit eigenfaces and recognition thresholds to pictures
///
/// DIR is a folder of faces, a folder with a folder for each person (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM,
/// PPM), a list with path;label on each line (.csv or .txt), or a .npy stack of shape [pictures, height,
/// width]. Converts pictures to gray. Calibrates thresholds on pictures and people held out fold by fold,
/// and stores them in the model file with their error rates. Copies of a picture are held out together.
/// Reports a picture that cannot be read, continues with the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces fit datasets/faces/known --output faces.safetensors\n  dlkit eigenfaces fit people --non-faces others --method fisherfaces --output faces.safetensors"
)]
pub(crate) struct Args {
    /// Folder of faces, folder with a folder for each person, list of path;label, or .npy stack.
    #[arg(value_name = "DIR")]
    faces: PathBuf,
    #[command(flatten)]
    output: OutputFile,
    /// Directory for mean face, eigenfaces and variance curve [default: NAME-figures beside the model].
    #[arg(long, value_name = "DIR", conflicts_with = "no_figures", help_heading = "Results")]
    figures: Option<PathBuf>,
    /// No figures.
    #[arg(long, help_heading = "Results")]
    no_figures: bool,
    #[command(flatten)]
    options: FitOptions,
}

/// Share of errors between faces and other pictures above which a hint is printed.
const MANY_ERRORS: f64 = 0.1;

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let figures = figures_folder(args)?;
    let mut config = args.options.config()?;
    let mut failures = Failures::default();
    let Material { faces, others, mut notes, alignment } =
        args.options.gather(&args.faces, &mut failures, console)?;
    config.alignment = alignment;
    let model = fit(&faces, others.as_ref(), &config)
        .with_context(|| format!("{}: cannot be fitted", args.faces.display()))?;
    if let Some(hint) = contrast_hint(&model) {
        console.warning(&hint);
        notes.push(hint);
    }
    let staged = stage(&args.output.output, &model)?;
    let mut written = Vec::new();
    if let Some(folder) = &figures {
        written = write_figures(folder, &model, config.components)?;
    }
    written.insert(0, args.output.publish(staged)?.display().to_string());
    let report = FaceSpaceReport::new(&model, config.components, notes, written);
    console.line(face_space_text(&report))?;
    let status = failures.conclude(faces.pictures().count());
    console.object(&Answer { report: &report, failures })?;
    Ok(status)
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a FaceSpaceReport,
    #[serde(flatten)]
    failures: Failures,
}

fn figures_folder(args: &Args) -> Result<Option<Folder>> {
    let output = &args.output.output;
    if output.extension().is_none_or(|ending| ending != "safetensors") {
        bail!("--output {}: the file name must end in .safetensors", output.display());
    }
    args.output.check()?;
    if args.no_figures {
        return Ok(None);
    }
    let folder = args.figures.clone().unwrap_or_else(|| {
        let name = output.file_stem().unwrap_or_default().to_string_lossy();
        output.with_file_name(format!("{name}-figures"))
    });
    let inputs: Vec<&Path> = [Some(&args.faces), args.options.non_faces.as_ref()]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    check_outside("--figures", &folder, &inputs)?;
    let names = FIGURES.map(str::to_owned);
    Folder::open("--figures", folder, args.output.is_forced(), &names).map(Some)
}

/// Hint if held-out faces and other pictures are often confused. Photos differ more in light and contrast
/// than in content.
fn contrast_hint(model: &Eigenfaces) -> Option<String> {
    let threshold =
        model.calibration().face.filter(|face| face.rule == ThresholdRule::EqualError)?;
    let rejected = threshold.new_rejected.or(threshold.known_rejected)?;
    let errors = f64::midpoint(rejected.share, threshold.others_accepted?.share);
    (errors > MANY_ERRORS && model.normalization() == Normalization::None).then(|| {
        format!(
            "{} of held-out faces and other pictures are misclassified; try --normalize contrast, which \
             removes brightness and contrast, or fewer --components",
            percent(errors)
        )
    })
}

fn stage(path: &Path, model: &Eigenfaces) -> Result<StagedFile> {
    let bytes = model.to_bytes()?;
    StagedFile::write(path, &bytes).with_context(|| format!("cannot write {}", path.display()))
}
