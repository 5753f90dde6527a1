//! `dlkit completions`.

use anyhow::Result;
use clap::Command;
use clap_complete::{Shell, generate};
use serde::Serialize;

use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit completions bash > ~/.local/share/bash-completion/completions/dlkit\n  dlkit completions zsh > ~/.zfunc/_dlkit"
)]
pub(crate) struct Args {
    /// Shell.
    shell: Shell,
}

#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

/// Prints the completion script of a command.
pub(crate) fn run(args: &Args, mut command: Command, console: Console) -> Result<ExitStatus> {
    let mut script = Vec::new();
    generate(args.shell, &mut command, "dlkit", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    if console.is_json() {
        console.object(&Script { shell: args.shell.to_string(), script })?;
    } else {
        print(&script)?;
    }
    Ok(ExitStatus::Done)
}
