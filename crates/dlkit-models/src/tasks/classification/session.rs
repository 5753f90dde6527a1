//! Data and network of one experiment, checked against each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use thiserror::Error;

use super::batch::{ImageSource, Normalization};
use super::evaluate::{evaluate, evaluation_batch};
use super::load::load_classifier;
use super::model::Classifier;
use super::report::ClassificationReport;
use crate::config::Experiment;
use crate::data::{DataError, ImageData, Split};
use crate::freeze::FreezeError;
use crate::network::{LayerConfig, Network, NetworkSpec, Shape};
use crate::run::{Outcome, RunDirectory, RunError, RunInfo, Which, now};
use crate::training::{
    BatchSource, EpochCounter, Examined, Loader, Loaders, Loss, Monitor, Supervision, Trained,
    TrainingError, train,
};

/// Data and network of one experiment, checked against each other.
pub struct Session {
    experiment: Experiment,
    classes: Vec<String>,
    fingerprint: String,
    train: ImageSource,
    test: Option<ImageSource>,
    split: Split,
}

/// What a classifier is measured by, and whether higher is better.
const MEASURES: [(&str, bool); 2] = [("loss", false), ("accuracy", true)];

/// Training samples on which a unit must be zero to count as dead.
const EXAMINED_SAMPLES: usize = 1_000;

/// Why an experiment cannot be run.
#[derive(Debug, Error)]
pub enum ClassificationError {
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Recipe and data contradict each other.
    #[error("{0}")]
    Contradiction(String),
    /// The run directory.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A frozen file.
    #[error(transparent)]
    Frozen(#[from] FreezeError),
}

impl Session {
    /// Reads the data and checks that the network fits it.
    ///
    /// # Errors
    /// Data that cannot be read; a network with another number of outputs than there are classes;
    /// a loss or a monitored metric that makes no sense here.
    pub fn prepare(experiment: &Experiment) -> Result<Self, ClassificationError> {
        let config = experiment.config();
        check_loss(experiment.network(), config.training.loss)?;
        let data = ImageData::load(&config.data, experiment.network().input())?;
        check_outputs(experiment, data.classes.len())?;
        let split = Split::new(data.train.len(), config.data.images().validation, config.seed)?;
        if split.validation.is_empty() {
            check_monitor(config.training.monitor)?;
        }
        let normalization = Normalization::from(config.data.images());
        let source = |images| ImageSource::new(Arc::new(images), normalization);
        Ok(Self {
            experiment: experiment.clone(),
            fingerprint: data.fingerprint(),
            classes: data.classes,
            train: source(data.train),
            test: data.test.map(source),
            split,
        })
    }

    /// Names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// SHA-256 of the pictures and labels.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Samples in each part.
    #[must_use]
    pub fn samples(&self) -> BTreeMap<String, usize> {
        let test = self.test.as_ref().map_or(0, |test| test.images().len());
        [
            ("train", self.split.train.len()),
            ("validation", self.split.validation.len()),
            ("test", test),
        ]
        .into_iter()
        .map(|(part, count)| (part.to_owned(), count))
        .collect()
    }

    /// The account of a new run: nothing trained yet.
    #[must_use]
    pub fn new_info(&self) -> RunInfo {
        let config = self.experiment.config();
        RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commands: Vec::new(),
            directory: String::new(),
            device: String::new(),
            threads: 0,
            seed: config.seed,
            started: now(),
            updated: now(),
            seconds: 0.0,
            outcome: Outcome::Running,
            reason: None,
            epochs: 0,
            epochs_planned: config.training.epochs,
            best: None,
            parameters: self.experiment.network().parameters(),
            samples: self.samples(),
            classes: self.classes.clone(),
            data_sha256: self.fingerprint.clone(),
            test: BTreeMap::new(),
        }
    }

    /// Checks, before anything slow starts, that the last checkpoint of a run is intact and fits.
    ///
    /// # Errors
    /// A damaged checkpoint, or weights of another network.
    pub fn check_checkpoint(&self, run: &RunDirectory, device: &Device) -> Result<(), RunError> {
        if run.checkpoint_path(Which::Last)?.is_some() {
            load_classifier(&self.experiment, run, Which::Last, device)?;
        }
        Ok(())
    }

