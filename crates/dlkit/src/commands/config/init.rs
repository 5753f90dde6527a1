//! `dlkit config init`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_models::run::write_atomically;
use serde::Serialize;

use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// The recipe a user starts from.
pub(crate) const STARTER: &str = include_str!("starter.toml");

/// Write a recipe to start from, every key explained.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to write; printed when absent.
    #[arg(value_name = "FILE")]
    output: Option<PathBuf>,
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
        if console.is_json() {
            console.object(&Recipe { recipe: STARTER })?;
        } else {
            print(STARTER)?;
        }
        return Ok(ExitStatus::Done);
    };
    if path.exists() {
        bail!("{} already exists; choose another FILE or remove it", path.display());
    }
    write_atomically(path, STARTER.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    console.line(format!("wrote {0}; next: dlkit train --config {0}", path.display()))?;
    console.object(&Written { config: path.display().to_string() })?;
    Ok(ExitStatus::Done)
}
