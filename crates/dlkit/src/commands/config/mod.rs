//! `dlkit config`: checks, shows, creates and describes recipes.

mod check;
mod init;
mod schema;
mod show;

use anyhow::Result;

use crate::console::Console;
use crate::exit::ExitStatus;

/// Check, show, create and describe recipes
#[derive(Debug, clap::Subcommand)]
#[command(
    after_help = "Examples:\n  dlkit config init first.toml\n  dlkit config check first.toml"
)]
pub(crate) enum Command {
    Check(check::Args),
    Show(show::Args),
    Init(init::Args),
    Schema(schema::Args),
}

pub(crate) fn run(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Check(args) => check::run(&args, console),
        Command::Show(args) => show::run(&args, console),
        Command::Init(args) => init::run(&args, console),
        Command::Schema(args) => schema::run(&args),
    }
}