    /// Trains in a run directory, from its last checkpoint if it has one.
    ///
    /// # Errors
    /// See [`train`].
    pub fn train(
        &self,
        device: &Device,
        supervision: Supervision<'_>,
    ) -> Result<Trained, TrainingError> {
        let config = self.experiment.config();
        let training = &config.training;
        let device = device.clone().autodiff();
        let network = Network::new(self.experiment.network(), config.seed, &device);
        let model = Classifier::new(network, training.loss);
        let epoch = EpochCounter::default();
        let source = Arc::new(self.train.clone());
        let inner = device.clone().inner();
        let batch = evaluation_batch(self.experiment.network());
        let in_order = |indices: Vec<usize>| {
            Arc::new(Loader::in_order(source.clone(), indices, batch, inner.clone()))
        };
        let examined = config.diagnostics.map(|config| Examined {
            config,
            samples: in_order(self.split.train.iter().copied().take(EXAMINED_SAMPLES).collect()),
        });
        let loaders = Loaders {
            train: Arc::new(Loader::shuffled(
                Arc::clone(&source),
                self.split.train.clone(),
                training.batch_size,
                config.seed,
                Arc::clone(&epoch),
                device.clone(),
            )),
            validation: in_order(self.split.validation.clone()),
            epoch,
            examined,
        };
        train(model, loaders, training, config.seed, &device, &MEASURES, supervision)
    }

    /// At most `count` pictures that were not learnt from, or learnt from where there are no
    /// others, evenly spread over them; as a network takes them.
    ///
    /// # Shapes
    /// - output: `[pictures, channels, height, width]`
    ///
    /// # Errors
    /// Pictures that cannot be gathered.
    pub fn sample_inputs(&self, count: usize, device: &Device) -> Result<Tensor<4>, DataError> {
        let Split { train, validation } = &self.split;
        let indices = if validation.is_empty() { train } else { validation };
        let count = count.min(indices.len());
        let spread = (0..count).filter_map(|index| indices.get(index * indices.len() / count));
        let chosen: Vec<usize> = spread.copied().collect();
        Ok(self.train.batch(&chosen, device)?.images)
    }

    /// Evaluates a checkpoint on `train`, `validation` or `test`; `None` where that part is empty.
    ///
    /// # Errors
    /// A checkpoint that cannot be read.
    pub fn evaluate(
        &self,
        run: &RunDirectory,
        which: Which,
        part: Part,
        device: &Device,
    ) -> Result<Option<ClassificationReport>, ClassificationError> {
        let (source, indices) = match part {
            Part::Train => (&self.train, self.split.train.clone()),
            Part::Validation => (&self.train, self.split.validation.clone()),
            Part::Test => match &self.test {
                Some(test) => (test, (0..test.images().len()).collect()),
                None => return Ok(None),
            },
        };
        if indices.is_empty() {
            return Ok(None);
        }
        let classifier = load_classifier(&self.experiment, run, which, device)?;
        Ok(Some(evaluate(&classifier, source, indices, &self.classes, device)?))
    }
}

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What was learnt from.
    Train,
    /// What decided.
    Validation,
    /// What was held out.
    Test,
}

fn check_loss(network: &NetworkSpec, loss: Loss) -> Result<(), ClassificationError> {
    match (loss, network.last_computing_layer()) {
        (Loss::CrossEntropy { .. }, Some(layer)) if network.ends_in_softmax() => {
            Err(ClassificationError::Contradiction(format!(
                "training.loss \"cross-entropy\" takes raw scores and applies the softmax itself; \
                 remove the layer `{}` (predictions are probabilities all the same)",
                layer.name()
            )))
        }
        _ => Ok(()),
    }
}

fn check_outputs(experiment: &Experiment, classes: usize) -> Result<(), ClassificationError> {
    let output = experiment.network().output();
    if output == Shape::Features(classes) {
        return Ok(());
    }
    let layers = &experiment.config().network.layers;
    let last = layers.iter().enumerate().rfind(|(_, layer)| layer.is_weighted());
    let advice = match (output, last) {
        (Shape::Features(features), Some((index, LayerConfig::Dense(dense))))
            if dense.units == features =>
        {
            format!("set network.layers[{index}].units = {classes}")
        }
        _ => format!(
            "the output must be [{classes}]: let network.layers end in a dense layer with units = \
             {classes}"
        ),
    };
    let layer = experiment.network().layers().last().map_or("input", |layer| layer.name());
    Err(ClassificationError::Contradiction(format!(
        "the network ends in {output} (layer `{layer}`), the data has {classes} classes; {advice}"
    )))
}

fn check_monitor(monitor: Option<Monitor>) -> Result<(), ClassificationError> {
    match monitor {
        Some(Monitor::ValidationLoss | Monitor::ValidationAccuracy) => {
            Err(ClassificationError::Contradiction(
                "training.monitor looks at the validation part, which data.validation = 0 leaves \
                 empty; set training.monitor = \"train-loss\" or data.validation = 0.1"
                    .to_owned(),
            ))
        }
        Some(Monitor::TrainLoss) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
