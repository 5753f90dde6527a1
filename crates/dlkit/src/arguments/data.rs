//! `--data`.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result};
use dlkit_models::recipe::Experiment;

/// Data that replaces the data of a run or a recipe.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataArgs {
    /// Other data of the same kind [default: the run's or recipe's own].
    #[arg(long, value_name = "DIR|FILE", help_heading = "Input")]
    data: Option<PathBuf>,
}

impl DataArgs {
    /// Path of the data, if given.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Applies the data to an experiment.
    pub(crate) fn applied(&self, experiment: Experiment) -> Result<Experiment> {
        match &self.data {
            None => Ok(experiment),
            Some(data) => experiment.with_other_data(data).map_err(Error::msg),
        }
    }
}
