//! Networks with dead neurons, pruned and compared.

use burn::tensor::{Device, Distribution, Tensor, TensorData};

use super::prune;
use crate::network::{Network, NetworkConfig, NetworkSpec};

fn config(recipe: &str) -> NetworkConfig {
    toml::from_str(recipe).unwrap()
}

/// A network with random weights, some of which are set to zero by name, axis and place.
fn network(config: &NetworkConfig, zeros: &[(&str, usize, usize)]) -> Network {
    let device = Device::flex();
    device.seed(3);
    let network = Network::new(&NetworkSpec::new(config).unwrap(), 3, &device);
    let drawn = network.weights().into_iter().map(|(name, data)| {
        let low = if name.ends_with("variance") { 0.5 } else { -1.0 };
        let count = data.shape().iter().product::<usize>();
        let draw = Tensor::<1>::random([count], Distribution::Uniform(low, 1.5), &device);
        let mut values: Vec<f32> = draw.into_data().iter().collect();
        let dims = data.shape().to_vec();
        for (_, axis, place) in zeros.iter().filter(|(zeroed, ..)| *zeroed == name) {
            let inner: usize = dims[axis + 1..].iter().product();
            for (index, value) in values.iter_mut().enumerate() {
                if index / inner % dims[*axis] == *place {
                    *value = 0.0;
                }
            }
        }
        (name, TensorData::new(values, dims))
    });
    let drawn: Vec<_> = drawn.collect();
    network.with_weights(drawn).unwrap()
}

/// Prunes and checks that outputs stay; gives the units left in each layer with weights.
fn units_after(recipe: &str, zeros: &[(&str, usize, usize)]) -> Vec<usize> {
    let config = config(recipe);
    let network = network(&config, zeros);
    let pruned = prune(&config, &network, 0.0).unwrap();
    let device = Device::flex();
    let shape = network.spec().input().batch(5);
    let input = Tensor::random(shape, Distribution::Uniform(-2.0, 2.0), &device);
    let outputs = |network: &Network| -> Vec<f64> {
        network.forward(input.clone()).into_data().iter().collect()
    };
    let (before, after) = (outputs(&network), outputs(&pruned.network));
    let largest = before.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert!((before - after).abs() <= 1e-6 * largest, "{before} {after}");
    }
    let spec = NetworkSpec::new(&pruned.config).unwrap();
    assert_eq!(&spec, pruned.network.spec());
    let weighted = spec.layers().iter().filter(|layer| layer.mixing().is_some());
    weighted.map(|layer| layer.output().channels()).collect()
}

const DENSE: &str = r#"
    input = [3]
    activation = { kind = "prelu", per = "channel" }
    batch_norm = true
    layers = [
        { type = "dense", units = 5 },
        { type = "dropout", rate = 0.5 },
        { type = "dense", units = 4 },
        { type = "dense", units = 2 },
    ]"#;

#[test]
fn a_network_without_dead_neurons_stays() {
    assert_eq!(units_after(DENSE, &[]), [5, 4, 2]);
}

#[test]
fn neurons_without_inputs_or_outputs_go_and_constants_are_folded() {
    let zeros = [("dense1.weight", 1, 0), ("dense1.weight", 1, 3), ("dense2.weight", 0, 2)];
    assert_eq!(units_after(DENSE, &zeros), [2, 4, 2]);
}

#[test]
fn what_only_feeds_dead_neurons_goes_as_well() {
    // The neurons of the second layer have no outputs but one, which has no weight from neuron 1.
    let zeros = [("dense3.weight", 0, 0), ("dense3.weight", 0, 1), ("dense3.weight", 0, 3)];
    assert_eq!(units_after(DENSE, &zeros), [5, 1, 2]);
    let all = [0, 1, 2, 3].map(|place| ("dense3.weight", 0, place));
    assert_eq!(units_after(DENSE, &all), [5, 1, 2]);
}

