//! `dlkit config show`.

use anyhow::Result;

use crate::arguments::RecipeArgs;
use crate::console::{Console, print};
use crate::exit::ExitStatus;

/// Print a recipe with every override applied and every default written out.
#[derive(Debug, clap::Args)]
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
