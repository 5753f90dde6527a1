//! `dlkit eigenfaces fit`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::run::StagedFile;
use dlkit_vision::eigenfaces::{Eigenfaces, FaceSet, Normalisation, ThresholdRule, fit};

use super::figures::{FIGURES, write_figures};
use super::folder::check_folder;
use super::options::{FitOptions, PictureSize};
use super::pictures::gather;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::output::{check_file, publish};
use crate::report::{FaceSpaceReport, face_space_text, percent};

/// Find the eigenfaces of pictures and the thresholds to recognise faces by.
///
/// DIR is a folder of faces, or of one folder per person (PNG, JPEG, WebP, BMP), or has or is a .npy
/// stack of shape [pictures, height, width]. Colours become grey. Thresholds are found on pictures
/// and people that a fit has not seen, fold by fold, and stored in the model.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Faces: a folder, one with a folder for each person, or a .npy stack.
    #[arg(value_name = "DIR")]
    faces: PathBuf,
    /// Where the model goes; its name ends in .safetensors.
    #[arg(long, short, value_name = "MODEL")]
    output: PathBuf,
    /// Where mean face, eigenfaces and variance curve go [default: NAME-figures beside the model].
    #[arg(long, value_name = "DIR", conflicts_with = "no_figures")]
    figures: Option<PathBuf>,
    /// Draw nothing.
    #[arg(long)]
    no_figures: bool,
    /// Replace a model and figures that are there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    options: FitOptions,
}

/// Above this share of errors between faces and other pictures, something else is worth trying.
const MANY_ERRORS: f64 = 0.1;

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let figures = figures_folder(args)?;
    let config = args.options.config();
    let mut gathered = gather(&args.faces, args.options.size, args.options.strict)?;
    let mut notes = std::mem::take(&mut gathered.notes);
    let faces: FaceSet = gathered.into_faces()?;
    let size = PictureSize { width: faces.pictures().width(), height: faces.pictures().height() };
    let others = match &args.options.non_faces {
        Some(path) => {
            let mut others = gather(path, Some(size), args.options.strict)?;
            notes.append(&mut others.notes);
            notes.extend(args.options.range_note(faces.pictures(), &others.pictures));
            Some(others.pictures)
        }
        None => None,
    };
    for note in &notes {
        console.warning(note);
    }
    let model = fit(&faces, others.as_ref(), &config)
        .with_context(|| format!("{}: no face space", args.faces.display()))?;
    if let Some(hint) = contrast_hint(&model) {
        console.warning(&hint);
        notes.push(hint);
    }
    let staged = stage(&args.output, &model)?;
    let mut written = Vec::new();
    if let Some(folder) = &figures {
        written = write_figures(folder, &model, config.components)?;
    }
    written.insert(0, publish(staged, args.force)?.display().to_string());
    let report = FaceSpaceReport::new(&model, config.components, notes, written);
    console.line(face_space_text(&report))?;
    console.object(&report)?;
    Ok(ExitStatus::Done)
}

fn figures_folder(args: &Args) -> Result<Option<PathBuf>> {
    if args.output.extension().is_none_or(|ending| ending != "safetensors") {
        bail!("--output {}: the name must end in .safetensors", args.output.display());
    }
    check_file(&args.output, args.force)?;
    if args.no_figures {
        return Ok(None);
    }
    let folder = args.figures.clone().unwrap_or_else(|| {
        let name = args.output.file_stem().unwrap_or_default().to_string_lossy();
        args.output.with_file_name(format!("{name}-figures"))
    });
    let inputs: Vec<&Path> = [Some(&args.faces), args.options.non_faces.as_ref()]
        .into_iter()
        .flatten()
        .map(PathBuf::as_path)
        .collect();
    check_folder("--figures", &folder, &inputs)?;
    let there = FIGURES.iter().map(|name| folder.join(name)).find(|path| path.exists());
    if let (Some(path), false) = (there, args.force) {
        bail!(
            "{} already exists; choose another folder for --figures, leave them out by --no-figures or \
             replace them by --force",
            path.display()
        );
    }
    Ok(Some(folder))
}

/// What to try where faces held out were often taken for other pictures, or these for faces. Photographs
/// differ in light and contrast more than in what they show.
fn contrast_hint(model: &Eigenfaces) -> Option<String> {
    let threshold =
        model.calibration().face.filter(|face| face.rule == ThresholdRule::EqualError)?;
    let errors = f64::midpoint(threshold.false_reject?, threshold.false_accept?);
    (errors > MANY_ERRORS && model.normalisation() == Normalisation::None).then(|| {
        format!(
            "of faces held out and other pictures, {} are taken for the wrong kind; --normalise contrast, \
             which takes out brightness and contrast, and fewer --components often do better",
            percent(errors)
        )
    })
}

fn stage(path: &Path, model: &Eigenfaces) -> Result<StagedFile> {
    let bytes = model.to_bytes()?;
    StagedFile::write(path, &bytes).with_context(|| format!("cannot write {}", path.display()))
}