#[test]
fn channels_of_convolutions_go_with_their_pixels() {
    let recipe = |padding: &str| {
        format!(
            r#"
            input = [2, 8, 7]
            activation = "relu"
            layers = [
                {{ type = "conv2d", filters = 4, kernel = 3, batch_norm = true }},
                {{ type = "conv2d", filters = 5, kernel = 3, padding = {padding} }},
                {{ type = "max-pool2d", size = 2 }},
                {{ type = "flatten" }},
                {{ type = "batch-norm" }},
                {{ type = "dense", units = 3 }},
            ]"#
        )
    };
    let zeros = [("conv1.weight", 0, 1), ("conv2.weight", 1, 2), ("conv2.weight", 0, 4)];
    assert_eq!(units_after(&recipe("\"valid\""), &zeros), [2, 4, 3]);
    // A constant other than zero cannot be folded past padding: channel 1 stays or was zero.
    let padded = units_after(&recipe("1"), &zeros);
    assert!(padded[0] >= 2 && padded[0] <= 3 && padded[1..] == [4, 3], "{padded:?}");
}

#[test]
fn a_threshold_counts_small_weights_as_zero() {
    let config = config(DENSE);
    let network = network(&config, &[]);
    let weights = network.weights().into_iter().map(|(name, data)| {
        let values = data.iter::<f32>();
        let scale = if name == "dense2.weight" { 1e-3 } else { 1.0 };
        let values: Vec<f32> = values.map(|value| value * scale).collect();
        (name, TensorData::new(values, data.shape().to_vec()))
    });
    let weights: Vec<_> = weights.collect();
    let network = network.with_weights(weights).unwrap();
    let units = |threshold| {
        let pruned = prune(&config, &network, threshold).unwrap();
        pruned.network.spec().layers()[0].output().channels()
    };
    assert_eq!((units(0.0), units(0.01)), (5, 1));
}

#[test]
fn channels_that_batch_normalization_stops_are_constants() {
    let zeros = [("dense1.batch_norm.gamma", 0, 1), ("dense1.batch_norm.gamma", 0, 4)];
    assert_eq!(units_after(DENSE, &zeros), [3, 4, 2]);
    // Behind a flatten, each pixel has a scale of its own, and all must be zero.
    let recipe = r#"
        input = [1, 3, 3]
        layers = [
            { type = "conv2d", filters = 3, kernel = 2, activation = "relu" },
            { type = "flatten" },
            { type = "batch-norm" },
            { type = "dense", units = 2 },
        ]"#;
    let of_channel = |count: usize| -> Vec<_> {
        (4..4 + count).map(|place| ("batch_norm1.gamma", 0, place)).collect()
    };
    assert_eq!(units_after(recipe, &of_channel(4)), [2, 2]);
    assert_eq!(units_after(recipe, &of_channel(3)), [3, 2]);
}

#[test]
fn constants_go_into_a_batch_normalization_where_there_are_no_biases() {
    let recipe = |norm: bool| {
        format!(
            r#"
            input = [2, 6, 6]
            layers = [
                {{ type = "conv2d", filters = 4, kernel = 3, activation = "sigmoid" }},
                {{ type = "conv2d", filters = 3, kernel = 3, bias = false, batch_norm = {norm} }},
                {{ type = "flatten" }},
                {{ type = "dense", units = 2 }},
            ]"#
        )
    };
    let zeros = [("conv1.weight", 0, 0), ("conv1.weight", 0, 3)];
    assert_eq!(units_after(&recipe(true), &zeros), [2, 3, 2]);
    assert_eq!(units_after(&recipe(false), &zeros), [4, 3, 2]);
    let config = config(&recipe(false));
    let stays = prune(&config, &network(&config, &zeros), 0.0).unwrap();
    assert_eq!(stays.dead_neurons(), 2);
}

