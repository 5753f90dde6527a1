//! Maximum pooling: the largest value of each window.

use burn::module::Module;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::maximum_pool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use super::window::Window;
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Maximum pooling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaxPool2dConfig {
    /// Name of the layer. Default: `max_pool1`, counted per type.
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
    /// Padding on each side, never the maximum; at most half the size.
    #[serde(default = "zero")]
    pub padding: Pair,
}

const fn zero() -> Pair {
    Pair::square(0)
}

impl Table for MaxPool2dConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "max_pool"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Maximum pooling with checked settings.
#[derive(Module, Debug, PartialEq, Eq)]
pub struct MaxPool2d {
    /// Where the windows lie.
    #[module(skip)]
    pub window: Window,
}

impl MaxPool2d {
    pub(crate) fn new(table: &MaxPool2dConfig) -> Result<Self, Problem> {
        Ok(Self { window: Window::new(table.size, table.stride, table.padding)? })
    }
}

impl Rule for MaxPool2d {
    fn description(&self) -> String {
        format!("max-pool2d {}", self.window.description())
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
        nodes.add(place.name, "MaxPool", &[place.input], self.window.attributes());
        Ok(())
    }
}

impl Compute for MaxPool2d {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let Window { size, stride, padding } = self.window;
        let options = MaxPoolOptions::new(size.to_array())
            .with_stride(stride.to_array())
            .with_padding(padding.to_array());
        max_pool2d(input, options)
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        let Window { size, stride, padding } = self.window;
        let [size, stride, padding] = [size, stride, padding].map(Pair::to_array);
        rectified_if(rectified, maximum_pool(input, size, stride, padding))
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        Vec::new()
    }

    fn set_weights(&mut self, _: &mut Given<'_>) -> Result<(), WeightsError> {
        Ok(())
    }
}
