//! `dlkit eigenfaces locate`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_file, publish};
use dlkit_files::picture::{GrayPicture, Metadata, PictureFormat, StoredPicture};
use dlkit_vision::drawing::{MarkColor, Marked, draw_marked};
use dlkit_vision::eigenfaces::{Eigenfaces, Metric, Rule, Verdict};
use dlkit_vision::faces::{DetectionConfig, Detector, FaceFrame};
use image::DynamicImage;
use serde::Serialize;

use super::figures::read_model;
use super::notes::Notes;
use super::options::MetricName;
use super::recognize::chosen_metric;
use super::results::ResultFiles;
use super::thresholds::ThresholdOptions;
use crate::arguments::{Failures, Folder, check_no_run, check_outside, expanded, pictures_of};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Recognized, Thresholds, counted, recognition_table};

/// Locate faces in photos, and recognize them
///
/// A cascade of local binary patterns, trained on photographs, finds upright faces that look at the camera and
/// are turned by up to about 15 degrees. Each is cut out as the faces of the model are, and recognized. Exits
/// with code 1 if no photo shows a face.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces locate faces.safetensors photo.jpg --output marked.png\n  dlkit eigenfaces locate faces.safetensors album --output marked --csv album.csv"
)]
pub(crate) struct Args {
    /// Model written by `dlkit eigenfaces fit`.
    model: PathBuf,
    /// Photos, directories of them, or patterns such as 'album/*.jpg'.
    #[arg(required = true, value_name = "FILE|DIR|GLOB")]
    inputs: Vec<PathBuf>,
    /// Photo to write, with a numbered square around each face: orange if known, blue if unknown, gray if the
    /// model sees no face. For several photos, a directory.
    #[arg(long, short, value_name = "FILE|DIR", help_heading = "Results")]
    output: Option<PathBuf>,
    /// Side of the smallest face to look for, in pixels from brows to chin [default: 24, or 1/30 of the shorter
    /// side of a large photo].
    #[arg(long, value_name = "PX", help_heading = "Detection")]
    min_face: Option<usize>,
    /// Number of windows around a face that must pass the cascade; fewer find more faces and more false ones.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Detection")]
    votes: u16,
    /// Distance between faces [default: cosine; euclidean if the model compares faces by a single number].
    #[arg(long, value_enum, help_heading = "Recognition")]
    metric: Option<MetricName>,
    /// Number of nearest people to show.
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Recognition")]
    top: u16,
    #[command(flatten)]
    thresholds: ThresholdOptions,
    #[command(flatten)]
    files: ResultFiles,
}

/// The JSON object.
#[derive(Serialize)]
struct Answer {
    model: String,
    metric: Metric,
    thresholds: Thresholds,
    photos: Vec<Photo>,
    notes: Vec<String>,
    written: Vec<String>,
    #[serde(flatten)]
    failures: Failures,
}

/// A photo and its faces.
#[derive(Serialize)]
struct Photo {
    file: String,
    width: usize,
    height: usize,
    faces: Vec<Recognized>,
}

/// How faces are looked for.
struct Search<'a> {
    args: &'a Args,
    model: &'a Eigenfaces,
    detector: Detector,
    frame: FaceFrame,
    metric: Metric,
}

/// Where the marked photos go.
enum Output {
    None,
    File(PictureFormat, PathBuf),
    Directory(Folder),
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let mut failures = Failures::default();
    let mut notes = Notes::new(console);
    let photos: Vec<PathBuf> = args
        .inputs
        .iter()
        .flat_map(|input| expanded(input, &mut failures))
        .collect::<Vec<_>>()
        .into_iter()
        .flat_map(|input| pictures_of(&input, &mut failures, console))
        .collect();
    let output = output(args, &photos)?;
    let mut model = read_model(&args.model)?;
    let metric = chosen_metric(args.metric, &model, &mut notes);
    notes.extend(args.thresholds.apply(&mut model, metric)?);
    let detector = Detector::frontal()?;
    let known = model.face_frame(&detector);
    if known.is_none() {
        notes.extend([NO_FRAME.to_owned()]);
    }
    let frame = known.unwrap_or_else(|| FaceFrame::usual(model.width(), model.height()));
    let search = Search { args, model: &model, detector, frame, metric };
    let (mut found, mut all, mut values, mut written) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for path in &photos {
        match search.photo(path, &output) {
            Ok((photo, cuts, staged)) => {
                values.extend(cuts);
                all.extend(photo.faces.iter().cloned());
                found.push(photo);
                written.extend(staged);
            }
            Err(error) => failures.add(path, &error),
        }
    }
    let thresholds = Thresholds {
        face: model.calibration().face,
        known: model.calibration().known[Rule::Nearest(metric).index()],
        mean_distance: model.calibration().known[Rule::Mean.index()],
    };
    let mut files = Vec::new();
    if !found.is_empty() {
        console.line(text(&found, &all, &thresholds))?;
        for staged in written {
            let path = publish("--output", staged, args.files.is_forced())?;
            files.push(path.display().to_string());
        }
        files.extend(args.files.write(&model, &all, &values)?);
    }
    if !files.is_empty() {
        console.line(format!("written: {}", files.join(", ")))?;
    }
    let status = match failures.conclude(found.len()) {
        ExitStatus::Done if all.is_empty() => ExitStatus::No,
        status => status,
    };
    let (model, notes) = (args.model.display().to_string(), notes.into_all());
    let written = files;
    console.object(&Answer {
        model,
        metric,
        thresholds,
        photos: found,
        notes,
        written,
        failures,
    })?;
    Ok(status)
}

