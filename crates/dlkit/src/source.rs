//! Networks named on the command line, by a recipe, a run or a frozen file.

use std::path::Path;

use anyhow::Result;
use dlkit_models::Device;
use dlkit_models::config::{Experiment, Override};
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::network::Network;
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::classification::{PictureInput, load_network};

use crate::recipe::load_recipe;

/// A network and what it takes to give it pictures.
pub(crate) struct Source {
    pub(crate) network: Network,
    /// Fixes what the training phase draws.
    pub(crate) seed: u64,
    pub(crate) input: PictureInput,
}

/// Whether a path that may also name a recipe names an ONNX file: those end in `.onnx`.
pub(crate) fn is_onnx(path: &Path) -> bool {
    let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    ending && !path.is_dir()
}

/// Reads the experiment of a recipe or of a run directory; a run is as it was trained, so overrides
/// apply to recipes only.
pub(crate) fn load_experiment(path: &Path, overrides: &[Override]) -> Result<Experiment> {
    if path.is_dir() {
        return Ok(RunDirectory::open(path)?.experiment()?);
    }
    load_recipe(path, overrides)
}

/// Builds the network of a recipe, untrained, of a run directory or of a frozen file.
pub(crate) fn build_network(
    path: &Path,
    overrides: &[Override],
    which: Which,
    device: &Device,
) -> Result<Source> {
    if is_onnx(path) {
        let frozen = FrozenNetwork::load(path)?;
        let (network, input) = (frozen.network(device)?, frozen.metadata().input);
        return Ok(Source { network, seed: 0, input });
    }
    let experiment = load_experiment(path, overrides)?;
    let seed = experiment.config().seed;
    let network = if path.is_dir() {
        load_network(&experiment, &RunDirectory::open(path)?, which, device)?
    } else {
        Network::new(experiment.network(), seed, device)
    };
    Ok(Source { network, seed, input: experiment.config().data.images().into() })
}
