//! Networks named on the command line, by a recipe, a run or a frozen file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::config::{Experiment, Override};
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::network::{Network, NetworkSpec};
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::{PictureReading, Session, load_network};

use super::recipe::load_recipe;

/// A network and how its inputs are read.
pub(crate) struct Source {
    pub(crate) network: Network,
    /// Fixes what the training phase draws.
    pub(crate) seed: u64,
    /// How pictures become input, where it takes any.
    pub(crate) pictures: Option<PictureReading>,
}

/// Whether a path that may also name a recipe names an ONNX file: those end in `.onnx`.
pub(crate) fn is_onnx(path: &Path) -> bool {
    let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    ending && !path.is_dir()
}

/// Whether a path that names a run or a frozen file names the latter.
pub(crate) fn is_frozen(path: &Path, checkpoint: Option<Which>) -> Result<bool> {
    if is_onnx(path) {
        refuse_checkpoint(path, checkpoint, "is frozen")?;
        return Ok(true);
    }
    if path.exists() && !path.is_dir() {
        bail!(
            "{} is neither a run directory nor a frozen file, whose name ends in .onnx",
            path.display()
        );
    }
    Ok(false)
}

fn refuse_checkpoint(path: &Path, checkpoint: Option<Which>, what: &str) -> Result<()> {
    if checkpoint.is_some() {
        bail!("--checkpoint is for runs; {} {what}", path.display());
    }
    Ok(())
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
    refuse_overrides(path, overrides)?;
    Ok(FrozenNetwork::load(path)?)
}

/// Refuses changes to what is frozen.
pub(crate) fn refuse_overrides(path: &Path, overrides: &[Override]) -> Result<()> {
    if !overrides.is_empty() {
        bail!("--set changes recipes; {} is frozen", path.display());
    }
    Ok(())
}

/// Builds the network of a recipe, untrained, of a run directory or of a frozen file.
pub(crate) fn build_network(
    path: &Path,
    overrides: &[Override],
    checkpoint: Option<Which>,
    device: &Device,
) -> Result<Source> {
    if is_onnx(path) {
        refuse_checkpoint(path, checkpoint, "is frozen")?;
        let frozen = load_frozen(path, overrides)?;
        let pictures = PictureReading::of_facts(&frozen.metadata().facts);
        return Ok(Source { network: frozen.network(device)?, seed: 0, pictures });
    }
    let experiment = load_experiment(path, overrides)?;
    let seed = experiment.config().seed;
    let network = if path.is_dir() {
        let which = checkpoint.unwrap_or(Which::Best);
        load_network(&experiment, &RunDirectory::open(path)?, which, device)?
    } else {
        refuse_checkpoint(path, checkpoint, "is a recipe, which stands for its untrained network")?;
        Network::new(experiment.network(), seed, device)
    };
    let pictures = PictureReading::of_experiment(&experiment);
    Ok(Source { network, seed, pictures })
}
