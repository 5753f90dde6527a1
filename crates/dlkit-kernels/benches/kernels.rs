//! Times of the kernels at the sizes of the benchmarks' networks, against their own last run.
//!
//! Throughput of sums of products counts two operations each, as the definition needs them.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use dlkit_kernels::cross_entropy::{self, Targets};
use dlkit_kernels::optimizer::{AdamStep, SgdStep};
use dlkit_kernels::pool::{self, Windows};
use dlkit_kernels::{dense, upsampling, winograd};

/// The colorizer's channels, of a batch of 32 pictures of 32x32.
const CHANNELS: [usize; 9] = [1, 39, 78, 117, 156, 195, 234, 273, 313];
const BATCH: usize = 32;
const SIDE: usize = 32;

fn numbers(count: usize) -> Vec<f32> {
    let values = (0_u16..1009).cycle().map(|index| f32::from(index) / 1009.0 - 0.5);
    values.take(count).collect()
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    group
}

fn convolutions(criterion: &mut Criterion) {
    let mut group = group(criterion, "convolution");
    for (layer, channels) in CHANNELS.windows(2).enumerate() {
        let (height, width) = (SIDE - 2 * layer, SIDE - 2 * layer);
        let (channels, filters) = (channels[0], channels[1]);
        let shape =
            winograd::Shape { batch: BATCH, channels, filters, height, width, padding: [0, 0] };
        let outputs = BATCH * filters * (height - 2) * (width - 2);
        let input = numbers(BATCH * channels * height * width);
        let weight = numbers(filters * channels * 9);
        let gradient = numbers(outputs);
        let name = format!("{channels} to {filters}");
        group.throughput(Throughput::Elements((outputs * channels * 18) as u64));
        group.bench_function(format!("{name}, forward"), |bencher| {
            let ending = winograd::Ending::default();
            bencher.iter(|| black_box(winograd::convolution(shape, &input, &weight, ending)));
        });
        group.bench_function(format!("{name}, gradient of the input"), |bencher| {
            bencher.iter(|| black_box(winograd::input_gradient(shape, &gradient, &weight)));
        });
        group.bench_function(format!("{name}, gradient of the weights"), |bencher| {
            bencher.iter(|| black_box(winograd::weight_gradient(shape, &input, &gradient)));
        });
    }
    group.finish();
}

fn dense_layers(criterion: &mut Criterion) {
    let mut group = group(criterion, "dense");
    for batch in [60, 256] {
        let (inputs, units) = (784, 1024);
        let shape = dense::Shape { batch, inputs, units };
        let input = numbers(batch * inputs);
        let weight = numbers(inputs * units);
        let gradient = numbers(batch * units);
        group.throughput(Throughput::Elements((2 * batch * inputs * units) as u64));
        group.bench_function(format!("batch of {batch}, forward"), |bencher| {
            let ending = dense::Ending::default();
            bencher.iter(|| black_box(dense::forward(shape, &input, &weight, ending)));
        });
        group.bench_function(format!("batch of {batch}, gradient of the input"), |bencher| {
            bencher.iter(|| black_box(dense::input_gradient(shape, &gradient, &weight)));
        });
        group.bench_function(format!("batch of {batch}, gradient of the weights"), |bencher| {
            bencher.iter(|| black_box(dense::weight_gradient(shape, &input, &gradient)));
        });
    }
    group.finish();
}

fn pooling(criterion: &mut Criterion) {
    let mut group = group(criterion, "pool 2x2 of 128 x 64 planes of 24x24");
    let windows = Windows { input: [24, 24], size: [2, 2], stride: [2, 2], padding: [0, 0] };
    let input = numbers(128 * 64 * 24 * 24);
    group.throughput(Throughput::Elements(input.len() as u64));
    group.bench_function("maximum", |bencher| {
        bencher.iter(|| black_box(pool::maximum(windows, &input)));
    });
    let (largest, places) = pool::maximum(windows, &input);
    group.bench_function("maximum, gradient", |bencher| {
        bencher.iter(|| black_box(pool::maximum_gradient(windows, &places, &largest)));
    });
    group.bench_function("average", |bencher| {
        bencher.iter(|| black_box(pool::average(windows, &input)));
    });
    group.bench_function("average, gradient", |bencher| {
        bencher.iter(|| black_box(pool::average_gradient(windows, &largest)));
    });
    group.finish();
}

fn enlarging(criterion: &mut Criterion) {
    let mut group = group(criterion, "bilinear, twice the size, of 16 x 128 planes of 15x15");
    let shape = upsampling::Shape { input: [15, 15], factor: [2, 2] };
    let input = numbers(16 * 128 * 15 * 15);
    group.throughput(Throughput::Elements(4 * input.len() as u64));
    let output = upsampling::bilinear(shape, &input);
    group.bench_function("forward", |bencher| {
        bencher.iter(|| black_box(upsampling::bilinear(shape, &input)));
    });
    group.bench_function("gradient", |bencher| {
        bencher.iter(|| black_box(upsampling::input_gradient(shape, &output)));
    });
    group.finish();
}

fn losses(criterion: &mut Criterion) {
    let mut group = group(criterion, "cross-entropy of 16 x 120 x 784");
    let shape = cross_entropy::Shape { batch: 16, classes: 120, places: 784 };
    let (scores, shares) = (numbers(16 * 120 * 784), numbers(16 * 120 * 784));
    let targets = Targets::Shares { shares: &shares, weights: None };
    group.throughput(Throughput::Elements(scores.len() as u64));
    group.bench_function("loss", |bencher| {
        bencher.iter(|| black_box(cross_entropy::mean(shape, &scores, targets, 0.0)));
    });
    group.bench_function("loss and gradient", |bencher| {
        bencher.iter(|| black_box(cross_entropy::mean_and_gradient(shape, &scores, targets, 0.0)));
    });
    group.finish();
}

fn optimizers(criterion: &mut Criterion) {
    const WEIGHTS: usize = 1 << 20;
    let mut group = group(criterion, "optimiser");
    group.throughput(Throughput::Elements(WEIGHTS as u64));
    let gradient = numbers(WEIGHTS);
    let (mut weight, mut first, mut second) =
        (numbers(WEIGHTS), vec![0.0; WEIGHTS], vec![0.0; WEIGHTS]);
    let adam = AdamStep {
        learning_rate: 1e-3,
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
        decoupled: false,
        time: 1,
        penalty: None,
    };
    group.bench_function("Adam", |bencher| {
        bencher.iter(|| adam.apply(&mut weight, &gradient, &mut first, &mut second));
    });
    let sgd = SgdStep { learning_rate: 1e-3, momentum: 0.9, nesterov: false, weight_decay: 0.0 };
    group.bench_function("SGD with momentum", |bencher| {
        bencher.iter(|| sgd.apply(&mut weight, &gradient, Some(&mut first)));
    });
    group.finish();
}

criterion_group!(kernels, convolutions, dense_layers, pooling, enlarging, losses, optimizers);
criterion_main!(kernels);
