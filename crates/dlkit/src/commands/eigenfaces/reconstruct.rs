//! `dlkit eigenfaces reconstruct`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_vision::eigenfaces::{Eigenfaces, Reconstruction};
use serde::Serialize;

use super::cutting::{Cutting, CuttingOptions, Face};
use super::figures::read_model;
use super::folder::{Found, files_of};
use super::named_file::File;
use super::pictures::{read_file, resized_note};
use super::size::PictureSize;
use crate::arguments::{Failures, Folder, OutputDirectory, check_outside, picture_names};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Rebuilt, error_chart, gray_png, rebuilt_sheet, rebuilt_table};

/// Reconstruct pictures from the mean face and increasing numbers of eigenfaces
///
/// With --output, writes the reconstructions, a sheet of them and the error curve. The error is the root
/// mean square difference of pixels, where 0 is black and 1 is white. Reports a file that cannot be read,
/// continues with the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces reconstruct faces.safetensors picture.png --output rebuilt\n  dlkit eigenfaces reconstruct faces.safetensors album --components 1,5,20"
)]
pub(crate) struct Args {
    /// Model written by `dlkit eigenfaces fit`.
    model: PathBuf,
    /// Pictures, .npy stacks, or directories of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// Numbers of eigenfaces; 0 gives the mean face [default: 1, 2, 4, ... and all].
    #[arg(long, value_name = "K,K,...", value_delimiter = ',', help_heading = "Results")]
    components: Vec<usize>,
    #[command(flatten)]
    output: OutputDirectory,
    #[command(flatten)]
    cutting: CuttingOptions,
    /// Report pictures of another size as errors instead of resizing them.
    #[arg(long, help_heading = "Input")]
    strict: bool,
}

#[derive(Serialize)]
struct Answer {
    model: String,
    pictures: Vec<Line>,
    written: Vec<String>,
    #[serde(flatten)]
    failures: Failures,
}

#[derive(Serialize)]
struct Line {
    picture: String,
    resized: bool,
    errors: Vec<Error>,
}

#[derive(Serialize)]
struct Error {
    components: usize,
    root_mean_square: f64,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let model = read_model(&args.model)?;
    if let Some(folder) = args.output.path() {
        let inputs: Vec<&Path> = args.inputs.iter().map(PathBuf::as_path).collect();
        check_outside("--output", folder, &inputs)?;
    }
    let curve = picture_names(CURVE);
    let folder = args.output.open(&[&[SHEET.to_owned()][..], &curve].concat())?;
    let numbers = numbers(&args.components, model.components());
    if let Some(number) = numbers.iter().find(|number| **number > model.components()) {
        bail!("--components {number}: choose from 0 to {}", model.components());
    }
    let target = PictureSize { width: model.width(), height: model.height() };
    let cutting = args.cutting.for_model(&model, &args.inputs)?;
    let (mut rebuilt, mut failures) = (Vec::new(), Failures::default());
    let Found { files, left_out } = files_of(&args.inputs, &mut failures);
    if let Some(left_out) = left_out {
        console.warning(left_out);
    }
    for file in files {
        match rebuild(&model, &file, &numbers, args.strict, &cutting) {
            Ok(pictures) => {
                for picture in pictures {
                    match picture {
                        Ok(picture) => rebuilt.push(picture),
                        Err(error) => failures.add(&file.path, &error),
                    }
                }
            }
            Err(error) => failures.add(&file.path, &error),
        }
    }
    let resized = rebuilt.iter().filter(|picture| picture.resized).count();
    if resized > 0 {
        console.warning(resized_note(resized, rebuilt.len(), target));
    }
    let mut written = Vec::new();
    if let (Some(folder), false) = (&folder, rebuilt.is_empty()) {
        written = write(folder, &model, &rebuilt)?;
    }
    if !rebuilt.is_empty() {
        console.line(rebuilt_table(&rebuilt))?;
    }
    if let (Some(folder), false) = (&folder, written.is_empty()) {
        console.line(format!("written: {} files in {}", written.len(), folder.path().display()))?;
    }
    let status = failures.conclude(rebuilt.len());
    let pictures = rebuilt.into_iter().map(line).collect();
    let model = args.model.display().to_string();
    console.object(&Answer { model, pictures, written, failures })?;
    Ok(status)
}

/// Reconstructions of the pictures of a file.
fn rebuild(
    model: &Eigenfaces,
    file: &File,
    numbers: &[usize],
    strict: bool,
    cutting: &Cutting,
) -> Result<Vec<Result<Rebuilt>>> {
    let target = PictureSize { width: model.width(), height: model.height() };
    let one = |(name, face): (String, Face)| {
        let Face { values: picture, resized, .. } = face;
        let steps = model
            .reconstruct(&picture, numbers)
            .with_context(|| format!("{name}: cannot be reconstructed"))?;
        Ok(Rebuilt { name, picture, resized, steps })
    };
    let faces = read_file(file, target, strict, cutting)?;
    Ok(faces.into_iter().map(|face| one(face?)).collect())
}

const SHEET: &str = "rebuilt.png";
const CURVE: &str = "error";

/// The requested numbers of eigenfaces, or powers of two and all.
fn numbers(asked: &[usize], available: usize) -> Vec<usize> {
    let mut numbers = asked.to_vec();
    if numbers.is_empty() {
        let powers = std::iter::successors(Some(1_usize), |power| power.checked_mul(2));
        numbers = powers.take_while(|power| *power < available).collect();
        numbers.push(available);
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn line(rebuilt: Rebuilt) -> Line {
    let error =
        |step: Reconstruction| Error { components: step.components, root_mean_square: step.error };
    Line {
        picture: rebuilt.name,
        resized: rebuilt.resized,
        errors: rebuilt.steps.into_iter().map(error).collect(),
    }
}

fn write(folder: &Folder, model: &Eigenfaces, rebuilt: &[Rebuilt]) -> Result<Vec<String>> {
    let mut files = vec![(SHEET.to_owned(), rebuilt_sheet(model, rebuilt).to_png()?)];
    for (index, picture) in rebuilt.iter().enumerate() {
        let stem = Path::new(&picture.name).file_stem().unwrap_or_default().to_string_lossy();
        for step in &picture.steps {
            let name = format!("{}-{stem}-k{}.png", index + 1, step.components);
            files.push((name, gray_png(&step.picture, model.width(), model.height())?));
        }
    }
    // Only now is the number of pictures known.
    folder.check(&files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())?;
    let mut written = Vec::new();
    for (name, bytes) in files {
        written.push(folder.write(&name, &bytes)?);
    }
    written.extend(folder.write_picture(CURVE, &error_chart(rebuilt).to_svg())?);
    Ok(written)
}
