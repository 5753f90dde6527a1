//! `dlkit completions`.

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use serde::Serialize;

use crate::cli::Cli;
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// Print the completion script of a shell.
///
/// For bash: `dlkit completions bash > ~/.local/share/bash-completion/completions/dlkit`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "dlkit", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    if console.is_json() {
        console.object(&Script { shell: args.shell.to_string(), script })?;
    } else {
        print(&script)?;
    }
    Ok(ExitStatus::Done)
}
