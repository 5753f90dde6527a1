//! What a task adds to a session.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use dlkit_files::picture::LeftOut;

use super::report::TaskReport;
use crate::data::{DataError, Split};
use crate::facts::TaskFacts;
use crate::network::{LayerSpec, Network, NetworkSpec};
use crate::recipe::Experiment;
use crate::training::{
    BatchSource, Examined, Interrupter, Loader, Loaders, Look, Measure, Plan, RangeTest,
    Supervision, ThresholdRule, Trainable, Trained, TrainingError, range_test, train,
};
use crate::value::Shape;

/// Most samples per batch where nothing is learned.
const LARGEST_BATCH: usize = 256;
/// Most values of one layer for a batch: 128 MiB.
const LARGEST_LAYER: usize = 1 << 25;

/// Samples per batch where nothing is learned, so that memory stays bounded; nothing else depends on
/// it.
pub(crate) fn evaluation_batch(spec: &NetworkSpec) -> usize {
    let shapes = spec.layers().iter().map(LayerSpec::output).chain([spec.input()]);
    let values = shapes.map(Shape::values).max().unwrap_or(1).max(1);
    (LARGEST_LAYER / values).clamp(1, LARGEST_BATCH)
}

/// A task with its samples: how they become batches, and outputs a loss and a report.
pub(crate) trait Learning: Trainable + Send + Sync + 'static {
    /// Where batches come from.
    type Source: BatchSource<Batch = Self::Batch>;

    /// What is measured on each batch.
    const MEASURES: &'static [Measure];

    /// The batches of a training, on an autodiff device.
    fn loaders(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
    ) -> Loaders<Self::Source>;

    /// Number of samples of the test part.
    fn test_samples(&self) -> usize;

    /// The classes and how much each counts in training, where they count differently.
    fn class_weights(&self) -> Option<Vec<(&str, f32)>> {
        None
    }

    /// Network input for some training samples.
    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError>;

    /// The classes of some training samples; none where the task has no classes.
    fn classes_of(&self, _indices: &[usize]) -> Option<Vec<usize>> {
        None
    }

    /// The figures of a network, on a device without gradients, for some samples of the test part or of
    /// the training part.
    fn report(
        &self,
        network: Network,
        threshold: Option<f64>,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError>;

    /// The threshold between two classes that a rule gives for validation samples; none without classes.
    fn choose_threshold(
        &self,
        _network: Network,
        _rule: ThresholdRule,
        _validation: Vec<usize>,
        _device: &Device,
    ) -> Result<Option<f64>, DataError> {
        Ok(None)
    }
}

/// An experiment's data, read and checked against its network.
pub(crate) struct Prepared {
    pub(crate) facts: TaskFacts,
    /// SHA-256 of all samples.
    pub(crate) fingerprint: String,
    pub(crate) split: Split,
    /// Files of the data that were skipped.
    pub(crate) left_out: Vec<LeftOut>,
    /// What else is to be said of the data.
    pub(crate) notes: Vec<String>,
    pub(crate) material: Box<dyn Material>,
}

/// A task with its samples, whatever the task.
pub(crate) trait Material: Send + Sync {
    /// What the task measures.
    fn measures(&self) -> &'static [Measure];

    /// See [`Learning::test_samples`].
    fn test_samples(&self) -> usize;

    /// See [`Learning::class_weights`].
    fn class_weights(&self) -> Option<Vec<(&str, f32)>>;

    /// See [`Learning::inputs`].
    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError>;

    /// See [`Learning::classes_of`].
    fn classes_of(&self, indices: &[usize]) -> Option<Vec<usize>>;

    /// Looks at a network, on an autodiff device, with batches of its training.
    fn look(
        &self,
        experiment: &Experiment,
        split: &Split,
        network: &Network,
        device: &Device,
    ) -> Result<Look, DataError>;

    /// Trains from the last checkpoint of the ledger, or from the start.
    fn train(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
        supervision: Supervision<'_>,
    ) -> Result<Trained, TrainingError>;

    /// The learning rate range test, from the start.
    fn range_test(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
        interrupter: &Interrupter,
    ) -> Result<Option<RangeTest>, TrainingError>;

    /// See [`Learning::report`].
    fn report(
        &self,
        network: Network,
        threshold: Option<f64>,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError>;

    /// See [`Learning::choose_threshold`].
    fn choose_threshold(
        &self,
        network: Network,
        rule: ThresholdRule,
        validation: Vec<usize>,
        device: &Device,
    ) -> Result<Option<f64>, DataError>;
}

impl<L: Learning> Material for L {
    fn measures(&self) -> &'static [Measure] {
        L::MEASURES
    }

