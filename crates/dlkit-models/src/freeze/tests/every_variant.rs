//! Every layer and every activation, run by both runtimes.

use std::collections::BTreeSet;

use burn::tensor::Device;

use super::Case;
use crate::freeze::{TOLERANCE, verify};
use crate::network::{
    Activation, NetworkSpec, Operation, RandomizedRelu, RreluMode, SlopeSharing, Upsample,
    UpsampleMode,
};
use crate::value::Shape;

/// Input and layers of a network for each variant; the last value of each is what is held to.
const CASES: [(&str, &str); 52] = [
    ("[5]", r#"{ type = "dense", units = 3 }"#),
    ("[5]", r#"{ type = "dense", units = 3, bias = false }"#),
    ("[2, 7, 5]", r#"{ type = "conv2d", filters = 3, kernel = [3, 2] }"#),
    (
        "[2, 7, 5]",
        r#"{ type = "conv2d", filters = 3, kernel = [2, 4], padding = "same", bias = false }"#,
    ),
    (
        "[2, 9, 8]",
        r#"{ type = "conv2d", filters = 3, kernel = 3, stride = [2, 1], padding = [1, 2], dilation = [1, 2] }"#,
    ),
    ("[2, 7, 6]", r#"{ type = "max-pool2d", size = [3, 2], stride = [2, 1], padding = [1, 0] }"#),
    ("[2, 7, 6]", r#"{ type = "avg-pool2d", size = [3, 2], stride = [2, 1], padding = [1, 1] }"#),
    ("[2, 7, 6]", r#"{ type = "avg-pool2d", size = 2 }"#),
    ("[2, 3, 4]", r#"{ type = "flatten" }"#),
    ("[4]", r#"{ type = "flatten" }"#),
    ("[12]", r#"{ type = "reshape", shape = [3, 2, 2] }"#),
    ("[3, 2, 2]", r#"{ type = "reshape", shape = [12] }"#),
    ("[3, 2, 2]", r#"{ type = "reshape", shape = [2, 2, 3] }"#),
    ("[2, 3, 5]", r#"{ type = "upsample", factor = [3, 2] }"#),
    ("[2, 3, 5]", r#"{ type = "upsample", factor = [7, 5] }"#),
    ("[2, 3, 5]", r#"{ type = "upsample", factor = [2, 3], mode = "bilinear" }"#),
    ("[2, 1, 1]", r#"{ type = "upsample", factor = 4, mode = "bilinear" }"#),
    ("[3, 4, 2]", r#"{ type = "batch-norm", epsilon = 0.01 }"#),
    ("[6]", r#"{ type = "batch-norm" }"#),
    ("[6]", r#"{ type = "dropout", rate = 0.5 }"#),
    ("[6]", r#"{ type = "softmax" }"#),
    ("[3, 2, 4]", r#"{ type = "softmax" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "none" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "sigmoid" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "tanh" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "relu" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = { kind = "leaky-relu", slope = 0.3 } }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "prelu" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = { kind = "prelu", per = "channel" } }"#),
    ("[6]", r#"{ type = "activation", function = { kind = "prelu", per = "channel" } }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "rrelu" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = { kind = "rrelu", mode = "paper" } }"#),
    ("[6]", r#"{ type = "activation", function = { kind = "rrelu", mode = "post" } }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = { kind = "elu", alpha = 0.7 } }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "selu" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "gelu" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "silu" }"#),
    ("[3, 2, 4]", r#"{ type = "activation", function = "softplus" }"#),
    ("[4, 7, 5]", r#"{ type = "conv2d", filters = 6, kernel = [3, 2], groups = 2 }"#),
    (
        "[3, 7, 5]",
        r#"{ type = "conv2d", filters = 3, kernel = 3, stride = 2, padding = 1, groups = 3 }"#,
    ),
    ("[2, 3, 4]", r#"{ type = "conv-transpose2d", filters = 3, kernel = [3, 2] }"#),
    (
        "[2, 3, 4]",
        r#"{ type = "conv-transpose2d", filters = 3, kernel = [3, 2], stride = [2, 3], padding = [1, 0], output_padding = [1, 2], bias = false }"#,
    ),
    ("[3, 4, 2]", r#"{ type = "global-avg-pool" }"#),
    ("[8, 2, 3]", r#"{ type = "pixel-shuffle", factor = 2 }"#),
    ("[6, 3, 2]", r#"{ type = "group-norm", groups = 3, epsilon = 0.01 }"#),
    ("[6]", r#"{ type = "group-norm", groups = 2 }"#),
    ("[2, 4, 3]", r#"{ type = "layer-norm" }"#),
    ("[5]", r#"{ type = "layer-norm", epsilon = 0.01 }"#),
    (
        "[2, 5, 4]",
        r#"{ type = "conv2d", filters = 2, kernel = 1 }, { type = "add", from = ["conv1", "input", "conv1"] }"#,
    ),
    (
        "[2, 5, 4]",
        r#"{ type = "global-avg-pool" }, { type = "multiply", from = ["global_avg_pool1", "input"] }"#,
    ),
    (
        "[2, 5, 4]",
        r#"{ type = "global-avg-pool" }, { type = "concat", from = ["global_avg_pool1", "input"] }"#,
    ),
    ("[4]", r#"{ type = "dense", units = 3 }, { type = "concat", from = ["input", "dense1"] }"#),
];

#[test]
fn every_variant_is_the_same_in_another_runtime() {
    for (input, layers) in CASES {
        let case = Case::new(input, layers, false);
        for batch in [1, 7] {
            let verification =
                verify(&case.network, &case.frozen(), &case.inputs(batch), true).unwrap();
            assert!(verification.agrees(TOLERANCE), "{layers}: {verification:#?}");
        }
    }
}

#[test]
fn every_variant_comes_back_from_its_file() {
    for (input, layers) in CASES {
        let case = Case::new(input, layers, false);
        let is_vector = matches!(case.network.spec().output(), Shape::Features(_));
        let case = if is_vector { Case::new(input, layers, true) } else { case };
        let frozen = case.frozen();
        assert_eq!(frozen.spec(), case.network.spec(), "{layers}");
        let network = frozen.network(&Device::flex()).unwrap();
        assert_eq!(network.weights(), case.network.weights(), "{layers}");
    }
}

/// A number for every variant; a new one does not compile until it has one.
const fn number(operation: &Operation) -> usize {
    match operation {
        Operation::Dense(_) => 0,
        Operation::Conv2d(_) => 1,
        Operation::MaxPool2d(_) => 2,
        Operation::AvgPool2d(_) => 3,
        Operation::Flatten(_) => 4,
        Operation::Reshape(_) => 5,
        Operation::Upsample(Upsample { mode: UpsampleMode::Nearest, .. }) => 6,
        Operation::Upsample(Upsample { mode: UpsampleMode::Bilinear, .. }) => 7,
        Operation::BatchNorm(_) => 8,
        Operation::Dropout(_) => 9,
        Operation::Softmax(_) => 10,
        Operation::Activation(function) => match function {
            Activation::None {} => 11,
            Activation::Sigmoid {} => 12,
            Activation::Tanh {} => 13,
            Activation::Relu {} => 14,
            Activation::LeakyRelu { .. } => 15,
            Activation::Prelu { per: SlopeSharing::Layer, .. } => 16,
            Activation::Prelu { per: SlopeSharing::Channel, .. } => 17,
            Activation::Rrelu(RandomizedRelu { mode: RreluMode::Framework, .. }) => 18,
            Activation::Rrelu(RandomizedRelu { mode: RreluMode::Paper, .. }) => 19,
            Activation::Rrelu(RandomizedRelu { mode: RreluMode::Post, .. }) => 20,
            Activation::Elu { .. } => 21,
            Activation::Selu {} => 22,
            Activation::Gelu {} => 23,
            Activation::Silu {} => 24,
            Activation::Softplus {} => 25,
        },
        Operation::ConvTranspose2d(_) => 26,
        Operation::GlobalAvgPool(_) => 27,
        Operation::PixelShuffle(_) => 28,
        Operation::GroupNorm(_) => 29,
        Operation::LayerNorm(_) => 30,
        Operation::Add(_) => 31,
        Operation::Multiply(_) => 32,
        Operation::Concat(_) => VARIANTS - 1,
    }
}

const VARIANTS: usize = 34;

#[test]
fn every_variant_has_a_case() {
    let covered: BTreeSet<usize> = CASES
        .iter()
        .flat_map(|(input, layers)| {
            let case = Case::new(input, layers, false);
            let spec = case.network.spec().clone();
            spec.layers().iter().map(|layer| number(layer.operation())).collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<usize> = (0..VARIANTS).filter(|number| !covered.contains(number)).collect();
    assert!(missing.is_empty(), "no case for the variants {missing:?} of `number`");
}

#[test]
fn names_of_the_file_are_no_names_of_layers() {
    let case = Case::new("[4]", r#"{ type = "dense", units = 3 }"#, true);
    let frozen = case.frozen();
    for name in frozen.outputs().into_iter().skip(1).chain([frozen.input()]) {
        let recipe =
            format!("input = [4]\nlayers = [{{ type = \"dense\", units = 3, name = \"{name}\" }}]");
        let refused = NetworkSpec::new(&toml::from_str(&recipe).unwrap()).unwrap_err();
        assert!(refused.to_string().contains("a reserved name"), "{refused}");
    }
}
