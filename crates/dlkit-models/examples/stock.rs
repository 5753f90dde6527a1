//! The workloads of `workload.rs` by Burn's own layers, loss and optimizer on Flex, as it comes: what
//! dlkit was before it had kernels of its own.
//!
//! `stock NAME REPETITIONS`, with the names and the output of `workload`.

mod timing;

use std::error::Error;

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Int, Tensor};
use timing::{Measured, measure};

const FILTERS: [usize; 9] = [1, 39, 78, 117, 156, 195, 234, 273, 313];

/// Convolutions, a pooling and dense layers, with ReLU after all but the last.
#[derive(Module, Debug)]
struct Stock {
    convolutions: Vec<Conv2d>,
    pool: Option<MaxPool2d>,
    denses: Vec<Linear>,
}

impl Stock {
    fn new(channels: &[usize], pooled: bool, features: &[usize], device: &Device) -> Self {
        let convolution =
            |pair: &[usize]| Conv2dConfig::new([pair[0], pair[1]], [3, 3]).init(device);
        let dense = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(device);
        Self {
            convolutions: channels.windows(2).map(convolution).collect(),
            pool: pooled.then(|| MaxPool2dConfig::new([2, 2]).init()),
            denses: features.windows(2).map(dense).collect(),
        }
    }

    fn maps(&self, mut value: Tensor<4>) -> Tensor<4> {
        for (index, convolution) in self.convolutions.iter().enumerate() {
            value = convolution.forward(value);
            if index + 1 < self.convolutions.len() || !self.denses.is_empty() {
                value = relu(value);
            }
        }
        match &self.pool {
            Some(pool) => pool.forward(value),
            None => value,
        }
    }

    fn scores(&self, value: Tensor<4>) -> Tensor<2> {
        let mut value = self.maps(value).flatten::<2>(1, 3);
        for (index, dense) in self.denses.iter().enumerate() {
            value = dense.forward(value);
            if index + 1 < self.denses.len() {
                value = relu(value);
            }
        }
        value
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    timing::print(run)
}

fn run(name: &str, repetitions: usize) -> Result<Measured, Box<dyn Error>> {
    let training = Device::flex().autodiff();
    let draw = |shape: [usize; 4], device: &Device| -> Tensor<4> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
    };
    match name {
        "colorizer-train" => {
            let images = draw([32, 1, 32, 32], &training);
            let targets = draw([32, 313, 16, 16], &training);
            let network = Stock::new(&FILTERS, false, &[], &training);
            let loss = |network: &Stock| {
                MseLoss::new().forward(
                    network.maps(images.clone()),
                    targets.clone(),
                    Reduction::Mean,
                )
            };
            Ok(train(network, repetitions, loss))
        }
        "colorizer-apply" => {
            let device = Device::flex();
            let image = draw([1, 1, 272, 272], &device);
            let network = Stock::new(&FILTERS, false, &[], &device);
            Ok(measure(repetitions, || drop(network.maps(image.clone()).into_data())))
        }
        "cnn-128" => {
            let network = Stock::new(&[1, 32, 64], true, &[9216, 128, 10], &training);
            Ok(classifier(network, &draw([128, 1, 28, 28], &training), repetitions))
        }
        "mlp-60" | "mlp-256" => {
            let batch = if name == "mlp-60" { 60 } else { 256 };
            let network = Stock::new(&[], false, &[784, 1024, 128, 10], &training);
            Ok(classifier(network, &draw([batch, 784, 1, 1], &training), repetitions))
        }
        _ => Err(format!("workload {name} is unknown").into()),
    }
}

/// Steps of training a network that names ten classes.
fn classifier(network: Stock, images: &Tensor<4>, repetitions: usize) -> Measured {
    let device = images.device();
    let batch = i64::try_from(images.dims()[0]).unwrap_or(i64::MAX);
    let classes = Tensor::<1, Int>::arange(0..batch, &device).remainder_scalar(10);
    let cross_entropy = CrossEntropyLossConfig::new().init(&device);
    train(network, repetitions, |network| {
        cross_entropy.forward(network.scores(images.clone()), classes.clone())
    })
}

fn train(mut network: Stock, repetitions: usize, loss: impl Fn(&Stock) -> Tensor<1>) -> Measured {
    let mut optimizer = AdamConfig::new().init();
    measure(repetitions, || {
        let gradients = GradientsParams::from_grads(loss(&network).backward(), &network);
        network = optimizer.step(1e-4, network.clone(), gradients);
    })
}
