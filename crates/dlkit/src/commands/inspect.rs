//! `dlkit inspect`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;
use dlkit_models::config::{ConfigError, Override};
use dlkit_models::network::{NetworkSummary, Shape};
use dlkit_models::run::RunDirectory;
use serde::Serialize;

use crate::console::{Console, print};
use crate::exit::ExitStatus;
use crate::recipe::load_recipe;
use crate::report::{network_dot, network_markdown, network_svg, network_table};

/// Show a network layer by layer: types, shapes, parameters, multiply-adds, receptive field.
///
/// If the layers do not fit together, the table goes up to the one that fails, and the exit code
/// is 2.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A recipe or a run directory.
    #[arg(value_name = "CONFIG|RUN")]
    network: PathBuf,
    /// Change a value of the recipe, such as network.activation=elu; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Override>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table for the terminal.
    Table,
    /// A Markdown table.
    Markdown,
    /// A graph for Graphviz.
    Dot,
    /// A picture; nothing else is needed.
    Svg,
}

#[derive(Serialize)]
struct Inspection<'a> {
    network: String,
    #[serde(flatten)]
    summary: &'a NetworkSummary,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let summary = match load(&args.network, &args.set) {
        Ok(summary) => summary,
        Err(error) => {
            if let Some(partial) = partial_table(&error) {
                console.line(partial)?;
            }
            return Err(error);
        }
    };
    if console.is_json() {
        let network = args.network.display().to_string();
        console.object(&Inspection { network, summary: &summary })?;
        return Ok(ExitStatus::Done);
    }
    match args.format {
        Format::Table => console.line(network_table(&summary))?,
        Format::Markdown => print(&network_markdown(&summary))?,
        Format::Dot => print(&network_dot(&summary))?,
        Format::Svg => print(&network_svg(&summary))?,
    }
    Ok(ExitStatus::Done)
}

fn load(path: &Path, overrides: &[Override]) -> Result<NetworkSummary> {
    let experiment = if path.is_dir() {
        RunDirectory::open(path)?.experiment()?
    } else {
        load_recipe(path, overrides)?
    };
    Ok(NetworkSummary::new(experiment.network()))
}

/// The layers before the one that does not fit.
fn partial_table(error: &anyhow::Error) -> Option<String> {
    let Some(ConfigError::Value { before, .. }) = error.downcast_ref() else { return None };
    let input: Shape = before.first()?.input();
    Some(network_table(&NetworkSummary::of_layers(input, before)))
}