/// Note for models whose pictures do not show where a face belongs.
const NO_FRAME: &str = "no face can be located in most fitted pictures of the model, so that its margin around a face \
     is unknown, and the people named may be wrong; fit the model with --align";

/// Checks what is written before slow work starts.
fn output(args: &Args, photos: &[PathBuf]) -> Result<Output> {
    let inputs: Vec<&Path> =
        std::iter::once(&args.model).chain(&args.inputs).map(PathBuf::as_path).collect();
    let file = args.output.as_deref().filter(|path| path.extension().is_some());
    args.files.check(&inputs, args.output.as_deref())?;
    let Some(path) = &args.output else { return Ok(Output::None) };
    let several = args.inputs.len() > 1 || photos.len() > 1;
    if let (Some(file), false) = (file, several) {
        check_no_run("--output", file)?;
        check_file("--output", file, args.files.is_forced())?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        check_outside("--output", folder.unwrap_or(Path::new(".")), &inputs)?;
        return Ok(Output::File(PictureFormat::of(file).context("--output")?, file.to_owned()));
    }
    if file.is_some() {
        bail!(
            "--output {}: several photos need a directory, a name without ending",
            path.display()
        );
    }
    check_outside("--output", path, &inputs)?;
    let names: Vec<String> = photos.iter().map(|photo| marked_name(photo)).collect();
    let mut sorted = names.clone();
    sorted.sort();
    if let Some([name, _]) = sorted.array_windows().find(|[name, next]| name == next) {
        bail!(
            "--output {}: two photos would be written as {}; locate them one by one",
            path.display(),
            name
        );
    }
    Folder::open("--output", path.clone(), args.files.is_forced(), &names).map(Output::Directory)
}

fn marked_name(photo: &Path) -> String {
    format!("{}.png", photo.file_stem().unwrap_or_default().to_string_lossy())
}

impl Search<'_> {
    /// The faces of a photo, their pixels, and the marked photo under a temporary name.
    fn photo(
        &self,
        path: &Path,
        output: &Output,
    ) -> Result<(Photo, Vec<Vec<f32>>, Option<StagedFile>)> {
        let (picture, _) = StoredPicture::open(path)?.upright();
        let gray = GrayPicture::of(&picture);
        let (width, height) = (self.model.width(), self.model.height());
        let config =
            DetectionConfig { smallest: self.args.min_face, votes: self.args.votes.into() };
        let found = self
            .detector
            .detect(&gray, &config)
            .with_context(|| format!("{}: cannot be searched; --min-face", path.display()))?;
        let shown = path.display().to_string();
        let (mut faces, mut values) = (Vec::new(), Vec::new());
        for (index, face) in found.iter().enumerate() {
            let cut = self.frame.cut(face, width, height).read(&gray, width, height);
            let recognized = self.model.recognize(&cut, self.metric, self.args.top.into())?;
            faces.push(Recognized {
                picture: format!("{shown}, face {}", index + 1),
                resized: false,
                located: Some(*face),
                label: None,
                placement: None,
                found: recognized,
            });
            if self.args.files.needs_pictures() {
                values.push(cut);
            }
        }
        let staged = marked(&picture, &faces, path, output)?;
        let photo = Photo { file: shown, width: gray.width, height: gray.height, faces };
        Ok((photo, values, staged))
    }
}

/// Draws the faces on the photo.
fn marked(
    picture: &DynamicImage,
    faces: &[Recognized],
    path: &Path,
    output: &Output,
) -> Result<Option<StagedFile>> {
    let (format, target) = match output {
        Output::None => return Ok(None),
        Output::File(format, target) => (format, target.clone()),
        Output::Directory(folder) => {
            folder.create()?;
            let target = folder.path().join(marked_name(path));
            (&PictureFormat::of(&target)?, target)
        }
    };
    let marks: Vec<Marked> = faces
        .iter()
        .filter_map(|face| {
            let at = face.located?;
            let color = match face.found.verdict {
                Verdict::Known | Verdict::Undecided => MarkColor::Orange,
                Verdict::Unknown => MarkColor::Blue,
                Verdict::NotAFace => MarkColor::Gray,
            };
            Some(Marked { corner: [at.x, at.y], side: at.side, color })
        })
        .collect();
    let drawn = DynamicImage::from(draw_marked(picture, &marks));
    let bytes = format.encode_with(&drawn, Metadata::default())?;
    let staged = StagedFile::write(&target, &bytes)
        .with_context(|| format!("cannot write {}", target.display()))?;
    Ok(Some(staged))
}

/// For the terminal: photos without faces, and a table of faces.
fn text(photos: &[Photo], all: &[Recognized], thresholds: &Thresholds) -> String {
    let mut parts: Vec<String> = photos
        .iter()
        .filter(|photo| photo.faces.is_empty())
        .map(|photo| format!("{}: no face", photo.file))
        .collect();
    if !all.is_empty() {
        parts.push(recognition_table(all, thresholds, false));
    }
    if photos.len() > 1 {
        let with = photos.iter().filter(|photo| !photo.faces.is_empty()).count();
        parts.push(format!("{} in {with} of {} photos", counted(all.len(), "face"), photos.len()));
    }
    parts.join("\n")
}
