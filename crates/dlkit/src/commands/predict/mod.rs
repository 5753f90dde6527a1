//! `dlkit predict`.

mod foreign;
mod output;
mod pictures;
mod rows;
mod understood;

use std::path::PathBuf;

use anyhow::{Result, bail};
use dlkit_models::tasks::AnyPredictor;

use crate::arguments::{DeviceArgs, TableFormatArgs, TrainedArgs};
use crate::console::Console;
use crate::exit::ExitStatus;

use foreign::{ForeignArgs, Named};
use output::OutputArgs;

/// Predict the classes of pictures, or a class or numbers for each row of CSV files
///
/// Converts pictures (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM, PPM) to gray and resizes them as the network
/// needs them. CSV files need a named column for each feature; - reads one from standard input. Reports files
/// and rows that cannot be used, continues with the others, and exits with code 1. A classifier of another
/// project (ONNX) needs the names of its classes, and how it takes pixels where that is not from 0 to 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit predict runs/mlp datasets/digits --top 3\n  dlkit predict mlp.onnx scan.png --invert\n  dlkit predict runs/prices houses.csv --output predicted.csv\n  dlkit predict resnet.onnx cat.jpg --classes imagenet.txt --mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225 --top 5"
)]
pub(crate) struct Args {
    #[command(flatten)]
    trained: TrainedArgs,
    /// Pictures or directories of pictures (subfolders included); for a table, CSV files or -.
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
    /// Number of most probable classes to show [default: 1].
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Results")]
    top: Option<u16>,
    #[command(flatten)]
    output: OutputArgs,
    /// Inverted brightness regardless of the recipe, for dark digits on light paper.
    #[arg(long, help_heading = "Input")]
    invert: bool,
    #[command(flatten)]
    format: TableFormatArgs,
    #[command(flatten)]
    foreign: ForeignArgs,
    #[command(flatten)]
    device: DeviceArgs,
}

impl Args {
    /// The number of classes to show.
    fn top(&self) -> usize {
        self.top.unwrap_or(1).into()
    }

    /// Refuses an option that means nothing for what is predicted.
    fn refuse(&self, option: Option<&str>, what: &str) -> Result<()> {
        match option {
            None => Ok(()),
            Some(option) => bail!("{option} {what}; {} does not, so leave it out", self.run_name()),
        }
    }

    fn run_name(&self) -> String {
        self.trained.run.display().to_string()
    }
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    args.output.check(&args.inputs)?;
    let of_tables = "is for networks that take tables";
    let trained = match Named::open(args)? {
        Named::Own(trained) => trained,
        Named::Foreign(classifier) => {
            args.refuse(args.format.given(), of_tables)?;
            return foreign::predict(&classifier, args, console);
        }
    };
    let device = args.device.open()?;
    let of_pictures = "is for networks that take pictures";
    match trained.predictor(&device)? {
        AnyPredictor::Classes(predictor) => {
            args.refuse(args.format.given(), of_tables)?;
            let predictor = if args.invert { predictor.inverted() } else { *predictor };
            pictures::predict(&predictor, args, console)
        }
        AnyPredictor::RowClasses(predictor) => {
            args.refuse(args.invert.then_some("--invert"), of_pictures)?;
            rows::predict_classes(&predictor, args, console)
        }
        AnyPredictor::Numbers(predictor) => {
            args.refuse(args.invert.then_some("--invert"), of_pictures)?;
            args.refuse(args.top.map(|_| "--top"), "is for networks that name classes")?;
            rows::predict_numbers(&predictor, args, console)
        }
        AnyPredictor::Colors(_) => {
            let run = args.run_name();
            bail!("{run}: a colorizer; use dlkit colorize PICTURE --model {run}")
        }
    }
}