/// Two branches that are added, then two convolutions; `a` is read by `b` and by the sum.
const RESIDUAL: &str = r#"
    input = [2, 6, 5]
    activation = "relu"
    layers = [
        { type = "conv2d", name = "a", filters = 4, kernel = 3 },
        { type = "conv2d", name = "b", filters = 4, kernel = 1, batch_norm = true, activation = "none" },
        { type = "add", from = ["a", "b"] },
        { type = "conv2d", name = "c", filters = 3, kernel = 2 },
        { type = "conv2d", name = "d", filters = 2, kernel = 1 },
    ]"#;

#[test]
fn channels_that_are_added_go_together_or_stay() {
    // Nothing reads channel 1 of the sum, but `b` reads that of `a`.
    assert_eq!(units_after(RESIDUAL, &[("c.weight", 1, 1)]), [4, 4, 3, 2]);
    assert_eq!(units_after(RESIDUAL, &[("c.weight", 1, 1), ("b.weight", 1, 1)]), [3, 3, 3, 2]);
    // Both are constants, which go into the biases of `b` and `c`.
    let constants =
        [("a.weight", 0, 2), ("b.weight", 0, 2), ("a.weight", 0, 0), ("b.batch_norm.gamma", 0, 0)];
    assert_eq!(units_after(RESIDUAL, &constants), [2, 2, 3, 2]);
    assert_eq!(units_after(RESIDUAL, &[("a.weight", 0, 2)]), [4, 4, 3, 2]);
}

#[test]
fn channels_of_lists_and_gates_find_their_place() {
    let recipe = r#"
        input = [2, 6, 5]
        activation = "relu"
        layers = [
            { type = "conv2d", name = "a", filters = 4, kernel = 3 },
            { type = "conv2d", name = "b", filters = 3, kernel = 3, from = "input" },
            { type = "global-avg-pool" },
            { type = "conv2d", name = "gate", filters = 4, kernel = 1, activation = "sigmoid" },
            { type = "multiply", from = ["a", "gate"] },
            { type = "concat", from = ["b", "multiply1", "global_avg_pool1"] },
            { type = "flatten" },
            { type = "dense", units = 2 },
        ]"#;
    assert_eq!(units_after(recipe, &[]), [4, 3, 4, 2]);
    // Channel 2 of the product is zero, whatever the gate.
    let silent = [("a.weight", 0, 2), ("a.bias", 0, 2)];
    assert_eq!(units_after(recipe, &silent), [3, 3, 3, 2]);
    // A constant of `b` reaches the gate and, twice, the dense layer.
    assert_eq!(units_after(recipe, &[("b.weight", 0, 1)]), [4, 2, 4, 2]);
}

#[test]
fn depthwise_convolutions_shrink_with_their_channels() {
    let recipe = |padding: usize| {
        format!(
            r#"
            input = [2, 6, 5]
            activation = "relu"
            layers = [
                {{ type = "conv2d", filters = 4, kernel = 1 }},
                {{ type = "conv2d", filters = 4, kernel = 3, groups = 4, padding = {padding} }},
                {{ type = "conv2d", filters = 2, kernel = 1 }},
            ]"#
        )
    };
    let layers_after = |recipe: &str, zeros: &[(&str, usize, usize)]| {
        let config = config(recipe);
        let pruned = prune(&config, &network(&config, zeros), 0.0).unwrap();
        units_after(recipe, zeros);
        pruned
            .network
            .spec()
            .layers()
            .iter()
            .map(|layer| layer.output().channels())
            .collect::<Vec<_>>()
    };
    // A constant before it is one behind it, and so is one that its weights make.
    let zeros = [("conv1.weight", 0, 3), ("conv2.weight", 0, 1)];
    assert_eq!(layers_after(&recipe(0), &zeros), [2, 2, 2, 2, 2]);
    // At the border, padding meets the constant.
    assert_eq!(layers_after(&recipe(1), &zeros), [3, 3, 3, 3, 2]);
}
