//! The mean of each map.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::fitting::needs_maps;
use super::reading::Reading;
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::shape::Shape;

/// The mean of each map, as a map of one pixel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalAvgPoolConfig {
    /// Name of the layer. Default: `global_avg_pool1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
}

impl Table for GlobalAvgPoolConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "global_avg_pool"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// The mean of each map.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct GlobalAvgPool;

impl Rule for GlobalAvgPool {
    fn description(&self) -> String {
        "global-avg-pool".to_owned()
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Maps { channels, .. } => Ok(Shape::Maps { channels, height: 1, width: 1 }),
            Shape::Features(_) => Err(needs_maps(input)),
        }
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs { values_read: input.values(), ..Costs::plain(output) }
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Summary,
            passage: Passage::Keeps,
            role: Role::Passive,
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        nodes.add(place.name, "GlobalAveragePool", &[place.input], Vec::new());
        Ok(())
    }
}

impl Compute for GlobalAvgPool {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = input.dims();
        let maps = input.reshape([batch, channels, height * width]);
        maps.mean_dim(2).reshape([batch, channels, 1, 1])
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
