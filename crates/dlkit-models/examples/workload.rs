//! Runs one of the workloads of `docs/benchmarks.md` and prints, as JSON, the milliseconds of its
//! repetitions and the bytes of memory before the first and at the peak (Linux only).
//!
//! `workload NAME REPETITIONS`, with NAME one of `colorizer-train`, `colorizer-apply`, `cnn-128`,
//! `mlp-60`, `mlp-256`, or a recipe's path ending in `.toml`: a step of its training. Inputs and weights
//! are drawn, the work is that of training and applying.

mod timing;

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use burn::optim::GradientsParams;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Distribution, Int, Tensor};
use dlkit_models::facts::Task;
use dlkit_models::keep_freed_memory;
use dlkit_models::network::{Network, NetworkSpec};
use dlkit_models::recipe::parse_experiment;
use dlkit_models::training::{Loss, OptimizerConfig, Reduction};
use timing::{Measured, measure};

const FILTERS: [usize; 8] = [39, 78, 117, 156, 195, 234, 273, 313];

fn main() -> Result<(), Box<dyn Error>> {
    keep_freed_memory();
    // As one of the threads, as `dlkit` runs its commands.
    rayon::scope(|_| timing::print(run).map_err(|error| error.to_string()))?;
    Ok(())
}

fn run(name: &str, repetitions: usize) -> Result<Measured, Box<dyn Error>> {
    match name {
        "colorizer-train" => colorizer_train(repetitions),
        "colorizer-apply" => colorizer_apply(repetitions),
        "cnn-128" => classifier(CNN, [128, 1, 28, 28], repetitions),
        "mlp-60" => classifier(MLP, [60, 784, 1, 1], repetitions),
        "mlp-256" => classifier(MLP, [256, 784, 1, 1], repetitions),
        path if Path::new(path).extension() == Some("toml".as_ref()) => {
            recipe_step(path, repetitions)
        }
        _ => Err(format!("workload {name} is unknown").into()),
    }
}

const MLP: &str = r#"
    input = [784]
    layers = [
        { type = "dense", units = 1024, activation = "relu" },
        { type = "dense", units = 128, activation = "relu" },
        { type = "dense", units = 10 },
    ]
"#;
const CNN: &str = r#"
    input = [1, 28, 28]
    layers = [
        { type = "conv2d", filters = 32, kernel = 3, activation = "relu" },
        { type = "conv2d", filters = 64, kernel = 3, activation = "relu" },
        { type = "max-pool2d", size = 2 },
        { type = "flatten" },
        { type = "dense", units = 128, activation = "relu" },
        { type = "dense", units = 10 },
    ]
"#;

fn colorizer(side: usize) -> Result<NetworkSpec, Box<dyn Error>> {
    let mut recipe = format!("input = [1, {side}, {side}]\nlayers = [\n");
    for (layer, filters) in FILTERS.into_iter().enumerate() {
        let activation = if layer + 1 < FILTERS.len() { ", activation = \"relu\"" } else { "" };
        writeln!(recipe, "{{ type = \"conv2d\", filters = {filters}, kernel = 3{activation} }},")?;
    }
    recipe.push(']');
    specification(&recipe)
}

fn specification(recipe: &str) -> Result<NetworkSpec, Box<dyn Error>> {
    NetworkSpec::new(&toml::from_str(recipe)?).map_err(|error| format!("{error}").into())
}

fn draw<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn colorizer_train(repetitions: usize) -> Result<Measured, Box<dyn Error>> {
    let device = Device::flex().autodiff();
    let images = draw([32, 1, 32, 32], &device);
    let targets = draw([32, 313, 16, 16], &device);
    let loss = Loss::Mse { reduction: Reduction::Mean };
    Ok(train(&colorizer(32)?, repetitions, |network| {
        loss.of_values(network.forward(images.clone()), targets.clone())
    }))
}

fn colorizer_apply(repetitions: usize) -> Result<Measured, Box<dyn Error>> {
    let device = Device::flex();
    let network = Network::new(&colorizer(272)?, 1, &device);
    let image = draw([1, 1, 272, 272], &device);
    Ok(measure(repetitions, || drop(network.forward(image.clone()).into_data())))
}

/// Steps of training a network that names ten classes.
fn classifier(
    recipe: &str,
    dims: [usize; 4],
    repetitions: usize,
) -> Result<Measured, Box<dyn Error>> {
    let device = Device::flex().autodiff();
    let images = draw(dims, &device);
    let [batch, ..] = dims;
    let classes = Tensor::<1, Int>::arange(0..i64::try_from(batch)?, &device).remainder_scalar(10);
    let loss = Loss::CrossEntropy { label_smoothing: 0.0 };
    Ok(train(&specification(recipe)?, repetitions, |network| {
        let scores = network.forward(images.clone()).reshape([batch, 10]);
        loss.of_classes(scores, classes.clone())
    }))
}

/// Steps of training by a recipe, with its batch size, loss and optimizer.
fn recipe_step(path: &str, repetitions: usize) -> Result<Measured, Box<dyn Error>> {
    let experiment = parse_experiment(&std::fs::read_to_string(path)?, path, &[])?;
    let (spec, training) = (experiment.network(), &experiment.config().training);
    let device = Device::flex().autodiff();
    let batch = training.batch_size;
    let inputs = draw(spec.input().batch(batch), &device);
    let outputs = spec.output().batch(batch);
    let shares = experiment.config().task == Task::Colorization;
    let targets: Tensor<4> = Tensor::random(outputs, Distribution::Uniform(0.0, 1.0), &device);
    let targets = if shares { softmax(targets, 1) } else { targets };
    let units = i64::try_from(outputs[1])?;
    let classes =
        Tensor::<1, Int>::arange(0..i64::try_from(batch)?, &device).remainder_scalar(units);
    let optimizer = training.optimizer;
    Ok(steps(spec, &optimizer, repetitions, |network| {
        let found = network.forward(inputs.clone());
        if experiment.config().task == Task::Classification {
            training.loss.of_classes(found.reshape([batch, outputs[1]]), classes.clone())
        } else {
            training.loss.of_values(found, targets.clone())
        }
    }))
}

fn train(spec: &NetworkSpec, repetitions: usize, loss: impl Fn(&Network) -> Tensor<1>) -> Measured {
    steps(spec, &OptimizerConfig::default(), repetitions, loss)
}

fn steps(
    spec: &NetworkSpec,
    optimizer: &OptimizerConfig,
    repetitions: usize,
    loss: impl Fn(&Network) -> Tensor<1>,
) -> Measured {
    let mut network = Network::new(spec, 1, &Device::flex().autodiff());
    let mut optimizer = optimizer.build();
    measure(repetitions, || {
        let loss = loss(&network);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimizer.step(1e-4, network.clone(), gradients);
    })
}