    fn test_samples(&self) -> usize {
        Learning::test_samples(self)
    }

    fn class_weights(&self) -> Option<Vec<(&str, f32)>> {
        Learning::class_weights(self)
    }

    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
        Learning::inputs(self, indices, device)
    }

    fn classes_of(&self, indices: &[usize]) -> Option<Vec<usize>> {
        Learning::classes_of(self, indices)
    }

    fn look(
        &self,
        experiment: &Experiment,
        split: &Split,
        network: &Network,
        device: &Device,
    ) -> Result<Look, DataError> {
        let loaders = self.loaders(experiment, split, &device.clone().autodiff());
        let batch_size = experiment.config().training.batch_size.min(loaders.train.samples());
        Look::new(self, network, &loaders.train, batch_size)
    }

    fn train(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
        supervision: Supervision<'_>,
    ) -> Result<Trained, TrainingError> {
        let config = experiment.config();
        let device = device.clone().autodiff();
        let network = Network::new(experiment.network(), config.seed, &device);
        let loaders = self.loaders(experiment, split, &device);
        let plan = Plan { config: &config.training, penalty: config.penalty, seed: config.seed };
        train(self, network, &loaders, &plan, &device, supervision)
    }

    fn range_test(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
        interrupter: &Interrupter,
    ) -> Result<Option<RangeTest>, TrainingError> {
        let config = experiment.config();
        let device = device.clone().autodiff();
        let network = Network::new(experiment.network(), config.seed, &device);
        let samples = self.loaders(experiment, split, &device).train;
        let plan = Plan { config: &config.training, penalty: config.penalty, seed: config.seed };
        range_test(self, network, &samples, &plan, &device, interrupter)
    }

    fn report(
        &self,
        network: Network,
        threshold: Option<f64>,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        Learning::report(self, network, threshold, test, indices, device)
    }

    fn choose_threshold(
        &self,
        network: Network,
        rule: ThresholdRule,
        validation: Vec<usize>,
        device: &Device,
    ) -> Result<Option<f64>, DataError> {
        Learning::choose_threshold(self, network, rule, validation, device)
    }
}

/// Training samples on which a unit must be zero to count as dead.
const EXAMINED_SAMPLES: usize = 1_000;

/// Samples in memory: those to learn from, the validation part among them, and those held out.
pub(crate) struct Samples<S> {
    train: Arc<S>,
    test: Option<Arc<S>>,
}

impl<S: BatchSource> Samples<S> {
    pub(crate) fn new(train: S, test: Option<S>) -> Self {
        Self { train: Arc::new(train), test: test.map(Arc::new) }
    }

    /// Number of samples held out.
    pub(crate) fn held_out(&self) -> usize {
        self.test.as_ref().map_or(0, |test| test.samples())
    }

    /// The samples of the test part, or those to learn from.
    pub(crate) fn part(&self, test: bool) -> &Arc<S> {
        self.test.as_ref().filter(|_| test).unwrap_or(&self.train)
    }

    /// Some samples to learn from, as they are in a first epoch.
    pub(crate) fn batch(&self, indices: &[usize], device: &Device) -> Result<S::Batch, DataError> {
        self.train.batch(indices, 0, device)
    }

    /// The batches of a training.
    pub(crate) fn loaders(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
    ) -> Loaders<S> {
        let config = experiment.config();
        let inner = device.clone().inner();
        let batch = evaluation_batch(experiment.network());
        let in_order =
            |indices| Loader::in_order(Arc::clone(&self.train), indices, batch, inner.clone());
        let examined = config.diagnostics.map(|config| Examined {
            config,
            samples: in_order(split.train.iter().copied().take(EXAMINED_SAMPLES).collect()),
        });
        let train = Loader::shuffled(
            Arc::clone(&self.train),
            split.train.clone(),
            config.training.batch_size,
            config.seed,
            device.clone(),
        );
        Loaders { train, validation: in_order(split.validation.clone()), examined }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_large_as_memory_allows() {
        let batch = |input: &str, layers: &str| {
            let text = format!("input = {input}\nlayers = [{layers}]");
            evaluation_batch(&NetworkSpec::new(&toml::from_str(&text).unwrap()).unwrap())
        };
        assert_eq!(batch("[1, 28, 28]", "{ type = \"flatten\" }"), 256);
        // 2^20 values after the first layer, fewer before and after it.
        let wide =
            "{ type = \"conv2d\", filters = 64, kernel = 1 }, { type = \"max-pool2d\", size = 2 }";
        assert_eq!(batch("[1, 128, 128]", wide), 32);
        assert_eq!(batch("[3, 2048, 8192]", "{ type = \"max-pool2d\", size = 64 }"), 1);
    }
}
