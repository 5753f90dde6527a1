//! The one door to a trained network: a run at one of its checkpoints, or a frozen file.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;

use super::classification::{Classifier, Predictor, RowPredictor};
use super::colorization::Colorizer;
use super::error::TaskError;
use super::input::PictureReading;
use super::regression::RegressionPredictor;
use crate::facts::color::Temperature;
use crate::facts::{ClassifierInput, TaskFacts};
use crate::freeze::FrozenNetwork;
use crate::network::{Network, NetworkSpec};
use crate::recipe::Experiment;
use crate::run::{RunDirectory, RunError, RunInfo, Which};
use crate::training::{Held, Loss};

/// A trained network with all that is needed to apply it, wherever it is kept.
pub struct TrainedNetwork {
    path: PathBuf,
    facts: TaskFacts,
    kept: Kept,
}

/// Where a trained network is kept.
enum Kept {
    Run(Box<KeptRun>),
    Frozen(Box<FrozenNetwork>),
}

/// A run at one of its checkpoints.
pub struct KeptRun {
    /// The run directory.
    pub directory: RunDirectory,
    /// Its recipe.
    pub experiment: Experiment,
    /// Its account.
    pub info: RunInfo,
    /// The checkpoint.
    pub which: Which,
}

/// What applies a trained network to files, by its task.
pub enum AnyPredictor {
    /// Names the classes of pictures.
    Classes(Box<Predictor>),
    /// Names the classes of rows of tables.
    RowClasses(Box<RowPredictor>),
    /// Gives colors to gray pictures.
    Colors(Box<Colorizer>),
    /// Predicts numbers for rows of tables.
    Numbers(RegressionPredictor),
}

/// What the path of a network can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkPath {
    /// A directory, so a run.
    Run,
    /// A path that ends in `.onnx`, so a frozen file.
    FrozenFile,
    /// Any other path, so a recipe if anything.
    Other,
}

impl NetworkPath {
    /// What `path` can name.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
        match (path.is_dir(), ending) {
            (true, _) => Self::Run,
            (false, true) => Self::FrozenFile,
            (false, false) => Self::Other,
        }
    }
}

impl TrainedNetwork {
    /// Opens a run directory, at its best checkpoint where none is named, or a frozen file.
    ///
    /// # Errors
    /// The path is neither; a checkpoint of a frozen file is requested; the run lacks the
    /// checkpoint or its account contradicts its network; the frozen file cannot be used.
    pub fn open(path: &Path, checkpoint: Option<Which>) -> Result<Self, TaskError> {
        match NetworkPath::of(path) {
            NetworkPath::FrozenFile if checkpoint.is_some() => {
                Err(TaskError::Contradiction(format!(
                    "--checkpoint: applies to runs only, but {} is a frozen file",
                    path.display()
                )))
            }
            NetworkPath::FrozenFile => Ok(Self::of_frozen(FrozenNetwork::load(path)?)),
            NetworkPath::Other if path.exists() => Err(TaskError::Contradiction(format!(
                "{}: neither a run directory nor a frozen file (*.onnx)",
                path.display()
            ))),
            NetworkPath::Run | NetworkPath::Other => {
                Self::of_run(RunDirectory::open(path)?, checkpoint.unwrap_or(Which::Best))
            }
        }
    }

    /// A frozen file that was read.
    #[must_use]
    pub fn of_frozen(frozen: FrozenNetwork) -> Self {
        let (path, facts) = (frozen.path().to_owned(), frozen.metadata().facts.clone());
        Self { path, facts, kept: Kept::Frozen(Box::new(frozen)) }
    }

    /// A run at one of its checkpoints.
    ///
    /// # Errors
    /// A run without that checkpoint, or whose account contradicts its network.
    pub fn of_run(directory: RunDirectory, which: Which) -> Result<Self, TaskError> {
        let (experiment, info) = (directory.experiment()?, directory.info()?);
        let path = directory.path().to_owned();
        info.facts.check(experiment.network()).map_err(|reason| RunError::Damaged {
            path: path.join("run.json"),
            reason: format!("{reason}; restore the file or train again"),
        })?;
        if directory.checkpoint_path(which)?.is_none() {
            return Err(RunError::NoCheckpoint { path, which: which.name() }.into());
        }
        let facts = info.facts.clone();
        let kept = KeptRun { directory, experiment, info, which };
        Ok(Self { path, facts, kept: Kept::Run(Box::new(kept)) })
    }

    /// The same colorizer with another way from scores to colors: a temperature, and a balance of rare
    /// colors, 1 as much as in training, 0 as often as they occur. Without either, any network as it is.
    ///
    /// # Errors
    /// A network that is no colorizer; a balance that is not from 0 to 1.
    pub fn with_decoding(
        mut self,
        temperature: Option<Temperature>,
        balance: Option<f64>,
    ) -> Result<Self, TaskError> {
        if temperature.is_none() && balance.is_none() {
            return Ok(self);
        }
        let task = self.facts.task();
        let TaskFacts::Colorization(facts) = &mut self.facts else {
            return Err(TaskError::Contradiction(format!(
                "--temperature and --balance are for colorizers, but {} does {}; omit them",
                self.path.display(),
                task.name()
            )));
        };
        facts.temperature = temperature.map_or(facts.temperature, Temperature::shortest);
        facts.balance = balance.unwrap_or(facts.balance);
        facts.restored().map_err(|reason| TaskError::Contradiction(format!("--{reason}")))?;
        Ok(self)
    }

