//! `dlkit config init`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_file, publish};
use serde::Serialize;

use crate::arguments::{ForceArgs, check_no_run};
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// The starter recipe.
pub(crate) const STARTER: &str = include_str!("starter.toml");

/// Write a starter recipe with every key explained
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  dlkit config init\n  dlkit config init first.toml")]
pub(crate) struct Args {
    /// File to write [default: standard output].
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
            bail!("--force overwrites FILE; give one");
        }
        if console.is_json() {
            console.object(&Recipe { recipe: STARTER })?;
        } else {
            print(STARTER)?;
        }
        return Ok(ExitStatus::Done);
    };
    check_no_run("FILE", path)?;
    check_file("FILE", path, args.force.is_given())?;
    let staged = StagedFile::write(path, STARTER.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    publish("FILE", staged, args.force.is_given())?;
    console.line(format!("written: {0}; next: dlkit train {0}", path.display()))?;
    console.object(&Written { config: path.display().to_string() })?;
    Ok(ExitStatus::Done)
}
