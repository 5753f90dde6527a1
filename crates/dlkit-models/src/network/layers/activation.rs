//! An activation function as a layer.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::reading::Reading;
use super::rule::{Behavior, Changing, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::network::activation::function::Activation;
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::choice::{name_or_table, name_or_table_schema};
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// An activation function as a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationConfig {
    /// Name of the layer. Default: `activation1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// The function.
    #[serde(deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub function: Activation,
}

impl Table for ActivationConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "activation"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

impl Activation {
    pub(crate) fn of_table(table: &ActivationConfig) -> Result<Self, Problem> {
        let function = table.function;
        function.check().map_err(|problem| problem.within("function"))?;
        Ok(function)
    }

    pub(crate) fn layer(self, input: Shape, builder: &mut Builder<'_>) -> ActivationLayer {
        let slopes = self.slopes(input.channels());
        let slope = slopes.map(|(count, start)| builder.vector(count, start));
        ActivationLayer { slope, function: self }
    }
}

impl Rule for Activation {
    fn description(&self) -> String {
        self.name().to_owned()
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs {
            parameters: self.slopes(input.channels()).map_or(0, |(count, _)| count),
            statistics: 0,
            multiply_adds: 0,
            values_read: output.values(),
        }
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Place,
            passage: Passage::Changes(Changing { per_neuron: &[SLOPE], scale: None, mean: None }),
            role: Role::Activation { saturates: self.saturates(), rectifies: self.is_rectifier() },
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        self.add_nodes(place.name, place.input, place.shape, nodes)
    }
}

/// The name of the trained slopes.
const SLOPE: &str = "slope";

/// An activation inside a network, with its trained slope if it has one.
#[derive(Module, Debug)]
pub struct ActivationLayer {
    /// The trained slopes of a PReLU: `[1]` or `[channels]`.
    pub slope: Option<Param<Tensor<1>>>,
    #[module(skip)]
    function: Activation,
}

impl Compute for ActivationLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.function.forward(input, self.slope.as_ref())
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        rectified_if(rectified, self.forward(input))
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        self.slope.iter().map(|slope| (SLOPE, slope.val().into_data())).collect()
    }

    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError> {
        self.slope.iter_mut().try_for_each(|slope| given.parameter(SLOPE, slope))
    }
}
