//! Networks from a recipe, a run or a frozen file.

use std::path::Path;

use anyhow::{Result, bail};
use dlkit_models::Device;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::network::{Network, NetworkSpec};
use dlkit_models::recipe::{Experiment, Override};
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::{PictureReading, TrainedNetwork, is_frozen_file};

use super::recipe::load_recipe;

/// A network and the preparation of its inputs.
pub(crate) struct Source {
    pub(crate) network: Network,
    /// Seed of the training phase.
    pub(crate) seed: u64,
    /// Preparation of pictures, if the network takes pictures.
    pub(crate) pictures: Option<PictureReading>,
}

/// Whether a path names a trained network rather than a recipe.
fn is_trained(path: &Path) -> bool {
    path.is_dir() || is_frozen_file(path)
}

/// Refuses overrides of a trained network.
pub(crate) fn refuse_overrides(path: &Path, overrides: &[Override]) -> Result<()> {
    if !overrides.is_empty() {
        let what = if path.is_dir() { "a run" } else { "a frozen file" };
        bail!("--set changes recipes, but {} is {what}", path.display());
    }
    Ok(())
}

/// Reads the experiment of a recipe or of a run directory.
pub(crate) fn load_experiment(path: &Path, overrides: &[Override]) -> Result<Experiment> {
    if path.is_dir() {
        refuse_overrides(path, overrides)?;
        return Ok(RunDirectory::open(path)?.experiment()?);
    }
    load_recipe(path, overrides)
}

/// The specification of the network of a recipe, a run directory or a frozen file. Does not read the weights
/// of a run.
pub(crate) fn load_spec(path: &Path, overrides: &[Override]) -> Result<NetworkSpec> {
    if is_frozen_file(path) {
        refuse_overrides(path, overrides)?;
        return Ok(FrozenNetwork::load(path)?.spec().clone());
    }
    Ok(load_experiment(path, overrides)?.network().clone())
}

/// Builds the network of a recipe (untrained), a run directory or a frozen file.
pub(crate) fn build_network(
    path: &Path,
    overrides: &[Override],
    checkpoint: Option<Which>,
    device: &Device,
) -> Result<Source> {
    if is_trained(path) {
        refuse_overrides(path, overrides)?;
        let trained = TrainedNetwork::open(path, checkpoint)?;
        let (seed, pictures) = (trained.seed(), trained.pictures());
        return Ok(Source { network: trained.network(device)?, seed, pictures });
    }
    if checkpoint.is_some() {
        bail!("--checkpoint is for runs, but {} is a recipe", path.display());
    }
    let experiment = load_recipe(path, overrides)?;
    let seed = experiment.config().seed;
    let network = Network::new(experiment.network(), seed, device);
    Ok(Source { network, seed, pictures: PictureReading::of_experiment(&experiment) })
}
