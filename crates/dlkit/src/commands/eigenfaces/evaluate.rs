//! `dlkit eigenfaces evaluate`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dlkit_vision::eigenfaces::{Evaluation, FaceSet, evaluate};
use serde::Serialize;

use super::folder::check_folder;
use super::options::{FitOptions, PictureSize};
use super::pictures::gather;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::{ConfusionMatrix, write_picture};
use crate::report::{recognition_text, roc_chart};

/// Measure how well faces are recognised, on faces held out fold by fold.
///
/// Every picture is scored by a fit that has not seen it. With one folder per person: how often the
/// nearest face is of the right person, who is taken for whom, and how well people who are known
/// are told from strangers (people held out with all their pictures). With --non-faces: how well
/// faces are told from other pictures.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Faces: a folder with a folder for each person; with --non-faces any folder or .npy stack.
    #[arg(value_name = "DIR")]
    faces: PathBuf,
    /// Where confusion matrix and error curves go.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    options: FitOptions,
}

#[derive(Serialize)]
struct Answer<'a> {
    pictures: usize,
    people: Option<&'a [String]>,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    notes: &'a [String],
    written: &'a [String],
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let config = args.options.config();
    if let Some(folder) = &args.output {
        let others = args.options.non_faces.as_deref();
        let inputs: Vec<&Path> =
            [Some(args.faces.as_path()), others].into_iter().flatten().collect();
        check_folder("--output", folder, &inputs)?;
    }
    let mut gathered = gather(&args.faces, args.options.size, args.options.strict)?;
    let mut notes = std::mem::take(&mut gathered.notes);
    let faces = gathered.into_faces()?;
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
    let evaluation = evaluate(&faces, others.as_ref(), &config)
        .with_context(|| format!("{} cannot be evaluated", args.faces.display()))?;
    let written = match &args.output {
        Some(folder) => write(folder, &faces, &evaluation)?,
        None => Vec::new(),
    };
    console.line(recognition_text(&faces, &evaluation))?;
    if !written.is_empty() {
        console.line(format!("written: {}", written.join(", ")))?;
    }
    let people = faces.is_labelled().then(|| faces.people());
    let pictures = faces.pictures().count();
    let (evaluation, notes, written) = (&evaluation, &notes[..], &written[..]);
    console.object(&Answer { pictures, people, evaluation, notes, written })?;
    Ok(ExitStatus::Done)
}

fn write(folder: &Path, faces: &FaceSet, evaluation: &Evaluation) -> Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut charts = Vec::new();
    for rate in &evaluation.recognition {
        let matrix = ConfusionMatrix {
            title: format!("Faces held out, {} distance", rate.metric.name()),
            classes: faces.people().to_vec(),
            counts: rate.confusion.clone(),
        };
        charts.push((format!("confusion-{}", rate.metric.name()), matrix.to_svg()?));
    }
    if !evaluation.face.is_empty() {
        let lines: Vec<_> =
            evaluation.face.iter().map(|face| (face.by.name(), &face.roc)).collect();
        charts.push(("roc-face".to_owned(), roc_chart("Face or not", &lines).to_svg()));
    }
    if !evaluation.known.is_empty() {
        let lines: Vec<_> =
            evaluation.known.iter().map(|known| (known.by.name(), &known.roc)).collect();
        charts.push(("roc-known".to_owned(), roc_chart("Known or unknown", &lines).to_svg()));
    }
    let mut written = Vec::new();
    for (name, svg) in charts {
        let paths = write_picture(&svg, &folder.join(name))?;
        written.extend(paths.iter().map(|path| path.display().to_string()));
    }
    Ok(written)
}
