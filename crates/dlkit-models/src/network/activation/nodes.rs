//! Activation functions as ONNX nodes.

use std::f32::consts::SQRT_2;

use super::function::{Activation, SlopeSharing};
use super::selu::{SELU_ALPHA, SELU_SCALE};
use crate::graph::nodes::{Nodes, OutOfRange, float, single};
use crate::value::shape::Shape;

impl Activation {
    /// Adds the nodes of the test phase to those of a graph; the last one is called `name`.
    ///
    /// # Errors
    /// A constant exceeds single precision.
    pub(crate) fn add_nodes(
        self,
        name: &str,
        input: &str,
        shape: Shape,
        nodes: &mut Nodes,
    ) -> Result<(), OutOfRange> {
        let plain = |nodes: &mut Nodes, operator| nodes.add(name, operator, &[input], Vec::new());
        let leaky = |nodes: &mut Nodes, slope: f64| -> Result<(), OutOfRange> {
            let alpha = float("alpha", single(name, "slope", slope)?);
            nodes.add(name, "LeakyRelu", &[input], vec![alpha]);
            Ok(())
        };
        match self {
            Self::None {} => plain(nodes, "Identity"),
            Self::Sigmoid {} => plain(nodes, "Sigmoid"),
            Self::Tanh {} => plain(nodes, "Tanh"),
            Self::Relu {} => plain(nodes, "Relu"),
            Self::Softplus {} => plain(nodes, "Softplus"),
            Self::LeakyRelu { slope } => leaky(nodes, slope)?,
            Self::Rrelu(rrelu) => leaky(nodes, rrelu.test_slope())?,
            Self::Prelu { per, .. } => {
                let slope = nodes.weight(name, "slope", &slope_dims(per, shape));
                nodes.add(name, "PRelu", &[input, &slope], Vec::new());
            }
            Self::Elu { alpha } => {
                let alpha = float("alpha", single(name, "alpha", alpha)?);
                nodes.add(name, "Elu", &[input], vec![alpha]);
            }
            Self::Selu {} => {
                // Not every runtime has `Selu`; this is its definition.
                let elu = format!("{name}/elu");
                let scale = nodes.number(name, "scale", single(name, "scale", SELU_SCALE)?);
                let alpha = float("alpha", single(name, "alpha", SELU_ALPHA)?);
                nodes.add(&elu, "Elu", &[input], vec![alpha]);
                nodes.add(name, "Mul", &[&elu, &scale], Vec::new());
            }
            Self::Gelu {} => lower_gelu(name, input, nodes),
            Self::Silu {} => {
                let sigmoid = format!("{name}/sigmoid");
                nodes.add(&sigmoid, "Sigmoid", &[input], Vec::new());
                nodes.add(name, "Mul", &[input, &sigmoid], Vec::new());
            }
        }
        Ok(())
    }
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
