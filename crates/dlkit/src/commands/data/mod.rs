//! `dlkit data`: verifies data sets.

mod table;
mod verify;

use anyhow::Result;

use crate::console::Console;
use crate::exit::ExitStatus;

/// Verify data sets
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:\n  dlkit data verify datasets/mnist-small")]
pub(crate) enum Command {
    Verify(verify::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Verify(args) => verify::run(&args, console),
    }
}
