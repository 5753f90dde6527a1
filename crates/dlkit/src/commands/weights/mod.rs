//! `dlkit weights`: draws, animates, exports and imports weights.

mod animate;
mod export;
mod import;
mod plot;

use anyhow::Result;

use crate::console::Console;
use crate::exit::ExitStatus;

/// Draw, animate, export and import weights
#[derive(Debug, clap::Subcommand)]
#[command(
    after_help = "Examples:\n  dlkit weights plot runs/mlp --output weights.svg\n  dlkit weights export runs/mlp --output mlp.npz"
)]
pub(crate) enum Command {
    Plot(plot::Args),
    Animate(animate::Args),
    Export(export::Args),
    Import(import::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Plot(args) => plot::run(&args, console),
        Command::Animate(args) => animate::run(&args, console),
        Command::Export(args) => export::run(&args, console),
        Command::Import(args) => import::run(&args, console),
    }
}
