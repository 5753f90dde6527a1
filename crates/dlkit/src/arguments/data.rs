//! `--data`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::config::Experiment;

/// Data in place of that of a run or a recipe.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DataArgs {
    /// Other data of the same kind [default: the data of the run or recipe].
    #[arg(long, value_name = "DIR|FILE")]
    data: Option<PathBuf>,
}

impl DataArgs {
    /// Where the data lies, if it was named.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// The experiment on this data.
    pub(crate) fn applied(&self, experiment: Experiment) -> Result<Experiment> {
        let Some(data) = &self.data else { return Ok(experiment) };
        let config = &experiment.config().data;
        if config.path().is_none() {
            bail!(
                "--data {}: data of the kind \"{}\" is made up, not read",
                data.display(),
                config.kind()
            );
        }
        let absolute = std::path::absolute(data)
            .with_context(|| format!("cannot use --data {}", data.display()))?;
        Ok(experiment.with_data_path(absolute))
    }
}
