//! `dlkit eigenfaces`: fits, applies, shows and evaluates face spaces.

mod compare;
mod cutting;
mod evaluate;
mod eye_table;
mod figures;
mod fit;
mod folder;
mod list_file;
mod locate;
mod named_file;
mod notes;
mod options;
mod pictures;
mod recognize;
mod reconstruct;
mod results;
mod size;
mod thresholds;

use anyhow::Result;

use crate::console::Console;
use crate::exit::ExitStatus;

/// Recognize faces by principal components
///
/// A picture is a point with one coordinate per pixel. Faces lie near a space of few dimensions; its axes,
/// drawn as pictures, are the eigenfaces.
#[derive(Debug, clap::Subcommand)]
#[command(
    after_help = "Examples:\n  dlkit eigenfaces fit datasets/faces/known --output faces.safetensors\n  dlkit eigenfaces recognize faces.safetensors picture.png"
)]
pub(crate) enum Command {
    Fit(fit::Args),
    Recognize(recognize::Args),
    Locate(locate::Args),
    Reconstruct(reconstruct::Args),
    Evaluate(evaluate::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Fit(args) => fit::run(&args, console),
        Command::Recognize(args) => recognize::run(&args, console),
        Command::Locate(args) => locate::run(&args, console),
        Command::Reconstruct(args) => reconstruct::run(&args, console),
        Command::Evaluate(args) => evaluate::run(&args, console),
    }
}
