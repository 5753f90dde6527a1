//! Layers, layers with their batch normalization and activation, one small network.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::run::NetworkCase;
use super::{Comparison, Precision, Values, cases};
use crate::network::{NetworkConfig, NetworkSpec};

const FILE: &str = "layers.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    input_shape: Vec<usize>,
    layers: String,
    phase: Phase,
    parameters: BTreeMap<String, Values>,
    input: Values,
    output: Values,
    cotangent: Values,
    input_gradient: Values,
    parameter_gradients: BTreeMap<String, Values>,
    #[serde(default)]
    running: BTreeMap<String, Values>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Train,
    Test,
}

#[derive(Deserialize)]
struct Recipe {
    network: NetworkConfig,
}

fn compare(precision: Precision) {
    let mut comparison = Comparison::new(FILE, precision);
    for case in cases::<Case>(FILE) {
        let text = format!("[network]\ninput = {:?}\n{}", case.input_shape, case.layers);
        let recipe: Recipe = toml::from_str(&text).unwrap();
        let network = NetworkCase {
            name: &case.name,
            spec: NetworkSpec::new(&recipe.network).unwrap(),
            train: case.phase == Phase::Train,
            weights: case.parameters,
            input: &case.input,
            output: &case.output,
            cotangent: &case.cotangent,
            input_gradient: &case.input_gradient,
            weight_gradients: case.parameter_gradients,
            running: case.running,
        };
        network.compare(&mut comparison);
    }
    comparison.finish();
}

#[test]
fn layers_are_those_of_pytorch() {
    compare(Precision::F64);
}

#[test]
fn layers_are_those_of_pytorch_in_single_precision() {
    compare(Precision::F32);
}
