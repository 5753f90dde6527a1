//! Layer normalization.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::normalization::{
    BETA, GAMMA, check_epsilon, default_epsilon, normalized, set_weights, weights,
};
use super::reading::Reading;
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, float, integer, single};
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Layer normalization (Ba, Kiros and Hinton, 2016): all values of a sample together have mean 0 and
/// variance 1, then each value a trained scale and shift (PyTorch's `LayerNorm` over all axes but the batch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerNormConfig {
    /// Name of the layer. Default: `layer_norm1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Constant added to the variance before the square root.
    #[serde(default = "default_epsilon")]
    pub epsilon: f64,
}

impl Table for LayerNormConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "layer_norm"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// The settings of a layer normalization.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the field is documented on the table of a recipe")]
pub struct LayerNorm {
    pub epsilon: f64,
}

impl LayerNorm {
    pub(crate) fn new(table: &LayerNormConfig) -> Result<Self, Problem> {
        check_epsilon(table.epsilon)?;
        Ok(Self { epsilon: table.epsilon })
    }

    pub(crate) fn layer(self, input: Shape, builder: &mut Builder<'_>) -> LayerNormLayer {
        LayerNormLayer {
            gamma: builder.vector(input.values(), 1.0),
            beta: builder.vector(input.values(), 0.0),
            settings: self,
        }
    }
}

impl Rule for LayerNorm {
    fn description(&self) -> String {
        "layer norm".to_owned()
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs { parameters: input.values().saturating_mul(2), ..Costs::plain(output) }
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Everything,
            passage: Passage::Blocks,
            role: Role::Normalization { of_batch: false },
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let Place { name, input, shape } = *place;
        let [gamma, beta] = [GAMMA, BETA].map(|field| nodes.weight(name, field, &Vec::from(shape)));
        let epsilon = float("epsilon", single(name, "epsilon", self.epsilon)?);
        let attributes = vec![integer("axis", 1), epsilon];
        nodes.add(name, "LayerNormalization", &[input, &gamma, &beta], attributes);
        Ok(())
    }
}

/// Normalizes all values of a sample, in both phases alike.
///
/// # References
/// Ba, Kiros and Hinton, 2016.
#[derive(Module, Debug)]
pub struct LayerNormLayer {
    /// Trained scale: `[values]`, channel by channel, row by row.
    pub gamma: Param<Tensor<1>>,
    /// Trained shift: likewise.
    pub beta: Param<Tensor<1>>,
    #[module(skip)]
    settings: LayerNorm,
}

impl Compute for LayerNormLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let sizes = input.dims();
        let [batch, channels, height, width] = sizes;
        let values = channels * height * width;
        let rows = normalized(input.reshape([batch, 1, values]), self.settings.epsilon);
        let [gamma, beta] =
            [&self.gamma, &self.beta].map(|each| each.val().reshape([1, 1, values]));
        (rows * gamma + beta).reshape(sizes)
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        rectified_if(rectified, self.forward(input))
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        weights(&self.gamma, &self.beta)
    }

    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError> {
        set_weights(&mut self.gamma, &mut self.beta, given)
    }
}
