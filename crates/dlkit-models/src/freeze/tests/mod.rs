//! Every layer and activation frozen, loaded, verified; hostile files.

mod changed;
mod every_variant;
mod foreign;
mod mutated;

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Distribution, Tensor, TensorData};
use tempfile::TempDir;

use super::{FrozenNetwork, Metadata, freeze};
use crate::facts::{PictureInput, TaskFacts};
use crate::network::Network;
use crate::recipe::parse_experiment;

/// A network with weights as after training: none is zero or one.
fn network(experiment: &crate::recipe::Experiment) -> Network {
    let device = Device::flex();
    device.seed(7);
    let network = Network::new(experiment.network(), 7, &device);
    let weights = network.weights().into_iter().map(|(name, data)| {
        let positive = name.ends_with("running_variance");
        let (low, high) = if positive { (0.5, 2.0) } else { (-0.9, 0.9) };
        let size = data.shape().iter().product::<usize>();
        let draw = Tensor::<1>::random([size], Distribution::Uniform(low, high), &device);
        let values: Vec<f32> = draw.into_data().iter().collect();
        (name, TensorData::new(values, data.shape().to_vec()))
    });
    let weights: Vec<_> = weights.collect();
    network.with_weights(weights).unwrap()
}

/// A frozen network in a file.
struct Case {
    _directory: TempDir,
    path: PathBuf,
    network: Network,
    metadata: Metadata,
}

impl Case {
    fn new(input: &str, layers: &str, with_softmax: bool) -> Self {
        let recipe = format!(
            "task = \"classification\"\ndata = {{ kind = \"mnist\", path = \"private\" }}\n\
             [network]\ninput = {input}\nlayers = [{layers}]"
        );
        let softmax_loss = parse_experiment(&recipe, "recipe", &[]);
        // Only another loss goes with a softmax at the end.
        let mse = ["training.loss=mse".parse().unwrap()];
        let experiment =
            softmax_loss.or_else(|_| parse_experiment(&recipe, "recipe", &mse)).unwrap();
        let network = network(&experiment);
        let outputs = experiment.network().output().values();
        let classes = (0..outputs).map(|class| format!("class {class}")).collect();
        let input = PictureInput::from(experiment.config().data.images().unwrap());
        let facts = TaskFacts::Classification { classes, input: input.into() };
        let metadata = Metadata::of_experiment(&experiment, facts).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model.onnx");
        fs::write(&path, freeze(&network, &metadata, with_softmax).unwrap()).unwrap();
        Self { _directory: directory, path, network, metadata }
    }

    /// A convolution, batch normalization, a trained slope and two dense layers.
    fn small() -> Self {
        Self::new(
            "[1, 5, 4]",
            "{ type = \"conv2d\", filters = 3, kernel = 2, batch_norm = true, \
               activation = { kind = \"prelu\", per = \"channel\" } }, { type = \"flatten\" }, \
             { type = \"dense\", units = 4, activation = \"gelu\" }, { type = \"dense\", units = 3 }",
            true,
        )
    }

    fn frozen(&self) -> FrozenNetwork {
        FrozenNetwork::load(&self.path).unwrap()
    }

    fn inputs(&self, batch: usize) -> Tensor<4> {
        inputs(&self.network, batch)
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }
}

fn inputs(network: &Network, batch: usize) -> Tensor<4> {
    let shape = network.spec().input().batch(batch);
    let device = Device::flex();
    device.seed(11);
    Tensor::random(shape, Distribution::Uniform(-3.0, 3.0), &device)
}

fn load(path: &Path) -> Result<FrozenNetwork, String> {
    FrozenNetwork::load(path).map_err(|error| error.to_string())
}
