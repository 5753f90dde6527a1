//! `dlkit config init`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_file, publish};
use serde::Serialize;

use crate::arguments::{ForceArgs, check_no_run};
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// What a starter recipe is for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum StarterName {
    /// Classes of pictures.
    Classification,
    /// Classes of the rows of a table.
    TableClassification,
    /// Numbers for the rows of a table.
    Regression,
    /// Colors for gray photos.
    Colorization,
}

impl StarterName {
    const fn recipe(self) -> &'static str {
        match self {
            Self::Classification => include_str!("starters/classification.toml"),
            Self::TableClassification => include_str!("starters/table-classification.toml"),
            Self::Regression => include_str!("starters/regression.toml"),
            Self::Colorization => include_str!("starters/colorization.toml"),
        }
    }
}

/// Write a starter recipe with every key explained
///
/// The recipe trains on data of the repository. For your own data, dlkit new writes one that fits it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit config init\n  dlkit config init first.toml\n  dlkit config init table.toml --task regression"
)]
pub(crate) struct Args {
    /// File to write [default: standard output].
    #[arg(value_name = "FILE")]
    output: Option<PathBuf>,
    /// What the recipe is for.
    #[arg(long, value_enum, default_value_t = StarterName::Classification)]
    task: StarterName,
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
    let starter = args.task.recipe();
    let Some(path) = &args.output else {
        if args.force.is_given() {
            bail!("--force overwrites FILE; give one");
        }
        if console.is_json() {
            console.object(&Recipe { recipe: starter })?;
        } else {
            print(starter)?;
        }
        return Ok(ExitStatus::Done);
    };
    check_no_run("FILE", path)?;
    check_file("FILE", path, args.force.is_given())?;
    let staged = StagedFile::write(path, starter.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    publish("FILE", staged, args.force.is_given())?;
    console.line(format!("written: {0}; next: dlkit train {0}", path.display()))?;
    console.object(&Written { config: path.display().to_string() })?;
    Ok(ExitStatus::Done)
}
