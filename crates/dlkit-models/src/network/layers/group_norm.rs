//! Group normalization.

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
use crate::graph::nodes::{Nodes, OutOfRange, float, signed, single};
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::problem::Problem;
use crate::value::range::count;
use crate::value::shape::Shape;

/// Group normalization (Wu and He, 2018): each group of channels of a sample has mean 0 and variance 1,
/// then each channel a trained scale and shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupNormConfig {
    /// Name of the layer. Default: `group_norm1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Number of groups; it must divide the number of channels.
    pub groups: usize,
    /// Constant added to the variance before the square root.
    #[serde(default = "default_epsilon")]
    pub epsilon: f64,
}

impl Table for GroupNormConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "group_norm"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// The settings of a group normalization.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct GroupNorm {
    pub groups: usize,
    pub epsilon: f64,
}

impl GroupNorm {
    pub(crate) fn new(table: &GroupNormConfig) -> Result<Self, Problem> {
        let GroupNormConfig { groups, epsilon, .. } = *table;
        count("groups", groups)?;
        check_epsilon(epsilon)?;
        Ok(Self { groups, epsilon })
    }

    pub(crate) fn layer(self, input: Shape, builder: &mut Builder<'_>) -> GroupNormLayer {
        let channels = input.channels();
        GroupNormLayer {
            gamma: builder.vector(channels, 1.0),
            beta: builder.vector(channels, 0.0),
            settings: self,
        }
    }
}

impl Rule for GroupNorm {
    fn description(&self) -> String {
        let plural = if self.groups == 1 { "" } else { "s" };
        format!("group norm, {} group{plural}", self.groups)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        if input.channels().is_multiple_of(self.groups) {
            return Ok(input);
        }
        Err(format!(
            "`groups` is {}, which must divide the channels of the input {input}",
            self.groups
        ))
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs { parameters: input.channels().saturating_mul(2), ..Costs::plain(output) }
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
        // `GroupNormalization` has a scale for each channel only from version 21 of the operators on.
        let Place { name, input, shape } = *place;
        let groups = signed(self.groups);
        let channels = match shape {
            Shape::Features(features) => vec![features],
            Shape::Maps { channels, .. } => vec![channels, 1, 1],
        };
        let gamma = nodes.weight(name, GAMMA, &channels);
        let beta = nodes.weight(name, BETA, &channels);
        let rows = nodes.integers(name, "rows", &[0, groups, -1]);
        let ones = nodes.numbers(name, "ones", &[self.groups], &vec![1.0; self.groups]);
        let zeros = nodes.numbers(name, "zeros", &[self.groups], &vec![0.0; self.groups]);
        let sizes: Vec<i64> =
            std::iter::once(0).chain(Vec::from(shape).into_iter().map(signed)).collect();
        let sizes = nodes.integers(name, "sizes", &sizes);
        let part = |part: &str| format!("{name}/{part}");
        let [grouped, normal, back, scaled] = ["grouped", "normal", "back", "scaled"].map(part);
        let epsilon = float("epsilon", single(name, "epsilon", self.epsilon)?);
        nodes.add(&grouped, "Reshape", &[input, &rows], Vec::new());
        nodes.add(&normal, "InstanceNormalization", &[&grouped, &ones, &zeros], vec![epsilon]);
        nodes.add(&back, "Reshape", &[&normal, &sizes], Vec::new());
        nodes.add(&scaled, "Mul", &[&back, &gamma], Vec::new());
        nodes.add(name, "Add", &[&scaled, &beta], Vec::new());
        Ok(())
    }
}

/// Normalizes each group of channels of a sample, in both phases alike.
///
/// # References
/// Wu and He, 2018.
#[derive(Module, Debug)]
pub struct GroupNormLayer {
    /// Trained scale: `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// Trained shift: `[channels]`.
    pub beta: Param<Tensor<1>>,
    #[module(skip)]
    settings: GroupNorm,
}

impl Compute for GroupNormLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let GroupNorm { groups, epsilon } = self.settings;
        let [batch, channels, height, width] = input.dims();
        let rows = input.reshape([batch, groups, channels / groups * height * width]);
        let maps: Tensor<4> = normalized(rows, epsilon).reshape([batch, channels, height, width]);
        let [gamma, beta] =
            [&self.gamma, &self.beta].map(|each| each.val().reshape([1, channels, 1, 1]));
        maps * gamma + beta
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
