//! `dlkit eigenfaces`: face spaces fitted, applied, looked into and measured.

mod evaluate;
mod figures;
mod fit;
mod folder;
mod options;
mod pictures;
mod recognize;
mod reconstruct;

use anyhow::Result;

pub(crate) use self::recognize::{Recognised, Thresholds};

use crate::console::Console;
use crate::exit::ExitStatus;

/// Find out whether pictures are faces, and whose, by their principal components.
///
/// A picture is a point with one coordinate for each pixel; faces lie near a space of few
/// dimensions, whose axes, drawn as pictures, are the eigenfaces.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Fit(fit::Args),
    Recognize(recognize::Args),
    Reconstruct(reconstruct::Args),
    Evaluate(evaluate::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Fit(args) => fit::run(&args, console),
        Command::Recognize(args) => recognize::run(&args, console),
        Command::Reconstruct(args) => reconstruct::run(&args, console),
        Command::Evaluate(args) => evaluate::run(&args, console),
    }
}
