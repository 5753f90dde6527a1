//! The mean of each window, without the padding.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::average_pool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use super::window::Window;
use crate::graph::nodes::{Nodes, OutOfRange, integer};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Average pooling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvgPool2dConfig {
    /// Name of the layer. Default: `avg_pool1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Size of the window: one number or `[height, width]`.
    pub size: Pair,
    /// Stride: step between two windows. Default: the size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Pair>,
    /// Padding on each side, excluded from the means; at most half the size.
    #[serde(default = "zero")]
    pub padding: Pair,
}

const fn zero() -> Pair {
    Pair::square(0)
}

impl Table for AvgPool2dConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "avg_pool"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Average pooling with checked settings.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct AvgPool2d {
    /// Where the windows lie.
    #[module(skip)]
    pub window: Window,
}

impl AvgPool2d {
    pub(crate) fn new(table: &AvgPool2dConfig) -> Result<Self, Problem> {
        Ok(Self { window: Window::new(table.size, table.stride, table.padding)? })
    }
}

impl Rule for AvgPool2d {
    fn description(&self) -> String {
        format!("avg-pool2d {}", self.window.description())
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        self.window.output(input)
    }

    fn costs(&self, _: Shape, output: Shape) -> Costs {
        Costs { values_read: self.window.values_read(output), ..Costs::plain(output) }
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: self.window.reading(),
            passage: Passage::Keeps,
            role: Role::Passive,
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let mut attributes = self.window.attributes();
        attributes.push(integer("count_include_pad", 0));
        nodes.add(place.name, "AveragePool", &[place.input], attributes);
        Ok(())
    }
}

impl Compute for AvgPool2d {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let Window { size, stride, padding } = self.window;
        average_pool(input, size.to_array(), stride.to_array(), padding.to_array())
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
