//! `dlkit config schema`.

use anyhow::{Context, Result};
use dlkit_models::recipe::ExperimentConfig;

use crate::console::print;
use crate::exit::ExitStatus;

/// Print the JSON Schema of recipes
///
/// Editors use it to complete and check TOML.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  dlkit config schema > recipe.schema.json")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<ExitStatus> {
    let schema = schemars::schema_for!(ExperimentConfig);
    let text = serde_json::to_string_pretty(&schema).context("cannot write the schema")?;
    print(&(text + "\n"))?;
    Ok(ExitStatus::Done)
}
