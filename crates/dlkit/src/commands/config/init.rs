//! `dlkit config init`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use serde::Serialize;

use crate::arguments::{ForceArgs, check_file};
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// The recipe a user starts from.
pub(crate) const STARTER: &str = include_str!("starter.toml");

/// Write a recipe to start from, every key explained.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// File to write; printed when absent.
    #[arg(value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

#[derive(Serialize)]
struct Recipe {
    recipe: &'static str,
}

#[derive(Serialize)]
struct Written {
    config: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let Some(path) = &args.output else {
        if args.force.is_given() {
            bail!("--force overwrites FILE; name one");
        }
        if console.is_json() {
            console.object(&Recipe { recipe: STARTER })?;
        } else {
            print(STARTER)?;
        }
        return Ok(ExitStatus::Done);
    };
    check_file("FILE", path, args.force.existing())?;
    let staged = StagedFile::write(path, STARTER.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    args.force.existing().publish(staged, "FILE")?;
    console.line(format!("wrote {0}; next: dlkit train {0}", path.display()))?;
    console.object(&Written { config: path.display().to_string() })?;
    Ok(ExitStatus::Done)
}
