//! The fully connected layer.

use burn::module::{Module, Param};
use burn::tensor::module::linear;
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::dense;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::Compute;
use super::fitting::sized;
use super::reading::Reading;
use super::rule::{BIAS, Behavior, Costs, Mixing, Outcome, Passage, Place, Role, Rule, WEIGHT};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::network::activation::function::Activation;
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::initializer::{Fan, Initializer};
use crate::network::sources::Sources;
use crate::value::choice::{name_or_table_schema, optional_name_or_table};
use crate::value::problem::Problem;
use crate::value::range::count;
use crate::value::shape::Shape;

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DenseConfig {
    /// Name of the layer. Default: `dense1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Number of outputs.
    pub units: usize,
    /// Whether the layer has a bias.
    #[serde(default = "yes")]
    pub bias: bool,
    /// Batch normalization before the activation. Default: the network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// Activation after the layer. Default: the network's.
    #[serde(
        default,
        deserialize_with = "optional_name_or_table",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub activation: Option<Activation>,
    /// Initial distribution of the weights. Default: the network's.
    #[serde(
        default,
        deserialize_with = "optional_name_or_table",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "name_or_table_schema::<Initializer>")]
    pub initializer: Option<Initializer>,
}

const fn yes() -> bool {
    true
}

impl Table for DenseConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "dense"
    }

    fn neurons(&self) -> Option<Neurons> {
        Some(Neurons {
            key: "units",
            count: self.units,
            batch_norm: self.batch_norm,
            activation: self.activation,
            initializer: self.initializer,
        })
    }

    fn set_neurons(&mut self, count: usize) {
        self.units = count;
    }
}

/// The settings of a fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct Dense {
    pub units: usize,
    pub bias: bool,
}

impl Dense {
    pub(crate) fn new(table: &DenseConfig) -> Result<Self, Problem> {
        let DenseConfig { units, bias, .. } = *table;
        count("units", units)?;
        Ok(Self { units, bias })
    }

    pub(crate) fn layer(
        self,
        input: Shape,
        initializer: Initializer,
        builder: &mut Builder<'_>,
    ) -> DenseLayer {
        let Self { units, bias } = self;
        let channels = input.channels();
        DenseLayer {
            weight: builder.weight(initializer, [channels, units], Fan::new(channels, units)),
            bias: bias.then(|| builder.vector(units, 0.0)),
        }
    }
}

impl Rule for Dense {
    fn description(&self) -> String {
        let plural = if self.units == 1 { "" } else { "s" };
        let bias = if self.bias { "" } else { ", no bias" };
        format!("dense, {} unit{plural}{bias}", self.units)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(_) => sized(&[self.units], "it outputs"),
            Shape::Maps { .. } => Err(format!(
                "a dense layer expects [features] but receives {input}; add a \"flatten\" layer \
                 before it"
            )),
        }
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs {
            parameters: self
                .units
                .saturating_mul(input.channels().saturating_add(self.bias.into())),
            multiply_adds: self.units.saturating_mul(input.channels()),
            statistics: 0,
            values_read: output.values(),
        }
    }

    fn behavior(&self, input: Shape) -> Behavior {
        Behavior {
            reading: Reading::Everything,
            passage: Passage::Mixes(Mixing { inputs_axis: 0, neurons_axis: 1, pads: false }),
            role: Role::Weights { neurons_axis: 1, inputs: input.channels() },
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let Place { name, input, shape } = *place;
        let weight = nodes.weight(name, WEIGHT, &[shape.channels(), self.units]);
        let bias = self.bias.then(|| nodes.weight(name, BIAS, &[self.units]));
        let inputs: Vec<&str> = [input, &weight].into_iter().chain(bias.as_deref()).collect();
        nodes.add(name, "Gemm", &inputs, Vec::new());
        Ok(())
    }
}

/// The weights of a dense layer.
#[derive(Module, Debug)]
pub struct DenseLayer {
    /// `[inputs, units]`.
    pub weight: Param<Tensor<2>>,
    /// `[units]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Compute for DenseLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let [inputs, units] = weight.dims();
        let batch = input.dims()[0];
        let rows: Tensor<2> = input.reshape([batch, inputs]);
        let bias = self.bias.as_ref().map(Param::val);
        linear(rows, weight, bias).reshape([batch, units, 1, 1])
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        dense(input, self.weight.val(), self.bias.as_ref().map(Param::val), rectified)
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        let bias = self.bias.iter().map(|bias| (BIAS, bias.val().into_data()));
        std::iter::once((WEIGHT, self.weight.val().into_data())).chain(bias).collect()
    }

    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError> {
        given.parameter(WEIGHT, &mut self.weight)?;
        self.bias.iter_mut().try_for_each(|bias| given.parameter(BIAS, bias))
    }
}
