//! Networks named on the command line, by a recipe or a run.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::config::{Experiment, Override};
use dlkit_models::network::Network;
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::classification::{Session, load_network};

use crate::recipe::load_recipe;

/// Reads the experiment of a recipe or of a run directory; a run is as it was trained, so it takes no
/// overrides.
pub(crate) fn load_experiment(path: &Path, overrides: &[Override]) -> Result<Experiment> {
    if path.is_dir() {
        if !overrides.is_empty() {
            bail!("--set changes recipes; {} is a run, which is as it was trained", path.display());
        }
        return Ok(RunDirectory::open(path)?.experiment()?);
    }
    load_recipe(path, overrides)
}

/// Reads the data of an experiment; `advice` is how to name other data.
pub(crate) fn prepare(experiment: &Experiment, advice: &str) -> Result<Session> {
    Session::prepare(experiment).with_context(|| {
        let path = experiment.config().data.path();
        format!("the data in {} cannot be used ({advice})", path.display())
    })
}

/// Builds the network of a recipe, untrained, or of a run directory.
pub(crate) fn build_network(
    path: &Path,
    overrides: &[Override],
    which: Which,
    device: &Device,
) -> Result<(Experiment, Network)> {
    let experiment = load_experiment(path, overrides)?;
    let network = if path.is_dir() {
        load_network(&experiment, &RunDirectory::open(path)?, which, device)?
    } else {
        Network::new(experiment.network(), experiment.config().seed, device)
    };
    Ok((experiment, network))
}
