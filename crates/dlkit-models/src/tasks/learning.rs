//! What a task adds to a session.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use burn::train::TrainStep;

use super::facts::TaskFacts;
use super::report::TaskReport;
use crate::config::Experiment;
use crate::data::{DataError, Split};
use crate::network::{LayerSpec, Network, NetworkSpec, Shape};
use crate::training::{
    BatchSource, EpochCounter, Examined, Loader, Loaders, Measure, Plan, Supervision, Trainable,
    Trained, TrainingError, train,
};

/// Most samples per batch where nothing is learnt.
const LARGEST_BATCH: usize = 256;
/// Most values of one layer for a batch: 128 MiB.
const LARGEST_LAYER: usize = 1 << 25;

/// Samples per batch where nothing is learnt, so that memory stays bounded; nothing else depends on
/// it.
pub(crate) fn evaluation_batch(spec: &NetworkSpec) -> usize {
    let shapes = spec.layers().iter().map(LayerSpec::output).chain([spec.input()]);
    let values = shapes.map(Shape::values).max().unwrap_or(1).max(1);
    (LARGEST_LAYER / values).clamp(1, LARGEST_BATCH)
}

/// Training samples on which a unit must be zero to count as dead.
const EXAMINED_SAMPLES: usize = 1_000;

/// A task: how samples become batches, and outputs a loss and a report.
pub(crate) trait Learning: Send + Sync + 'static {
    /// The samples.
    type Source: BatchSource;
    /// What is trained. Its record holds the network under the name `network`.
    type Model: Trainable + TrainStep<Input = <Self::Source as BatchSource>::Batch>;

    /// What the model's steps measure.
    const MEASURES: &'static [Measure];

    /// The model around a network.
    fn model(&self, network: Network) -> Self::Model;

    /// The figures of a network, on a device without gradients, for some samples.
    fn report(
        &self,
        network: Network,
        source: &Arc<Self::Source>,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError>;
}

/// An experiment's data, read and checked against its network.
pub(crate) struct Prepared {
    pub(crate) facts: TaskFacts,
    /// SHA-256 of all samples.
    pub(crate) fingerprint: String,
    pub(crate) split: Split,
    pub(crate) material: Box<dyn Material>,
}

/// What a session does with the samples of its task.
pub(crate) trait Material: Send + Sync {
    /// What the task measures.
    fn measures(&self) -> &'static [Measure];

    /// Number of samples of the test part.
    fn test_samples(&self) -> usize;

    /// Input for some samples of the training part, as a network takes it.
    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError>;

    /// Trains in a run directory.
    fn train(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
        supervision: Supervision<'_>,
    ) -> Result<Trained, TrainingError>;

    /// The figures of a network for some samples, of the test part or of the training part.
    fn report(
        &self,
        network: Network,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError>;
}

/// The samples of a task.
pub(crate) struct Parts<L: Learning> {
    learning: L,
    train: Arc<L::Source>,
    test: Option<Arc<L::Source>>,
}

impl<L: Learning> Parts<L> {
    /// Samples to learn from, the validation part among them, and samples held out.
    pub(crate) fn new(learning: L, train: L::Source, test: Option<L::Source>) -> Self {
        Self { learning, train: Arc::new(train), test: test.map(Arc::new) }
    }
}

impl<L: Learning> Material for Parts<L> {
    fn measures(&self) -> &'static [Measure] {
        L::MEASURES
    }

    fn test_samples(&self) -> usize {
        self.test.as_ref().map_or(0, |test| test.samples())
    }

    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
        Ok(L::Model::network_input(self.train.batch(indices, device)?))
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
        let epoch = EpochCounter::default();
        let inner = device.clone().inner();
        let batch = evaluation_batch(experiment.network());
        let in_order = |indices: Vec<usize>| {
            let source = Arc::clone(&self.train);
            Arc::new(Loader::in_order(source, indices, batch, inner.clone()))
        };
        let examined = config.diagnostics.map(|config| Examined {
            config,
            samples: in_order(split.train.iter().copied().take(EXAMINED_SAMPLES).collect()),
        });
        let loaders = Loaders {
            train: Arc::new(Loader::shuffled(
                Arc::clone(&self.train),
                split.train.clone(),
                config.training.batch_size,
                config.seed,
                Arc::clone(&epoch),
                device.clone(),
            )),
            validation: in_order(split.validation.clone()),
            epoch,
            examined,
        };
        let model = self.learning.model(network);
        let plan = Plan {
            config: &config.training,
            penalty: config.penalty,
            seed: config.seed,
            measures: L::MEASURES,
        };
        train(model, loaders, &plan, &device, supervision)
    }

    fn report(
        &self,
        network: Network,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let source = self.test.as_ref().filter(|_| test).unwrap_or(&self.train);
        self.learning.report(network, source, indices, device)
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
