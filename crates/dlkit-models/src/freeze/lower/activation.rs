//! Activation functions as ONNX nodes.

use std::f32::consts::SQRT_2;

use crate::freeze::error::FreezeError;
use crate::graph::nodes::{Nodes, float, single};
use crate::network::{Activation, SELU_ALPHA, SELU_SCALE, SlopeSharing};
use crate::value::Shape;

/// Adds the nodes of a function, in the test phase; the last one has the name of the layer.
pub(super) fn lower_activation(
    function: Activation,
    name: &str,
    input: &str,
    shape: Shape,
    nodes: &mut Nodes,
) -> Result<(), FreezeError> {
    let plain = |nodes: &mut Nodes, operator| nodes.add(name, operator, &[input], Vec::new());
    let leaky = |nodes: &mut Nodes, slope: f64| -> Result<(), FreezeError> {
        let alpha = float("alpha", single(name, "slope", slope)?);
        nodes.add(name, "LeakyRelu", &[input], vec![alpha]);
        Ok(())
    };
    match function {
        Activation::None {} => plain(nodes, "Identity"),
        Activation::Sigmoid {} => plain(nodes, "Sigmoid"),
        Activation::Tanh {} => plain(nodes, "Tanh"),
        Activation::Relu {} => plain(nodes, "Relu"),
        Activation::Softplus {} => plain(nodes, "Softplus"),
        Activation::LeakyRelu { slope } => leaky(nodes, slope)?,
        Activation::Rrelu(rrelu) => leaky(nodes, rrelu.test_slope())?,
        Activation::Prelu { per, .. } => {
            let slope = nodes.weight(name, "slope", &slope_dims(per, shape));
            nodes.add(name, "PRelu", &[input, &slope], Vec::new());
        }
        Activation::Elu { alpha } => {
            let alpha = float("alpha", single(name, "alpha", alpha)?);
            nodes.add(name, "Elu", &[input], vec![alpha]);
        }
        Activation::Selu {} => {
            // Not every runtime has `Selu`; this is its definition.
            let elu = format!("{name}/elu");
            let scale = nodes.number(name, "scale", single(name, "scale", SELU_SCALE)?);
            let alpha = float("alpha", single(name, "alpha", SELU_ALPHA)?);
            nodes.add(&elu, "Elu", &[input], vec![alpha]);
            nodes.add(name, "Mul", &[&elu, &scale], Vec::new());
        }
        Activation::Gelu {} => lower_gelu(name, input, nodes),
        Activation::Silu {} => {
            let sigmoid = format!("{name}/sigmoid");
            nodes.add(&sigmoid, "Sigmoid", &[input], Vec::new());
            nodes.add(name, "Mul", &[input, &sigmoid], Vec::new());
        }
    }
    Ok(())
}

/// `x * (1 + erf(x / sqrt(2))) / 2`; ONNX has `Gelu` only from version 20 of the operators on.
fn lower_gelu(name: &str, input: &str, nodes: &mut Nodes) {
    let part = |part: &str| format!("{name}/{part}");
    let (scaled, erf, sum, product) = (part("scaled"), part("erf"), part("sum"), part("product"));
    let root = nodes.number(name, "sqrt_two", SQRT_2);
    let one = nodes.number(name, "one", 1.0);
    let half = nodes.number(name, "half", 0.5);
    nodes.add(&scaled, "Div", &[input, &root], Vec::new());
    nodes.add(&erf, "Erf", &[&scaled], Vec::new());
    nodes.add(&sum, "Add", &[&erf, &one], Vec::new());
    nodes.add(&product, "Mul", &[input, &sum], Vec::new());
    nodes.add(name, "Mul", &[&product, &half], Vec::new());
}

/// Sizes that line the slopes of channels up with axis 1: trailing axes are matched first.
fn slope_dims(per: SlopeSharing, shape: Shape) -> Vec<usize> {
    match (per, shape) {
        (SlopeSharing::Layer, _) => vec![1],
        (SlopeSharing::Channel, Shape::Features(features)) => vec![features],
        (SlopeSharing::Channel, Shape::Maps { channels, .. }) => vec![channels, 1, 1],
    }
}
