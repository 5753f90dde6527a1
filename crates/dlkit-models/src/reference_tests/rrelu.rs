//! The training phase of the randomized leaky ReLU, by its definitions.

use std::collections::BTreeSet;

use burn::tensor::{Device, Tensor};

use crate::network::{Network, NetworkSpec};
use crate::randomness::DEVICE_GENERATOR;

/// Elements of one call; enough for means within a hundredth.
const COUNT: usize = 20_000;

fn network(mode: &str) -> Network {
    let recipe = format!(
        "input = [{COUNT}]\n\
         layers = [{{ type = \"activation\", function = {{ kind = \"rrelu\", mode = \"{mode}\" }} }}]"
    );
    let spec = NetworkSpec::new(&toml::from_str(&recipe).unwrap()).unwrap();
    Network::new(&spec, 0, &Device::flex().autodiff())
}

/// Output over input for inputs of alternating sign, in the training phase: the ratios of
/// positive elements, then those of negative ones.
fn ratios(network: &Network) -> (Vec<f64>, Vec<f64>) {
    let inputs: Vec<f32> = [0.5, -2.0, 3.0, -0.25].into_iter().cycle().take(COUNT).collect();
    let device = Device::flex().autodiff();
    let input = Tensor::<1>::from_data(inputs.as_slice(), &device).reshape([1, COUNT, 1, 1]);
    let outputs = network.forward(input).try_into_vec_as::<f32>().unwrap();
    let ratio = |(output, input): (&f32, &f32)| f64::from(output / input);
    let all: Vec<f64> = outputs.iter().zip(&inputs).map(ratio).collect();
    let every_second = |first| all.iter().skip(first).step_by(2).copied().collect();
    (every_second(0), every_second(1))
}

fn seeded(network: &Network, seed: u64) -> Vec<f64> {
    Device::flex().seed(seed);
    let (positive, negative) = ratios(network);
    let changed = positive.iter().find(|ratio| ratio.to_bits() != 1.0_f64.to_bits());
    assert_eq!(changed, None, "positive values are left as they are");
    negative
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = f64::from(u32::try_from(values.len()).unwrap());
    values.sum::<f64>() / count
}

fn assert_in(values: &[f64], lower: f64, upper: f64) {
    let slack = 1e-6 * upper;
    let outside = values.iter().find(|&&value| value < lower - slack || value > upper + slack);
    assert_eq!(outside, None, "allowed is {lower} to {upper}");
}

/// Nearly all: single precision repeats a value now and then.
fn assert_all_differ(values: &[f64]) {
    let distinct: BTreeSet<u64> = values.iter().map(|value| value.to_bits()).collect();
    assert!(distinct.len() > values.len() * 99 / 100, "{} of {}", distinct.len(), values.len());
}

fn assert_near(given: f64, expected: f64) {
    assert!((given - expected).abs() < 0.01 * expected, "{given}, not {expected}");
}

#[test]
fn framework_multiplies_each_negative_by_a_draw_of_its_own() {
    let _guard = DEVICE_GENERATOR.lock();
    let ratios = seeded(&network("framework"), 1);
    assert_in(&ratios, 1.0 / 8.0, 1.0 / 3.0);
    assert_all_differ(&ratios);
    assert_near(mean(ratios.into_iter()), 11.0 / 48.0);
}

#[test]
fn paper_divides_each_negative_by_a_draw_of_its_own() {
    let _guard = DEVICE_GENERATOR.lock();
    let ratios = seeded(&network("paper"), 1);
    assert_in(&ratios, 1.0 / 8.0, 1.0 / 3.0);
    assert_all_differ(&ratios);
    // The divisor is uniform, so its mean is 5.5; the mean ratio is that of 1 / U(3, 8).
    assert_near(mean(ratios.iter().map(|ratio| 1.0 / ratio)), 5.5);
    assert_near(mean(ratios.into_iter()), (8.0_f64 / 3.0).ln() / 5.0);
}

#[test]
fn post_multiplies_all_negatives_by_one_draw_per_call() {
    let _guard = DEVICE_GENERATOR.lock();
    let network = network("post");
    let calls: Vec<f64> = (0..2000)
        .map(|seed| {
            let ratios = seeded(&network, seed);
            let first = ratios[0];
            assert_in(&ratios, first, first);
            first
        })
        .collect();
    assert_in(&calls, 3.0, 8.0);
    assert_all_differ(&calls);
    assert_near(mean(calls.into_iter()), 5.5);
}

#[test]
fn the_seed_of_the_device_fixes_the_draws_and_calls_differ() {
    let _guard = DEVICE_GENERATOR.lock();
    for mode in ["framework", "paper", "post"] {
        let network = network(mode);
        let first = seeded(&network, 7);
        let second = ratios(&network).1;
        assert_ne!(first, second, "{mode}: a second call draws anew");
        assert_eq!(first, seeded(&network, 7), "{mode}");
        assert_eq!(second, ratios(&network).1, "{mode}");
        assert_ne!(first, seeded(&network, 8), "{mode}");
    }
}
