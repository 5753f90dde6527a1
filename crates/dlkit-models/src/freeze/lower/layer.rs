//! Layers as ONNX nodes.

use super::activation::lower_activation;
use crate::freeze::error::FreezeError;
use crate::graph::nodes::{Nodes, float, integer, integers, signed, single, word};
use crate::network::{Convolution, LayerSpec, Operation, UpsampleMode, Window};
use crate::value::{Pair, Shape};

/// Adds the nodes of a layer in the test phase; the last one has the name of the layer.
pub(super) fn lower_layer(
    layer: &LayerSpec,
    input: &str,
    nodes: &mut Nodes,
) -> Result<(), FreezeError> {
    let name = layer.name();
    let channels = layer.input().channels();
    match layer.operation() {
        Operation::Dense { units, bias, initializer: _ } => {
            let weight = nodes.weight(name, "weight", &[channels, units]);
            let bias = bias.then(|| nodes.weight(name, "bias", &[units]));
            let inputs: Vec<&str> = [input, &weight].into_iter().chain(bias.as_deref()).collect();
            nodes.add(name, "Gemm", &inputs, Vec::new());
        }
        Operation::Conv2d(settings) => lower_convolution(settings, name, input, channels, nodes),
        Operation::MaxPool2d(window) => nodes.add(name, "MaxPool", &[input], windows(window)),
        Operation::AvgPool2d(window) => {
            let mut attributes = windows(window);
            attributes.push(integer("count_include_pad", 0));
            nodes.add(name, "AveragePool", &[input], attributes);
        }
        Operation::Flatten => nodes.add(name, "Flatten", &[input], vec![integer("axis", 1)]),
        Operation::Reshape { shape } => {
            // A size of zero stands for that of the input: the batch.
            let sizes: Vec<i64> = match shape {
                Shape::Features(features) => vec![0, signed(features)],
                Shape::Maps { channels, height, width } => {
                    vec![0, signed(channels), signed(height), signed(width)]
                }
            };
            let sizes = nodes.integers(name, "shape", &sizes);
            nodes.add(name, "Reshape", &[input, &sizes], Vec::new());
        }
        Operation::Upsample { factor, mode } => lower_upsample(factor, mode, name, input, nodes),
        Operation::BatchNorm { epsilon, momentum: _ } => {
            let fields = ["gamma", "beta", "running_mean", "running_variance"];
            let weights = fields.map(|field| nodes.weight(name, field, &[channels]));
            let inputs: Vec<&str> =
                std::iter::once(input).chain(weights.iter().map(String::as_str)).collect();
            let epsilon = float("epsilon", single(name, "epsilon", epsilon)?);
            nodes.add(name, "BatchNormalization", &inputs, vec![epsilon]);
        }
        Operation::Dropout { rate: _ } => nodes.add(name, "Identity", &[input], Vec::new()),
        Operation::Softmax => nodes.add(name, "Softmax", &[input], vec![integer("axis", 1)]),
        Operation::Activation(function) => {
            lower_activation(function, name, input, layer.input(), nodes)?;
        }
    }
    Ok(())
}

fn lower_convolution(
    settings: Convolution,
    name: &str,
    input: &str,
    channels: usize,
    nodes: &mut Nodes,
) {
    let Convolution { filters, kernel, stride, padding: _, dilation, bias, initializer: _ } =
        settings;
    let dims = [filters, channels, kernel.height, kernel.width];
    let weight = nodes.weight(name, "weight", &dims);
    let bias = bias.then(|| nodes.weight(name, "bias", &[filters]));
    let [(top, bottom), (left, right)] = settings.padding_pixels();
    let attributes = vec![
        integers("dilations", &dilation.to_array()),
        integers("kernel_shape", &kernel.to_array()),
        integers("pads", &[top, left, bottom, right]),
        integers("strides", &stride.to_array()),
    ];
    let inputs: Vec<&str> = [input, &weight].into_iter().chain(bias.as_deref()).collect();
    nodes.add(name, "Conv", &inputs, attributes);
}

fn windows(window: Window) -> Vec<crate::graph::onnx::Attribute> {
    let Window { size, stride, padding } = window;
    let Pair { height, width } = padding;
    vec![
        integers("kernel_shape", &size.to_array()),
        integers("pads", &[height, width, height, width]),
        integers("strides", &stride.to_array()),
    ]
}

fn lower_upsample(factor: Pair, mode: UpsampleMode, name: &str, input: &str, nodes: &mut Nodes) {
    #[expect(clippy::cast_precision_loss, reason = "factors are at most 2^20")]
    let [vertical, horizontal] = factor.to_array().map(|factor| factor as f32);
    let scales = nodes.numbers(name, "scales", &[4], &[1.0, 1.0, vertical, horizontal]);
    let attributes = match mode {
        UpsampleMode::Nearest => vec![
            word("coordinate_transformation_mode", "asymmetric"),
            word("mode", "nearest"),
            word("nearest_mode", "floor"),
        ],
        UpsampleMode::Bilinear => {
            vec![word("coordinate_transformation_mode", "half_pixel"), word("mode", "linear")]
        }
    };
    // The second input, a region, has no meaning in these modes and is left out.
    nodes.add(name, "Resize", &[input, "", &scales], attributes);
}
