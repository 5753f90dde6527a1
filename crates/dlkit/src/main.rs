//! `dlkit`: trains, looks into and applies classic deep-learning models from the shell.

mod cli;
mod commands;
mod console;
mod device;
mod exit;
mod interrupt;
mod output;
mod plot;
mod progress;
mod recipe;
mod report;
mod source;

use clap::Parser;

use crate::cli::Cli;
use crate::console::Console;
use crate::exit::ExitStatus;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let console = Console::new(&cli.global);
    if let Err(error) = interrupt::listen() {
        console.warning(format!("cannot listen for Ctrl-C: {error}"));
    }
    match device::guarded(|| commands::run(cli, console)) {
        Ok(ExitStatus::Interrupted) => interrupt::end(),
        Ok(status) => status.into(),
        Err(error) => {
            console.fail(&error);
            exit::status_of(&error).into()
        }
    }
}
