//! `dlkit data show`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Error, Result, bail};
use dlkit_files::StagedFile;
use dlkit_models::data::{ImageData, ImageSet, ImagesConfig};
use dlkit_models::network::Shape;
use dlkit_models::recipe::Experiment;
use dlkit_models::tasks::classification::{ClassSource, ImageSource};
use serde::Serialize;

use crate::arguments::{OutputFile, OverrideArgs, check_outside, load_recipe, with_absolute_data};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::{Cell, PictureGrid};
use crate::report::counted;

/// Draw training pictures as a network sees them
///
/// Scales, grays and inverts pictures as the recipe says. With --augmented, each row shows one picture and how
/// the table [data.augmentation] changes it in the first epochs of a training. Normalization by the mean and
/// deviation of the recipe is not drawn. Class names are below the pictures.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit data show --config configs/mnist/mlp.toml --output digits.png\n  dlkit data show photos --config mine.toml --augmented --output sheet.png"
)]
pub(crate) struct Args {
    /// Data directory [default: the recipe's own].
    directory: Option<PathBuf>,
    /// Recipe that says how pictures are read.
    #[arg(long, short, value_name = "RECIPE", help_heading = "Input")]
    config: PathBuf,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Changes by [data.augmentation], several draws of each picture.
    #[arg(long, help_heading = "Results")]
    augmented: bool,
    /// Number of pictures, spread over the classes [default: 40; with --augmented: 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "Results")]
    samples: Option<u16>,
    #[command(flatten)]
    output: OutputFile,
}

/// Epochs whose changes are drawn.
const EPOCHS: usize = 7;
/// Pictures in a row without changes.
const COLUMNS: usize = 10;

#[derive(Serialize)]
struct Answer {
    data: String,
    output: String,
    augmented: bool,
    pictures: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    /// Index within the training pictures, by class and file name or in the order of the IDX file.
    index: usize,
    class: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    args.output.check()?;
    let experiment = experiment(args)?;
    let config = experiment.config();
    let Some(images) = config.data.images() else {
        bail!(
            "{}: its data is of kind \"{}\"; dlkit data show draws pictures of classes, of the kinds \
             \"mnist\" and \"image-folder\"",
            args.config.display(),
            config.data.kind()
        );
    };
    if args.augmented && images.augmentation.is_none() {
        bail!(
            "--augmented: {} has no table [data.augmentation]; add it, such as --set data.augmentation.turn=10",
            args.config.display()
        );
    }
    check_outside("--output", &args.output.output, &[images.path.as_path()])?;
    let data = ImageData::load(&config.data, experiment.network().input())?;
    console.warn_left_out(&data.left_out);
    let usual = if args.augmented { 8 } else { 40 };
    let chosen = chosen(&data.train, data.classes.len(), args.samples.map_or(usual, usize::from));
    let grid = grid(args, (images, config.seed), &data, &chosen)?;
    let staged = StagedFile::write(&args.output.output, &grid.to_png()?)
        .with_context(|| format!("cannot write {}", args.output.name()))?;
    args.output.publish(staged)?;
    let drawn = counted(chosen.len(), "picture");
    console.line(format!(
        "written: {}, {drawn} of {}",
        args.output.name(),
        images.path.display()
    ))?;
    let class = |&index: &usize| Shown { index, class: class_of(&data, index).to_owned() };
    console.object(&Answer {
        data: images.path.display().to_string(),
        output: args.output.name(),
        augmented: args.augmented,
        pictures: chosen.iter().map(class).collect(),
    })?;
    Ok(ExitStatus::Done)
}

fn experiment(args: &Args) -> Result<Experiment> {
    let sets_path = args.overrides.set.iter().any(|change| change.key() == "data.path");
    if args.directory.is_some() && sets_path {
        bail!("the data directory and --set data.path both name the data; give one of them");
    }
    let recipe: &Path = &args.config;
    let experiment = load_recipe(recipe, &args.overrides.set)?;
    match &args.directory {
        Some(directory) => experiment.with_other_data(directory).map_err(Error::msg),
        None => Ok(with_absolute_data(experiment, recipe)),
    }
}

