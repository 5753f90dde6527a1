//! Zeros at random in training.

use burn::nn;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::reading::Reading;
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::problem::Problem;
use crate::value::range::share;
use crate::value::shape::Shape;

/// Dropout (Srivastava et al., 2014). It scales the remaining values by `1 / (1 - rate)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropoutConfig {
    /// Name of the layer. Default: `dropout1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Probability that a value is set to zero in training, from 0 to below 1.
    pub rate: f64,
}

impl Table for DropoutConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "dropout"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Zeros at random in training.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct Dropout {
    pub rate: f64,
}

impl Dropout {
    pub(crate) fn new(table: &DropoutConfig) -> Result<Self, Problem> {
        share("rate", table.rate)?;
        Ok(Self { rate: table.rate })
    }

    pub(crate) fn layer(self) -> DropoutLayer {
        nn::DropoutConfig::new(self.rate).init()
    }
}

impl Rule for Dropout {
    fn description(&self) -> String {
        format!("dropout {}", self.rate)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn costs(&self, _: Shape, output: Shape) -> Costs {
        Costs::plain(output)
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Place,
            passage: Passage::Keeps,
            role: Role::Passive,
            outcome: Outcome::Same,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        nodes.add(place.name, "Identity", &[place.input], Vec::new());
        Ok(())
    }
}

/// Dropout as Burn has it.
pub type DropoutLayer = nn::Dropout;

impl Compute for DropoutLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        Self::forward(self, input)
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        rectified_if(rectified, Self::forward(self, input))
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        Vec::new()
    }

    fn set_weights(&mut self, _: &mut Given<'_>) -> Result<(), WeightsError> {
        Ok(())
    }
}
