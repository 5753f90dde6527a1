//! The sum of several inputs.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{AnyCompute, rectified_if};
use super::joining::{chain, reduced, spread_shape};
use super::reading::Reading;
use super::rule::{AnyRule, Behavior, Costs, Outcome, Passage, Role, Site};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::shape::Shape;

/// Inputs that are added; maps of one pixel, such as those of a "global-avg-pool", are added to every
/// pixel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddConfig {
    /// Name of the layer. Default: `add1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layers it reads, two or more; "input" is the input of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
}

impl Table for AddConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "add"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// The sum of several inputs.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct Add;

impl AnyRule for Add {
    fn description(&self) -> String {
        "add".to_owned()
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        spread_shape(inputs, |first, other| first.channels() == other.channels())
    }

    fn costs(&self, inputs: &[Shape], output: Shape) -> Costs {
        let values_read = output.values().saturating_mul(inputs.len());
        Costs { values_read, ..Costs::plain(output) }
    }

    fn behavior(&self, _: &[Shape]) -> Behavior {
        Behavior {
            reading: Reading::Place,
            passage: Passage::Joins { product: false },
            role: Role::Passive,
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, site: &Site<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        chain(site, "Add", nodes);
        Ok(())
    }
}

impl AnyCompute for Add {
    fn forward(&self, inputs: Vec<Tensor<4>>) -> Tensor<4> {
        reduced(inputs, |joined, input| joined + input)
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
