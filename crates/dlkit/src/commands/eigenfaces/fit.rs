//! `dlkit eigenfaces fit`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::run::StagedFile;
use dlkit_vision::eigenfaces::{Eigenfaces, FaceSet, fit};

use super::figures::write_figures;
use super::folder::check_folder;
use super::options::{FitOptions, PictureSize};
use super::pictures::gather;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{FaceSpaceReport, face_space_text};

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
    #[command(flatten)]
    options: FitOptions,
}

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
            Some(others.pictures)
        }
        None => None,
    };
    for note in &notes {
        console.warning(note);
    }
    let model = fit(&faces, others.as_ref(), &config)
        .with_context(|| format!("{}: no face space", args.faces.display()))?;
    let staged = stage(&args.output, &model)?;
    let mut written = Vec::new();
    if let Some(folder) = &figures {
        written = write_figures(folder, &model, config.components)?;
    }
    written.insert(0, staged.publish()?.display().to_string());
    let report = FaceSpaceReport::new(&model, config.components, notes, written);
    console.line(face_space_text(&report))?;
    console.object(&report)?;
    Ok(ExitStatus::Done)
}

fn figures_folder(args: &Args) -> Result<Option<PathBuf>> {
    if args.output.extension().is_none_or(|ending| ending != "safetensors") {
        bail!("--output {}: the name must end in .safetensors", args.output.display());
    }
    if args.output.is_dir() {
        bail!("--output {}: there is a folder of that name", args.output.display());
    }
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
    Ok(Some(folder))
}

fn stage(path: &Path, model: &Eigenfaces) -> Result<StagedFile> {
    let bytes = model.to_bytes()?;
    StagedFile::write(path, &bytes).with_context(|| format!("cannot write {}", path.display()))
}
