//! Maps to a vector.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::reading::Reading;
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, integer};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::shape::Shape;

/// Flattens maps into a vector, channel by channel and row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlattenConfig {
    /// Name of the layer. Default: `flatten1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
}

impl Table for FlattenConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "flatten"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Maps to a vector.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct Flatten;

impl Rule for Flatten {
    fn description(&self) -> String {
        "flatten".to_owned()
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(Shape::Features(input.values()))
    }

    fn costs(&self, _: Shape, output: Shape) -> Costs {
        Costs::plain(output)
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Everything,
            passage: Passage::Spreads,
            role: Role::Passive,
            outcome: Outcome::Same,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        nodes.add(place.name, "Flatten", &[place.input], vec![integer("axis", 1)]);
        Ok(())
    }
}

impl Compute for Flatten {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = input.dims();
        input.reshape([batch, channels * height * width, 1, 1])
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        rectified_if(rectified, self.forward(input))
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        Vec::new()
    }

    fn set_weights(&mut self, _: &mut Given<'_>) -> Result<(), WeightsError> {
        Ok(())
    }
}
