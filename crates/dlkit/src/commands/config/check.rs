//! `dlkit config check`.

use anyhow::Result;
use serde::Serialize;

use crate::arguments::RecipeArgs;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::thousands;

/// Check a recipe: keys, types, ranges, and that the layers fit together
///
/// Does not read the data.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit config check configs/mnist/mlp.toml\n  dlkit config check configs/mnist/mlp.toml --set network.activation=elu"
)]
pub(crate) struct Args {
    #[command(flatten)]
    recipe: RecipeArgs,
}

#[derive(Serialize)]
struct Checked {
    config: String,
    layers: usize,
    parameters: usize,
    input: Vec<usize>,
    output: Vec<usize>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let experiment = args.recipe.load()?;
    let network = experiment.network();
    let name = args.recipe.path().display();
    console.line(format!(
        "{name}: valid; {} layers, input {}, output {}, {} parameters",
        experiment.config().network.layers.len(),
        network.input(),
        network.output(),
        thousands(network.parameters()),
    ))?;
    console.object(&Checked {
        config: name.to_string(),
        layers: experiment.config().network.layers.len(),
        parameters: network.parameters(),
        input: network.input().into(),
        output: network.output().into(),
    })?;
    Ok(ExitStatus::Done)
}
