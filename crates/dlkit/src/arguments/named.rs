//! Networks as arguments, with their options.

use std::path::PathBuf;

use anyhow::{Result, bail};
use dlkit_models::Device;
use dlkit_models::network::NetworkSpec;
use dlkit_models::tasks::{NetworkPath, TrainedNetwork};

use super::checkpoint::CheckpointArgs;
use super::overrides::OverrideArgs;
use super::source::{Named, Source};

/// A run.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Run directory.
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
}

impl RunArgs {
    /// Opens it.
    ///
    /// # Errors
    /// The path is a frozen file or no run.
    pub(crate) fn open(&self) -> Result<TrainedNetwork> {
        if NetworkPath::of(&self.run) == NetworkPath::FrozenFile {
            bail!("{}: a frozen file; give a run directory", self.run.display());
        }
        Ok(TrainedNetwork::open(&self.run, self.checkpoint.chosen())?)
    }

    /// Its path as text.
    pub(crate) fn name(&self) -> String {
        self.run.display().to_string()
    }
}

/// A trained network: a run or a frozen file.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TrainedArgs {
    /// Run directory or frozen file.
    #[arg(value_name = "RUN|FILE.onnx")]
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
}

impl TrainedArgs {
    /// Opens it.
    pub(crate) fn open(&self) -> Result<TrainedNetwork> {
        Ok(TrainedNetwork::open(&self.run, self.checkpoint.chosen())?)
    }
}

/// A network: a recipe (untrained network), a run or a frozen file.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct NetworkArgs {
    /// Recipe (untrained network), run directory or frozen file.
    #[arg(value_name = "CONFIG|RUN|FILE.onnx")]
    pub(crate) network: PathBuf,
    #[command(flatten)]
    pub(crate) overrides: OverrideArgs,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
}

impl NetworkArgs {
    /// Opens what it names, with its overrides.
    pub(crate) fn open(&self) -> Result<Named> {
        Named::open(&self.network, &self.overrides.set)
    }

    /// Builds it.
    pub(crate) fn build(&self, device: &Device) -> Result<Source> {
        self.open()?.build(&self.network, self.checkpoint.chosen(), device)
    }

    /// Reads its specification without weights.
    pub(crate) fn spec(&self) -> Result<NetworkSpec> {
        self.open()?.spec()
    }

    /// Its path as text.
    pub(crate) fn name(&self) -> String {
        self.network.display().to_string()
    }
}
