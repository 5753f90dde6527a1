//! `dlkit data`: verifies and shows data sets.

mod show;
mod table;
mod verify;

use anyhow::Result;

use crate::console::Console;
use crate::exit::ExitStatus;

/// Verify and show data sets
#[derive(Debug, clap::Subcommand)]
#[command(
    after_help = "Examples:\n  dlkit data verify datasets/mnist-small\n  dlkit data show --config configs/mnist/mlp.toml --output digits.png"
)]
pub(crate) enum Command {
    Show(show::Args),
    Verify(verify::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Show(args) => show::run(&args, console),
        Command::Verify(args) => verify::run(&args, console),
    }
}
