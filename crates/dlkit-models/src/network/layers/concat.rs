//! The channels of several inputs, one after the other.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{AnyCompute, rectified_if};
use super::fitting::sized;
use super::joining::{largest, spread_shape};
use super::reading::Reading;
use super::rule::{AnyRule, Behavior, Costs, Outcome, Passage, Role, Site};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, integer};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::shape::Shape;

/// The channels or features of several inputs, one after the other; maps of one pixel are spread over the
/// others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConcatConfig {
    /// Name of the layer. Default: `concat1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layers it reads, two or more; "input" is the input of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
}

impl Table for ConcatConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "concat"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// The channels of several inputs, one after the other.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct Concat;

impl AnyRule for Concat {
    fn description(&self) -> String {
        "concat".to_owned()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        let shape = spread_shape(inputs, |_, _| true)?;
        let channels = inputs.iter().map(|input| input.channels()).fold(0, usize::saturating_add);
        match shape {
            Shape::Features(_) => sized(&[channels], "it outputs"),
            Shape::Maps { height, width, .. } => sized(&[channels, height, width], "it outputs"),
        }
    }

    fn costs(&self, _: &[Shape], output: Shape) -> Costs {
        Costs::plain(output)
    }

    fn behavior(&self, _: &[Shape]) -> Behavior {
        Behavior {
            reading: Reading::Place,
            passage: Passage::Lists,
            role: Role::Passive,
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, site: &Site<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let area = largest(site.shapes.iter().filter_map(|shape| shape.area()));
        let is_large = |shape: &Shape| shape.area() == area;
        let large = site.shapes.iter().position(is_large).map(|index| site.inputs[index]);
        let mut sizes = None;
        let mut inputs = Vec::new();
        for (index, (input, shape)) in site.inputs.iter().zip(site.shapes).enumerate() {
            let (Some(large), false) = (large, is_large(shape)) else {
                inputs.push((*input).to_owned());
                continue;
            };
            let sizes = sizes.get_or_insert_with(|| sizes_to_spread_to(site.name, large, nodes));
            let name = format!("{}/{index}", site.name);
            nodes.add(&name, "Expand", &[input, sizes], Vec::new());
            inputs.push(name);
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        nodes.add(site.name, "Concat", &inputs, vec![integer("axis", 1)]);
        Ok(())
    }
}

/// Adds the nodes of the sizes that maps of one pixel are spread to, those of `large`, whatever they are
/// when the graph is run; returns the name.
fn sizes_to_spread_to(layer: &str, large: &str, nodes: &mut Nodes) -> String {
    let area = format!("{layer}/area");
    nodes.add(&area, "Shape", &[large], vec![integer("start", 2), integer("end", 4)]);
    let ones = nodes.integers(layer, "ones", &[1, 1]);
    let sizes = format!("{layer}/sizes");
    nodes.add(&sizes, "Concat", &[&ones, &area], vec![integer("axis", 0)]);
    sizes
}

impl AnyCompute for Concat {
    fn forward(&self, inputs: Vec<Tensor<4>>) -> Tensor<4> {
        let area = |input: &Tensor<4>| {
            let [_, _, height, width] = input.dims();
            [height, width]
        };
        let [height, width] = largest(inputs.iter().map(area)).unwrap_or([1, 1]);
        let spread = |input: Tensor<4>| {
            let [batch, channels, ..] = input.dims();
            if area(&input) == [height, width] {
                input
            } else {
                input.expand([batch, channels, height, width])
            }
        };
        Tensor::cat(inputs.into_iter().map(spread).collect(), 1)
    }

    fn forward_fast(&self, inputs: Vec<Tensor<4>>, rectified: bool) -> Tensor<4> {
        rectified_if(rectified, self.forward(inputs))
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        Vec::new()
    }

    fn set_weights(&mut self, _: &mut Given<'_>) -> Result<(), WeightsError> {
        Ok(())
    }
}
