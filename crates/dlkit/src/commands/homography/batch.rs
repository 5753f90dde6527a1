//! Many pictures, warped alike.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::picture::{PictureFormat, StoredPicture, picture_files};
use dlkit_vision::warp::{Background, Canvas};
use serde::Serialize;

use super::Args;
use super::drawing::encoded_warp;
use super::file_args::names_a_picture;
use super::mapping::{Mapping, find_mapping};
use super::page::exif_focal;
use crate::arguments::{Failures, Folder, check_no_run, expanded, is_pattern};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::counted;

/// The result for many pictures.
#[derive(Serialize)]
struct Answer {
    files: Vec<Done>,
    /// Number of skipped pictures, whose results exist.
    skipped: usize,
    #[serde(flatten)]
    failures: Failures,
}

/// A warped picture.
#[derive(Serialize)]
struct Done {
    input: String,
    output: String,
    canvas: Canvas,
    /// The picture's own homography: it depends on its size if the page's size is not given.
    matrix: [[f64; 3]; 3],
    notes: Vec<String>,
}

/// A picture and the name of its result, relative to the directory of `--output`.
struct Job {
    input: PathBuf,
    name: String,
}

/// Whether the command is about many pictures: several are given, or a directory, a pattern, or a
/// directory for the results.
pub(super) fn is_batch(args: &Args) -> bool {
    let Some(image) = args.image.as_ref().filter(|_| args.files.map.is_none()) else {
        return false;
    };
    !args.files.more.is_empty()
        || image.is_dir()
        || is_pattern(image)
        || args.output.as_ref().is_some_and(|output| !names_a_picture(output))
}

pub(super) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let output = args.output.clone().context("several pictures need --output DIR")?;
    // What is wrong with the matrix or the points is said once.
    let shared = match args.of_page.page {
        None => Some(find_mapping(args, None, None)?),
        // Each picture has its own page.
        Some(_) => None,
    };
    let estimate = shared.as_ref().and_then(|shared| shared.estimate.as_ref());
    for warning in estimate.into_iter().flat_map(|estimate| &estimate.warnings) {
        console.warning(warning);
    }
    if args.corners.is_none() {
        for note in shared.iter().flat_map(|shared| &shared.notes) {
            console.warning(note);
        }
    }
    let mut failures = Failures::default();
    let given: Vec<PathBuf> = args.image.iter().chain(&args.files.more).cloned().collect();
    let jobs = jobs(args, &given, &mut failures, console)?;
    if jobs.is_empty() && failures.is_empty() {
        bail!("no pictures found");
    }
    let found = jobs.len();
    let is_left = |job: &Job| !(args.files.skip_existing && output.join(&job.name).exists());
    let jobs: Vec<Job> = jobs.into_iter().filter(is_left).collect();
    let skipped = found - jobs.len();
    if skipped > 0 {
        console.line(format!("{} skipped: their results exist", counted(skipped, "picture")))?;
    }
    let folder = checked_folder(args, output, &jobs, &given)?;
    let mut files = Vec::new();
    for job in &jobs {
        match warped(args, job, &folder, shared.as_ref()) {
            Ok(done) => {
                let Canvas { width, height, .. } = done.canvas;
                console.line(format!("{} -> {} ({width}x{height})", done.input, done.output))?;
                for note in &done.notes {
                    console.warning(format!("{}: {note}", done.input));
                }
                files.push(done);
            }
            Err(error) => {
                let error = error.context(format!("{}: not warped", job.input.display()));
                failures.add(&job.input, &error);
            }
        }
    }
    let status = failures.conclude(files.len() + skipped);
    console.object(&Answer { files, skipped, failures })?;
    Ok(status)
}

/// Checks, before slow work starts, that no result overwrites a picture, or an existing file without
/// `--force`.
fn checked_folder(args: &Args, output: PathBuf, jobs: &[Job], given: &[PathBuf]) -> Result<Folder> {
    let names: Vec<String> = jobs.iter().map(|job| job.name.clone()).collect();
    for name in &names {
        check_no_run("--output", &output.join(name))?;
    }
    let folder = Folder::open("--output", output, args.force.is_given(), &names)?;
    let pictures = jobs.iter().map(|job| job.input.clone());
    let inputs: Vec<PathBuf> = given.iter().cloned().chain(pictures).collect();
    folder.check_inputs(&names, "a picture", &inputs)?;
    Ok(folder)
}

/// The pictures of files, directories and patterns; inputs that cannot be used become failures.
fn jobs(
    args: &Args,
    given: &[PathBuf],
    failures: &mut Failures,
    console: Console,
) -> Result<Vec<Job>> {
    let mut jobs: Vec<Job> = Vec::new();
    let inputs: Vec<PathBuf> = given.iter().flat_map(|input| expanded(input, failures)).collect();
    let is_translucent = args.background.is_some_and(Background::is_translucent);
    for input in inputs {
        let listing = picture_files(std::slice::from_ref(&input));
        console.warn_left_out(&listing.left_out);
        for file in listing.files {
            let file = match file {
                Ok(file) => file,
                Err(error) => {
                    failures.add(&input, &error.into());
                    continue;
                }
            };
            let name = result_name(&file, &input, is_translucent);
            match jobs.iter().find(|job| job.name == name) {
                Some(first) if first.input == file => {}
                Some(first) => bail!(
                    "--output: {name} would be the result of two pictures, {} and {}; warp them one after \
                     the other, or rename one",
                    first.input.display(),
                    file.display()
                ),
                None => jobs.push(Job { input: file, name }),
            }
        }
    }
    Ok(jobs)
}

/// The name of a result: that of the picture below its directory, as PNG if results of its format
/// cannot be written or cannot hold the background.
fn result_name(file: &Path, given: &Path, is_translucent: bool) -> String {
    let relative = file.strip_prefix(given).ok().filter(|rest| !rest.as_os_str().is_empty());
    let name = relative
        .map_or_else(|| PathBuf::from(file.file_name().unwrap_or_default()), Path::to_owned);
    let is_writable =
        PictureFormat::of(&name).is_ok_and(|format| format.check(is_translucent, false).is_ok());
    let name = if is_writable { name } else { name.with_extension("png") };
    name.display().to_string()
}

fn warped(args: &Args, job: &Job, folder: &Folder, shared: Option<&Mapping>) -> Result<Done> {
    let stored = StoredPicture::open(&job.input)?;
    let mut notes: Vec<String> = stored.warning().into_iter().collect();
    let exif = exif_focal(&stored);
    let (picture, metadata) = stored.upright();
    let own;
    let mapping = match shared {
        Some(shared) if args.corners.is_none() => shared,
        // The proportions of the page depend on the picture.
        _ => {
            own = find_mapping(args, Some(&picture), exif)?;
            notes.extend(own.notes.iter().cloned());
            &own
        }
    };
    notes.extend(mapping.kept.note(&picture, args.invert));
    let path = folder.path().join(&job.name);
    let format = PictureFormat::of(&path)?;
    let (bytes, canvas) = encoded_warp(args, &format, (&picture, &metadata), mapping)?;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create {}", parent.display()))?;
    }
    let output = folder.write(&job.name, &bytes)?;
    let (input, matrix) = (job.input.display().to_string(), mapping.homography.rows());
    Ok(Done { input, output, canvas, matrix, notes })
}
