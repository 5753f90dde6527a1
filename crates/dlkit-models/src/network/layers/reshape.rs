//! Changes the shape, but not the values.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::reading::Reading;
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, signed};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Changes the shape, but not the values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReshapeConfig {
    /// Name of the layer. Default: `reshape1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// `[features]` or `[channels, height, width]`.
    pub shape: Vec<usize>,
}

impl Table for ReshapeConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "reshape"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Changes the shape, but not the values.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct Reshape {
    /// The shape they come in.
    #[module(skip)]
    pub shape: Shape,
}

impl Reshape {
    pub(crate) fn new(table: &ReshapeConfig) -> Result<Self, Problem> {
        let shape = Shape::from_sizes(&table.shape)
            .map_err(|error| Problem::new("shape", format!("is {:?}; {error}", table.shape)))?;
        Ok(Self { shape })
    }
}

impl Rule for Reshape {
    fn description(&self) -> String {
        format!("reshape {}", self.shape)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let (came, held) = (input.values(), self.shape.values());
        if came == held {
            Ok(self.shape)
        } else {
            Err(format!(
                "the input {input} has {came} values, but the shape {} has {held}",
                self.shape
            ))
        }
    }

    fn costs(&self, _: Shape, output: Shape) -> Costs {
        Costs::plain(output)
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Everything,
            passage: Passage::Blocks,
            role: Role::Passive,
            outcome: Outcome::Same,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        // A size of zero stands for that of the input: the batch.
        let sizes = std::iter::once(0).chain(Vec::from(self.shape)).map(signed);
        let sizes = nodes.integers(place.name, "shape", &sizes.collect::<Vec<_>>());
        nodes.add(place.name, "Reshape", &[place.input, &sizes], Vec::new());
        Ok(())
    }
}

impl Compute for Reshape {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let batch = input.dims()[0];
        input.reshape(self.shape.batch(batch))
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
