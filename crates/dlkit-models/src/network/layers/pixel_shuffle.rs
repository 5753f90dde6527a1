//! Channels that become pixels.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::fitting::{needs_maps, sized};
use super::reading::{Reading, Step};
use super::rule::{Behavior, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, integer, signed, word};
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::range::pixels;
use crate::value::shape::Shape;

/// Enlarges maps: each square of `factor` x `factor` pixels comes from as many channels (Shi et al.,
/// 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PixelShuffleConfig {
    /// Name of the layer. Default: `pixel_shuffle1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Factor of height and width; its square must divide the number of channels.
    pub factor: usize,
}

impl Table for PixelShuffleConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "pixel_shuffle"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// Channels that become pixels.
#[derive(Module, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the field is documented on the table of a recipe")]
pub struct PixelShuffle {
    #[module(skip)]
    pub factor: usize,
}

impl PixelShuffle {
    pub(crate) fn new(table: &PixelShuffleConfig) -> Result<Self, Problem> {
        pixels("factor", Pair::square(table.factor))?;
        Ok(Self { factor: table.factor })
    }

    const fn square(&self) -> usize {
        self.factor * self.factor
    }
}

impl Rule for PixelShuffle {
    fn description(&self) -> String {
        format!("pixel-shuffle {}", self.factor)
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { channels, height, width } = input else { return Err(needs_maps(input)) };
        let (factor, square) = (self.factor, self.square());
        if channels % square != 0 {
            return Err(format!(
                "factor {factor} needs a multiple of {square} channels, but the input is {input}"
            ));
        }
        let sizes =
            [channels / square, height.saturating_mul(factor), width.saturating_mul(factor)];
        sized(&sizes, "it outputs")
    }

    fn costs(&self, _: Shape, output: Shape) -> Costs {
        Costs::plain(output)
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::enlarged(Pair::square(self.factor), |factor| Step::Nearest {
                factor,
            }),
            passage: Passage::Blocks,
            role: Role::Passive,
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let attributes = vec![integer("blocksize", signed(self.factor)), word("mode", "CRD")];
        nodes.add(place.name, "DepthToSpace", &[place.input], attributes);
        Ok(())
    }
}

impl Compute for PixelShuffle {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = input.dims();
        let (factor, channels) = (self.factor, channels / self.square());
        let squares: Tensor<6> = input.reshape([batch, channels, factor, factor, height, width]);
        squares.permute([0, 1, 4, 2, 5, 3]).reshape([
            batch,
            channels,
            height * factor,
            width * factor,
        ])
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
