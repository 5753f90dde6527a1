//! The value after every layer of a trained network, in both phases.

use std::collections::BTreeMap;

use burn::tensor::Device;
use serde::Deserialize;

use super::{Precision, Values, cases};
use crate::network::{Network, NetworkSpec};

/// The largest difference of a value.
const TOLERANCE: f64 = 1e-5;

/// The network of `generate.py`; its dropout is off in the comparison.
const NETWORK: &str = r#"
    input = [2, 12, 5]
    batch_norm = true
    layers = [
        { type = "conv2d", filters = 4, kernel = [3, 2], activation = "relu" },
        { type = "max-pool2d", size = 2 },
        { type = "flatten" },
        { type = "dropout", rate = 0.0 },
        { type = "dense", units = 6, activation = "elu" },
        { type = "dense", units = 3 },
    ]"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    phase: String,
    weights: BTreeMap<String, Values>,
    input: Values,
    values: BTreeMap<String, Values>,
}

#[test]
fn values_at_every_layer_are_those_of_pytorch_in_both_phases() {
    let spec = NetworkSpec::new(&toml::from_str(NETWORK).unwrap()).unwrap();
    let mut phases = Vec::new();
    for case in cases::<Case>("traces.json") {
        let device = match case.phase.as_str() {
            "train" => Device::flex().autodiff(),
            _ => Device::flex(),
        };
        let weights =
            case.weights.iter().map(|(name, values)| (name.clone(), values.tensor_data()));
        let network = Network::new(&spec, 0, &device).with_weights(weights).unwrap();
        let input = case.input.batch(&device, Precision::F32);
        let traced: Vec<_> = network.trace(input, |_| true).collect();
        assert_eq!(traced.len(), case.values.len() + 1);
        for value in &traced[1..] {
            let expected = &case.values[&value.layer];
            assert_eq!(value.sizes(), expected.shape, "{}", value.layer);
            for (&given, &expected) in value.values.iter().zip(&expected.data) {
                let difference = (f64::from(given) - expected).abs();
                assert!(difference <= TOLERANCE, "{}, {}", case.phase, value.layer);
            }
        }
        phases.push(traced);
    }
    // The phases agree before batch normalization and differ after it.
    let [test, train] = &phases[..] else { panic!("two phases") };
    assert!(test[1].largest_difference(&train[1]).unwrap() < 1e-6);
    assert!(test[2].largest_difference(&train[2]).unwrap() > 1e-2);
}
