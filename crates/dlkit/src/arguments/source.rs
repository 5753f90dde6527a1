//! Networks from a recipe, a run or a frozen file.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dlkit_models::Device;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::network::{Network, NetworkSpec};
use dlkit_models::recipe::{Experiment, Override};
use dlkit_models::run::{RunDirectory, Which};
use dlkit_models::tasks::{NetworkPath, PictureReading, TrainedNetwork};
use dlkit_models::training::TrainingConfig;

use super::recipe::load_recipe;

/// A network and the preparation of its inputs.
pub(crate) struct Source {
    pub(crate) network: Network,
    /// Seed of the training phase.
    pub(crate) seed: u64,
    /// Preparation of pictures, if the network takes pictures.
    pub(crate) pictures: Option<PictureReading>,
    /// What each input of a trained network for tables stands for.
    pub(crate) inputs: Vec<String>,
}

/// What the argument for a network names.
pub(crate) enum Named {
    Recipe(Box<Experiment>),
    Run(RunDirectory),
    /// Path of a frozen file.
    Frozen(PathBuf),
}

impl Named {
    /// Opens what a path names; reads no weights.
    ///
    /// # Errors
    /// Overrides of a trained network; a recipe that cannot be used; a directory that is no run.
    pub(crate) fn open(path: &Path, overrides: &[Override]) -> Result<Self> {
        let (named, what) = match NetworkPath::of(path) {
            NetworkPath::Other => {
                return Ok(Self::Recipe(Box::new(load_recipe(path, overrides)?)));
            }
            NetworkPath::Run => (RunDirectory::open(path).map(Self::Run), "a run"),
            NetworkPath::FrozenFile => (Ok(Self::Frozen(path.to_owned())), "a frozen file"),
        };
        if !overrides.is_empty() {
            bail!("--set changes recipes, but {} is {what}", path.display());
        }
        Ok(named?)
    }

    /// The specification of the network. Does not read the weights of a run.
    pub(crate) fn spec(&self) -> Result<NetworkSpec> {
        Ok(match self {
            Self::Recipe(experiment) => experiment.network().clone(),
            Self::Run(run) => run.experiment()?.network().clone(),
            Self::Frozen(path) => FrozenNetwork::load(path)?.spec().clone(),
        })
    }

    /// How the network is trained, of a recipe or a run.
    pub(crate) fn training(&self) -> Result<Option<TrainingConfig>> {
        Ok(match self {
            Self::Recipe(experiment) => Some(experiment.config().training.clone()),
            Self::Run(run) => Some(run.experiment()?.config().training.clone()),
            Self::Frozen(_) => None,
        })
    }

    /// What each input of a trained network for tables stands for.
    pub(crate) fn inputs(&self) -> Result<Vec<String>> {
        let inputs = match self {
            Self::Recipe(_) => None,
            Self::Run(run) => run.info()?.facts.inputs(),
            Self::Frozen(path) => FrozenNetwork::load(path)?.metadata().facts.inputs(),
        };
        Ok(inputs.unwrap_or_default())
    }

    /// Builds the network that `path` names; that of a recipe is untrained.
    ///
    /// # Errors
    /// A checkpoint of a recipe or of a frozen file; weights that cannot be used.
    pub(crate) fn build(
        self,
        path: &Path,
        checkpoint: Option<Which>,
        device: &Device,
    ) -> Result<Source> {
        let trained = match self {
            Self::Recipe(_) if checkpoint.is_some() => {
                bail!("--checkpoint is for runs, but {} is a recipe", path.display())
            }
            Self::Recipe(experiment) => {
                let seed = experiment.config().seed;
                let network = Network::new(experiment.network(), seed, device);
                let pictures = PictureReading::of_experiment(&experiment);
                return Ok(Source { network, seed, pictures, inputs: Vec::new() });
            }
            Self::Run(run) => TrainedNetwork::of_run(run, checkpoint.unwrap_or(Which::Best))?,
            Self::Frozen(path) => TrainedNetwork::open(&path, checkpoint)?,
        };
        let (seed, pictures) = (trained.seed(), trained.pictures());
        let inputs = trained.facts().inputs().unwrap_or_default();
        Ok(Source { network: trained.network(device)?, seed, pictures, inputs })
    }
}
