//! `dlkit config show`.

use anyhow::Result;

use crate::arguments::RecipeArgs;
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// Show a recipe with all overrides and defaults written out
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit config show configs/mnist/mlp.toml\n  dlkit config show configs/mnist/mlp.toml --set network.activation=elu"
)]
pub(crate) struct Args {
    #[command(flatten)]
    recipe: RecipeArgs,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let experiment = args.recipe.load()?;
    if console.is_json() {
        console.object(experiment.config())?;
    } else {
        print(&experiment.to_toml()?)?;
    }
    Ok(ExitStatus::Done)
}
