//! `dlkit new`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_models::tasks::propose;
use serde::Serialize;

use crate::arguments::{ForceArgs, TableFormatArgs, check_no_run};
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// Write a recipe for data: one that trains at once, with a comment at each choice
///
/// Looks at a directory of pictures in folders of classes, of photos without classes (to learn their colors), at IDX
/// files, or at a CSV file, and chooses task, input, network and training. The column to predict is named by --target, or guessed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit new flowers/ --output flowers.toml\n  dlkit new houses.csv --target price --output houses.toml\n  dlkit train houses.toml"
)]
pub(crate) struct Args {
    /// Directory of pictures, or CSV file.
    #[arg(value_name = "DIR|FILE.csv")]
    data: PathBuf,
    /// Columns of the table to predict, with commas between several [default: guessed].
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', help_heading = "Input")]
    target: Vec<String>,
    #[command(flatten)]
    format: TableFormatArgs,
    /// Recipe to write [default: standard output].
    #[arg(long, short, value_name = "FILE.toml", help_heading = "Results")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

#[derive(Serialize)]
struct Recipe {
    recipe: String,
}

#[derive(Serialize)]
struct Written {
    config: String,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    match &args.output {
        None if args.force.is_given() => bail!("--force overwrites the file of --output; give one"),
        None => {}
        Some(output) => {
            check_no_run("--output", output)?;
            check_distinct(
                &[("the data", Some(args.data.as_path()))],
                &[("--output", Some(output.as_path()))],
            )?;
            check_file("--output", output, args.force.is_given())?;
        }
    }
    if let (Some(option), true) = (args.format.given(), args.data.is_dir()) {
        bail!("{option} is for tables; {} is a directory, so leave it out", args.data.display());
    }
    let recipe = propose(&args.data, &args.target, args.format.config()?)?;
    let Some(output) = &args.output else {
        if console.is_json() {
            console.object(&Recipe { recipe })?;
        } else {
            print(&recipe)?;
        }
        return Ok(ExitStatus::Done);
    };
    let path = write(output, &recipe, args.force.is_given())?;
    console.line(format!("written: {path}; next: dlkit train {path}"))?;
    console.object(&Written { config: path })?;
    Ok(ExitStatus::Done)
}

fn write(output: &Path, recipe: &str, force: bool) -> Result<String> {
    let staged = StagedFile::write(output, recipe.as_bytes())
        .with_context(|| format!("cannot write {}", output.display()))?;
    Ok(publish("--output", staged, force)?.display().to_string())
}
