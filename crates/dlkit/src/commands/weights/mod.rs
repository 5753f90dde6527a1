//! `dlkit weights`: weights carried to other programs and back.

mod export;
mod import;

use anyhow::Result;

use crate::console::Console;
use crate::exit::ExitStatus;

/// Carry weights to other programs and back.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Export(export::Args),
    Import(import::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Export(args) => export::run(&args, console),
        Command::Import(args) => import::run(&args, console),
    }
}
