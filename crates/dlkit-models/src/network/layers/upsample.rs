//! Enlarged maps.

use burn::module::Module;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::bilinear;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::fitting::{needs_maps, sized};
use super::reading::{Reading, Step};
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, word};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::range::pixels;
use crate::value::shape::Shape;

/// Enlarges maps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpsampleConfig {
    /// Name of the layer. Default: `upsample1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Factor: one integer or `[height, width]`.
    pub factor: Pair,
    /// Interpolation of new values.
    #[serde(default)]
    pub mode: UpsampleMode,
}

/// How an enlarged map is filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpsampleMode {
    /// Repeats each value.
    #[default]
    Nearest,
    /// Interpolates linearly in both directions, with aligned pixel centers (PyTorch's
    /// `align_corners=False`).
    Bilinear,
}

impl Table for UpsampleConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "upsample"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Enlarged maps.
#[derive(Module, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct Upsample {
    #[module(skip)]
    pub factor: Pair,
    #[module(skip)]
    pub mode: UpsampleMode,
}

impl Upsample {
    pub(crate) fn new(table: &UpsampleConfig) -> Result<Self, Problem> {
        pixels("factor", table.factor)?;
        Ok(Self { factor: table.factor, mode: table.mode })
    }
}

impl Rule for Upsample {
    fn description(&self) -> String {
        match self.mode {
            UpsampleMode::Nearest => format!("upsample {}, nearest", self.factor),
            UpsampleMode::Bilinear => format!("upsample {}, bilinear", self.factor),
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { channels, height, width } = input else { return Err(needs_maps(input)) };
        let Self { factor, .. } = *self;
        let sizes =
            [channels, height.saturating_mul(factor.height), width.saturating_mul(factor.width)];
        sized(&sizes, &format!("it enlarges {input} by {factor} to"))
    }

    fn costs(&self, _: Shape, output: Shape) -> Costs {
        Costs::plain(output)
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::enlarged(self.factor, |factor| match self.mode {
                UpsampleMode::Nearest => Step::Nearest { factor },
                UpsampleMode::Bilinear => Step::Bilinear { factor },
            }),
            passage: Passage::Keeps,
            role: Role::Passive,
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        #[expect(clippy::cast_precision_loss, reason = "factors are at most 2^20")]
        let [vertical, horizontal] = self.factor.to_array().map(|factor| factor as f32);
        let scales = [1.0, 1.0, vertical, horizontal];
        let scales = nodes.numbers(place.name, "scales", &[4], &scales);
        let attributes = match self.mode {
            UpsampleMode::Nearest => vec![
                word("coordinate_transformation_mode", "asymmetric"),
                word("mode", "nearest"),
                word("nearest_mode", "floor"),
            ],
            UpsampleMode::Bilinear => {
                vec![word("coordinate_transformation_mode", "half_pixel"), word("mode", "linear")]
            }
        };
        // The second input, a region, has no meaning in these modes and is left out.
        nodes.add(place.name, "Resize", &[place.input, "", &scales], attributes);
        Ok(())
    }
}

impl Compute for Upsample {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let Self { factor, mode } = *self;
        match mode {
            UpsampleMode::Nearest => {
                let [_, _, height, width] = input.dims();
                let size = [height * factor.height, width * factor.width];
                let options = InterpolateOptions::new(InterpolateMode::Nearest);
                interpolate(input, options.with_output_size(size))
            }
            UpsampleMode::Bilinear => bilinear(input, factor.to_array()),
        }
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
