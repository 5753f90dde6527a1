//! `--set`.

use dlkit_models::recipe::Override;

/// Changes to a recipe.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OverrideArgs {
    /// Override of a recipe key, such as training.learning_rate=0.01; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Input")]
    pub(crate) set: Vec<Override>,
}