/// Indices of pictures, spread evenly over the classes and within each, sorted by class.
fn chosen(images: &ImageSet, classes: usize, count: usize) -> Vec<usize> {
    let mut of_class = vec![Vec::new(); classes];
    for (index, label) in images.labels().iter().enumerate() {
        if let Some(own) = of_class.get_mut(*label as usize) {
            own.push(index);
        }
    }
    let mut wanted = vec![0; classes];
    let mut left = count.min(images.len());
    // One of each class in turn, while there are more.
    while left > 0 {
        for (wanted, own) in wanted.iter_mut().zip(&of_class) {
            if left > 0 && *wanted < own.len() {
                *wanted += 1;
                left -= 1;
            }
        }
    }
    let spread = |(own, wanted): (&Vec<usize>, usize)| -> Vec<usize> {
        (0..wanted).map(|place| own[place * own.len() / wanted]).collect()
    };
    of_class.iter().zip(wanted).flat_map(spread).collect()
}

fn class_of(data: &ImageData, index: usize) -> &str {
    let label = data.train.labels().get(index).map_or(usize::MAX, |label| *label as usize);
    data.classes.get(label).map_or("", String::as_str)
}

fn grid(
    args: &Args,
    (images, seed): (&ImagesConfig, u64),
    data: &ImageData,
    chosen: &[usize],
) -> Result<PictureGrid> {
    let Shape::Maps { channels, height, width } = data.train.shape() else {
        bail!("network.input: pictures need [channels, height, width]");
    };
    let plain = ImageSource::new(Arc::new(data.train.clone()), images.into());
    let changed = images.augmentation.filter(|_| args.augmented);
    let changed = changed.and_then(|augmentation| plain.augmented(augmentation, seed));
    let mut cells = Vec::new();
    for &index in chosen {
        let name = class_of(data, index).to_owned();
        cells.push(Cell { name, values: plain.picture(index, 0)?.into_owned() });
        for epoch in changed.iter().flat_map(|_| 1..=EPOCHS) {
            if let Some(changed) = &changed {
                let values = changed.picture(index, epoch)?.into_owned();
                cells.push(Cell { name: format!("epoch {epoch}"), values });
            }
        }
    }
    let note = if args.augmented {
        format!("left: as read; then as changed in epochs 1 to {EPOCHS}, seed {seed}")
    } else {
        "training part, without changes".to_owned()
    };
    Ok(PictureGrid {
        title: format!("{}: {channels} x {height} x {width}", images.path.display()),
        note,
        columns: if args.augmented { EPOCHS + 1 } else { COLUMNS },
        width,
        height,
        cells,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_spread_over_classes_and_within_each() {
        let directory = tempfile::tempdir().unwrap();
        for (class, count) in [("a", 9), ("b", 2), ("c", 4)] {
            for index in 0..count {
                let path = directory.path().join(class).join(format!("{index}.png"));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                image::GrayImage::new(3, 2).save(path).unwrap();
            }
        }
        let recipe = format!(
            "task = \"classification\"\ndata = {{ kind = \"image-folder\", path = {:?} }}\n\
             network = {{ input = [1, 2, 3], layers = [{{ type = \"flatten\" }}] }}",
            directory.path()
        );
        let experiment = dlkit_models::recipe::parse_experiment(&recipe, "recipe", &[]).unwrap();
        let shape = experiment.network().input();
        let images = ImageData::load(&experiment.config().data, shape).unwrap().train;
        assert_eq!(chosen(&images, 3, 7), [0, 3, 6, 9, 10, 11, 13]);
        assert_eq!(chosen(&images, 3, 2), [0, 9]);
        assert_eq!(chosen(&images, 3, 99).len(), 15);
    }
}
