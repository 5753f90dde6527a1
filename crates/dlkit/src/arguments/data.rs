//! `--data`.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result};
use dlkit_models::recipe::Experiment;

/// Data in place of that of a run or a recipe.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataArgs {
    /// Other data of the same kind [default: the run's or recipe's own].
    #[arg(long, value_name = "DIR|FILE", help_heading = "Input")]
    data: Option<PathBuf>,
}

impl DataArgs {
    /// Where the data lies, if it was named.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// The experiment on this data.
    pub(crate) fn applied(&self, experiment: Experiment) -> Result<Experiment> {
        match &self.data {
            None => Ok(experiment),
            Some(data) => experiment.with_other_data(data).map_err(Error::msg),
        }
    }
}
