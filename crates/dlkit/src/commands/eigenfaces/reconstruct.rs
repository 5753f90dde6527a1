//! `dlkit eigenfaces reconstruct`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dlkit_models::run::write_atomically;
use dlkit_vision::eigenfaces::{Eigenfaces, Reconstruction};
use serde::Serialize;

use super::figures::read_model;
use super::folder::{check_folder, list};
use super::options::PictureSize;
use super::pictures::read_file;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::write_picture;
use crate::report::{Rebuilt, error_chart, grey_png, rebuilt_sheet, rebuilt_table};

/// Rebuild pictures from the mean face and more and more eigenfaces.
///
/// Without --output the errors are printed only. The error is the root mean square of the
/// difference, in the unit of the pixels: 0 is black and 1 is white.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model that `fit` wrote.
    model: PathBuf,
    /// Pictures, .npy stacks, or directories of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// Numbers of eigenfaces to rebuild from; 0 gives the mean face [default: 1, 2, 4, ... and all].
    #[arg(long, value_name = "K,K,...", value_delimiter = ',', num_args = 1..)]
    components: Vec<usize>,
    /// Where the rebuilt pictures, a sheet of them and the error curve go.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Refuse pictures of another size instead of resizing them.
    #[arg(long)]
    strict: bool,
}

#[derive(Serialize)]
struct Answer {
    model: String,
    pictures: Vec<Line>,
    written: Vec<String>,
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
    if let Some(folder) = &args.output {
        let inputs: Vec<&Path> = args.inputs.iter().map(PathBuf::as_path).collect();
        check_folder("--output", folder, &inputs)?;
    }
    let numbers = numbers(&args.components, model.components());
    let target = PictureSize { width: model.width(), height: model.height() };
    let mut rebuilt = Vec::new();
    for input in &args.inputs {
        for mut file in list(input)?.files {
            file.name = file.path.display().to_string();
            for (name, picture, resized) in read_file(&file, target, args.strict)? {
                let steps = model
                    .reconstruct(&picture, &numbers)
                    .with_context(|| format!("{name} cannot be rebuilt"))?;
                rebuilt.push(Rebuilt { name, picture, resized, steps });
            }
        }
    }
    let resized = rebuilt.iter().filter(|picture| picture.resized).count();
    if resized > 0 {
        console
            .warning(format!("{resized} of {} pictures were resized to {target}", rebuilt.len()));
    }
    let written = match &args.output {
        Some(folder) => write(folder, &model, &rebuilt)?,
        None => Vec::new(),
    };
    console.line(rebuilt_table(&rebuilt))?;
    if let Some(folder) = &args.output {
        console.line(format!("written: {} files in {}", written.len(), folder.display()))?;
    }
    let pictures = rebuilt.into_iter().map(line).collect();
    console.object(&Answer { model: args.model.display().to_string(), pictures, written })?;
    Ok(ExitStatus::Done)
}

/// What was asked for, or powers of two and all there are.
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

fn write(folder: &Path, model: &Eigenfaces, rebuilt: &[Rebuilt]) -> Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut files = vec![("rebuilt.png".to_owned(), rebuilt_sheet(model, rebuilt).to_png()?)];
    for (index, picture) in rebuilt.iter().enumerate() {
        let stem = Path::new(&picture.name).file_stem().unwrap_or_default().to_string_lossy();
        for step in &picture.steps {
            let name = format!("{}-{stem}-k{}.png", index + 1, step.components);
            files.push((name, grey_png(&step.picture, model.width(), model.height())?));
        }
    }
    let mut written = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        write_atomically(&path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path.display().to_string());
    }
    let paths = write_picture(&error_chart(rebuilt).to_svg(), &folder.join("error"))?;
    written.extend(paths.iter().map(|path| path.display().to_string()));
    Ok(written)
}