    /// Where it is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What its inputs and outputs stand for.
    #[must_use]
    pub const fn facts(&self) -> &TaskFacts {
        &self.facts
    }

    /// The run it is kept in, if it is one.
    #[must_use]
    pub fn run(&self) -> Option<&KeptRun> {
        match &self.kept {
            Kept::Run(run) => Some(run),
            Kept::Frozen(_) => None,
        }
    }

    /// The frozen file it is kept in, if it is one.
    #[must_use]
    pub fn frozen(&self) -> Option<&FrozenNetwork> {
        match &self.kept {
            Kept::Run(_) => None,
            Kept::Frozen(frozen) => Some(frozen),
        }
    }

    /// The specification of the network.
    #[must_use]
    pub fn spec(&self) -> &NetworkSpec {
        match &self.kept {
            Kept::Run(run) => run.experiment.network(),
            Kept::Frozen(frozen) => frozen.spec(),
        }
    }

    /// The loss it was trained by.
    #[must_use]
    pub fn loss(&self) -> Loss {
        match &self.kept {
            Kept::Run(run) => run.experiment.config().training.loss,
            Kept::Frozen(frozen) => frozen.metadata().loss,
        }
    }

    /// The probability from which on the second of two classes is predicted, where it is not the likelier
    /// one. That of a run belongs to its best checkpoint.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        match &self.kept {
            Kept::Run(run) => run.info.threshold.filter(|_| run.which == Which::Best),
            Kept::Frozen(frozen) => frozen.metadata().threshold,
        }
    }

    /// Fixes what the training phase draws: the seed of the run; 0 for a frozen file.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.run().map_or(0, |run| run.experiment.config().seed)
    }

    /// How picture files become its input, if it accepts pictures.
    #[must_use]
    pub fn pictures(&self) -> Option<PictureReading> {
        PictureReading::of_facts(&self.facts)
    }

    /// The network with its weights.
    ///
    /// # Errors
    /// A damaged checkpoint, or weights of another network.
    pub fn network(&self, device: &Device) -> Result<Network, TaskError> {
        match &self.kept {
            Kept::Run(run) => Ok(load_network(&run.experiment, &run.directory, run.which, device)?),
            Kept::Frozen(frozen) => Ok(frozen.network(device)?),
        }
    }

    /// What applies it to files.
    ///
    /// # Errors
    /// As [`network`](Self::network); facts that cannot be used.
    pub fn predictor(&self, device: &Device) -> Result<AnyPredictor, TaskError> {
        let network = self.network(device)?;
        let device = device.clone();
        Ok(match self.facts.clone() {
            TaskFacts::Classification { classes, input } => {
                let classifier =
                    Classifier::new(network, self.loss()).deciding_at(self.threshold());
                match input {
                    ClassifierInput::Pictures(input) => {
                        let predictor = Predictor::new(classifier, classes, input, device);
                        AnyPredictor::Classes(Box::new(predictor))
                    }
                    ClassifierInput::Table { features, .. } => {
                        let predictor = RowPredictor::new(classifier, classes, features, device);
                        AnyPredictor::RowClasses(Box::new(predictor))
                    }
                }
            }
            TaskFacts::Regression { features, targets } => {
                AnyPredictor::Numbers(RegressionPredictor::new(network, features, targets, device))
            }
            TaskFacts::Colorization(facts) => {
                let colorizer = Colorizer::new(network, facts, device).map_err(|reason| {
                    TaskError::Contradiction(format!("{}: {reason}", self.path.display()))
                })?;
                AnyPredictor::Colors(Box::new(colorizer))
            }
        })
    }

    /// The colorizer it is.
    ///
    /// # Errors
    /// As [`predictor`](Self::predictor); a network that learned another task.
    pub fn colorizer(&self, device: &Device) -> Result<Colorizer, TaskError> {
        match self.predictor(device)? {
            AnyPredictor::Colors(colorizer) => Ok(*colorizer),
            AnyPredictor::Classes(_) | AnyPredictor::RowClasses(_) | AnyPredictor::Numbers(_) => {
                Err(TaskError::Contradiction(format!(
                    "{}: the network learned the task \"{}\", not \"colorization\"",
                    self.path.display(),
                    self.facts.task().name()
                )))
            }
        }
    }
}

/// Loads the network of a run directory, whose recipe `experiment` is; needs no data.
///
/// # Errors
/// A run directory without an intact checkpoint.
pub(super) fn load_network(
    experiment: &Experiment,
    run: &RunDirectory,
    which: Which,
    device: &Device,
) -> Result<Network, RunError> {
    let (path, record) = run.weights(which)?;
    let network = Network::new(experiment.network(), experiment.config().seed, device);
    Held { network }
        .try_load_record(record)
        .map(|held| held.network)
        .map_err(|error| RunError::OtherNetwork { path, reason: error.to_string() })
}
