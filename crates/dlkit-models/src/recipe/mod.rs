//! Recipes: read from TOML, changed by overrides, checked, explained when wrong.

mod experiment;
mod faults;
mod locate;
mod overrides;
mod parse;
mod suited;

pub use crate::facts::Task;
pub use crate::value::{Padding, Pair};
pub use experiment::{Experiment, ExperimentConfig};
pub use overrides::{Override, OverrideError};
pub use parse::{ConfigError, parse_experiment};
