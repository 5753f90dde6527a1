//! Recipes: read from TOML, changed by overrides, checked, explained when wrong.

pub(crate) mod choice;
mod experiment;
pub(crate) mod explain;
mod locate;
mod overrides;
pub(crate) mod padding;
pub(crate) mod pair;
mod parse;

pub use experiment::{Experiment, ExperimentConfig, Task};
pub use overrides::{Override, OverrideError};
pub use padding::Padding;
pub use pair::Pair;
pub use parse::{ConfigError, parse_experiment};
