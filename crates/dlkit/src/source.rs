//! Networks named on the command line, by a recipe, a run or a frozen file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::config::{Experiment, Override};
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::network::{Network, NetworkSpec};
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::classification::PictureInput;
use dlkit_models::tasks::{Session, load_network};

use crate::recipe::load_recipe;

/// A network and how its inputs are read.
pub(crate) struct Source {
    pub(crate) network: Network,
    /// Fixes what the training phase draws.
    pub(crate) seed: u64,
    /// How pictures become input, where it takes any.
    pub(crate) pictures: Option<PictureInput>,
}

/// Whether a path that may also name a recipe names an ONNX file: those end in `.onnx`.
pub(crate) fn is_onnx(path: &Path) -> bool {
    let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    ending && !path.is_dir()
}

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
        format!("the data in {} cannot be used ({advice})", experiment.config().data.name())
    })
}

/// The specification of the network of a recipe, a run directory or a frozen file.
pub(crate) fn load_spec(path: &Path, overrides: &[Override]) -> Result<NetworkSpec> {
    if is_onnx(path) {
        return Ok(load_frozen(path, overrides)?.spec().clone());
    }
    Ok(load_experiment(path, overrides)?.network().clone())
}

fn load_frozen(path: &Path, overrides: &[Override]) -> Result<FrozenNetwork> {
    if !overrides.is_empty() {
        bail!("--set changes recipes; {} is frozen", path.display());
    }
    Ok(FrozenNetwork::load(path)?)
}

/// Builds the network of a recipe, untrained, of a run directory or of a frozen file.
pub(crate) fn build_network(
    path: &Path,
    overrides: &[Override],
    which: Which,
    device: &Device,
) -> Result<Source> {
    if is_onnx(path) {
        let frozen = load_frozen(path, overrides)?;
        let pictures = frozen.metadata().facts.pictures();
        return Ok(Source { network: frozen.network(device)?, seed: 0, pictures });
    }
    let experiment = load_experiment(path, overrides)?;
    let seed = experiment.config().seed;
    let network = if path.is_dir() {
        load_network(&experiment, &RunDirectory::open(path)?, which, device)?
    } else {
        Network::new(experiment.network(), seed, device)
    };
    let pictures = experiment.config().data.images().map(PictureInput::from);
    Ok(Source { network, seed, pictures })
}
