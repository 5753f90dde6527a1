//! Activation functions and softmax, in the test phase.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::run::NetworkCase;
use super::{Comparison, Precision, Values, cases};
use crate::network::NetworkSpec;

const FILE: &str = "activations.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    activation: String,
    input: Values,
    output: Values,
    cotangent: Values,
    input_gradient: Values,
    slope: Option<Values>,
    slope_gradient: Option<Values>,
}

/// A network of this one layer.
fn spec(case: &Case) -> NetworkSpec {
    let layer = if case.activation == "\"softmax\"" {
        "{ type = \"softmax\" }".to_owned()
    } else {
        format!("{{ type = \"activation\", function = {} }}", case.activation)
    };
    let mut input = case.input.shape[1..].to_vec();
    if input.len() > 1 {
        input.resize(3, 1);
    }
    let recipe = format!("input = {input:?}\nlayers = [{layer}]");
    NetworkSpec::new(&toml::from_str(&recipe).unwrap()).unwrap()
}

fn compare(precision: Precision) {
    let mut comparison = Comparison::new(FILE, precision);
    for case in cases::<Case>(FILE) {
        let named = |slope: &Option<Values>| -> BTreeMap<String, Values> {
            slope.iter().map(|slope| ("activation1.slope".to_owned(), slope.clone())).collect()
        };
        let network = NetworkCase {
            name: &case.name,
            spec: spec(&case),
            train: false,
            weights: named(&case.slope),
            input: &case.input,
            output: &case.output,
            cotangent: &case.cotangent,
            input_gradient: &case.input_gradient,
            weight_gradients: named(&case.slope_gradient),
            running: BTreeMap::new(),
        };
        network.compare(&mut comparison);
    }
    comparison.finish();
}

#[test]
fn activations_are_those_of_pytorch() {
    compare(Precision::F64);
}

#[test]
fn activations_are_those_of_pytorch_in_single_precision() {
    compare(Precision::F32);
}
