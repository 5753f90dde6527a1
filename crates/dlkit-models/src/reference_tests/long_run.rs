//! Fifty steps of training with this crate's kernels beside Burn's own operations.
//!
//! Kernels and fused optimizers are there for single precision; in double precision the same network
//! runs on Burn's operations. Both begin with the same weights.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand_distr::StandardNormal;

use super::Precision;
use super::run::To;
use crate::network::{Network, NetworkSpec};
use crate::randomness::{Purpose, generator};
use crate::training::{Loss, OptimizerConfig, Reduction};

const STEPS: usize = 50;

/// A network and the batch it learns.
struct Case {
    spec: NetworkSpec,
    learning_rate: f64,
    input: TensorData,
    targets: Targets,
}

enum Targets {
    Classes(Vec<i64>),
    Values(TensorData),
}

fn draw(shape: [usize; 4]) -> TensorData {
    let random = generator(9, Purpose::Crops, 0);
    let values: Vec<f32> =
        random.sample_iter(StandardNormal).take(shape.iter().product()).collect();
    TensorData::new(values, shape)
}

fn spec(recipe: &str) -> NetworkSpec {
    NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap()
}

/// The reference CNN of MNIST.
fn cnn(filters: [usize; 2], units: usize, batch: usize) -> Case {
    let [first, second] = filters;
    let layers = format!(
        r#"input = [1, 28, 28]
        activation = "relu"
        layers = [
            {{ type = "conv2d", filters = {first}, kernel = 3 }},
            {{ type = "conv2d", filters = {second}, kernel = 3 }},
            {{ type = "max-pool2d", size = 2 }},
            {{ type = "flatten" }},
            {{ type = "dense", units = {units} }},
            {{ type = "dense", units = 10, activation = "none" }},
        ]"#
    );
    let classes = (0..i64::try_from(batch).unwrap()).map(|sample| sample % 10).collect();
    Case {
        spec: spec(&layers),
        learning_rate: 3e-4,
        input: draw([batch, 1, 28, 28]),
        targets: Targets::Classes(classes),
    }
}

/// The colorizer of eight convolutions, each with `step` filters more than the one before.
///
/// Of the learning rate: targets are noise, and Adam makes steps of one size of gradients that almost
/// cancel. At 3e-4, Burn's own single precision is 5e-3 from double precision after 36 steps of the full
/// size, and so are the kernels.
fn colorizer(step: usize, batch: usize, side: usize, learning_rate: f64) -> Case {
    let layers: Vec<String> = (1..=8)
        .map(|layer| format!(r#"{{ type = "conv2d", filters = {}, kernel = 3 }}"#, layer * step))
        .collect();
    let recipe = format!(
        "input = [1, {side}, {side}]\nactivation = \"relu\"\nlayers = [{}]",
        layers.join(", ")
    );
    Case {
        spec: spec(&recipe),
        learning_rate,
        input: draw([batch, 1, side, side]),
        targets: Targets::Values(draw([batch, 8 * step, side - 16, side - 16])),
    }
}

/// The loss of each step.
fn losses(case: &Case, precision: Precision) -> Vec<f64> {
    let device = Device::flex().autodiff();
    let mut network = Network::new(&case.spec, 3, &device).map(&mut To(precision));
    let input = Tensor::<4>::from_data(case.input.clone(), (&device, precision.dtype()));
    let mut optimizer = OptimizerConfig::default().build();
    let mut found = Vec::new();
    for _ in 0..STEPS {
        let output = network.forward(input.clone());
        let loss = match &case.targets {
            Targets::Classes(classes) => {
                let classes = Tensor::from_data(classes.as_slice(), &device);
                let [samples, values, ..] = output.dims();
                let scores = output.reshape([samples, values]);
                Loss::CrossEntropy { label_smoothing: 0.0 }.of_classes(scores, classes)
            }
            Targets::Values(values) => {
                let values = Tensor::from_data(values.clone(), (&device, precision.dtype()));
                Loss::Mse { reduction: Reduction::Mean }.of_values(output, values)
            }
        };
        found.push(loss.clone().into_data().iter::<f64>().next().unwrap());
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimizer.step(case.learning_rate, network, gradients);
    }
    found
}

fn compare(case: &Case) {
    let kernels = losses(case, Precision::F32);
    let plain = losses(case, Precision::F64);
    for (step, (kernels, plain)) in kernels.iter().zip(&plain).enumerate() {
        assert!((kernels - plain).abs() < 1e-3, "step {step}: {kernels}, by Burn {plain}");
    }
    // Something was learned, so that there was something to be wrong about.
    assert!(plain[STEPS - 1] < 0.99 * plain[0], "{plain:?}");
}

#[test]
fn a_cnn_learns_alike() {
    compare(&cnn([8, 16], 32, 20));
}

#[test]
fn a_colorizer_learns_alike() {
    compare(&colorizer(6, 2, 24, 3e-4));
}

#[test]
#[ignore = "takes minutes"]
fn the_cnn_of_full_size_learns_alike() {
    compare(&cnn([32, 64], 128, 64));
}

#[test]
#[ignore = "takes minutes"]
fn the_colorizer_of_full_size_learns_alike() {
    compare(&colorizer(39, 8, 32, 1e-4));
}
