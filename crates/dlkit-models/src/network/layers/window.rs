//! Windows of pooling layers.

use super::fitting::needs_maps;
use super::reading::Reading;
use super::sliding::Sliding;
use crate::graph::nodes::integers;
use crate::graph::onnx::Attribute;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::range::pixels;
use crate::value::shape::Shape;

/// The windows of a pooling layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on the tables of a recipe")]
pub struct Window {
    pub size: Pair,
    pub stride: Pair,
    pub padding: Pair,
}

impl Window {
    /// Windows one size apart, unless a stride is given.
    pub(super) fn new(size: Pair, stride: Option<Pair>, padding: Pair) -> Result<Self, Problem> {
        let stride = stride.unwrap_or(size);
        pixels("size", size)?;
        pixels("stride", stride)?;
        if padding.height > size.height / 2 || padding.width > size.width / 2 {
            return Err(Problem::new(
                "padding",
                format!("must be at most half the size {size}, not {padding}"),
            ));
        }
        Ok(Self { size, stride, padding })
    }

    /// Size and what else is not as usual.
    pub(super) fn description(self) -> String {
        let Self { size, stride, padding } = self;
        let unless = |name: &str, value: Pair, usual: Pair| {
            if value == usual { String::new() } else { format!(", {name} {value}") }
        };
        let padding = unless("padding", padding, Pair::square(0));
        format!("{size}{}{padding}", unless("stride", stride, size))
    }

    /// The shape one input becomes.
    pub(super) fn output(self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { channels, height, width } = input else { return Err(needs_maps(input)) };
        let Self { size, stride, padding } = self;
        let padding = padding.to_array().map(|pixels| pixels.saturating_mul(2));
        let sliding = Sliding { extent: size.to_array(), stride, padding };
        sliding
            .output(channels, [channels, height, width])?
            .ok_or_else(|| format!("the input {input} is smaller than the {size} window"))
    }

    /// Values looked at for one input.
    pub(super) const fn values_read(self, output: Shape) -> usize {
        output.values().saturating_mul(self.size.height.saturating_mul(self.size.width))
    }

    /// What an output value reads.
    pub(super) fn reading(self) -> Reading {
        let reach = self.size.to_array().map(|size| size - 1);
        Reading::windows(reach, self.stride, self.padding.to_array())
    }

    /// Size, padding and stride of ONNX's pooling operators.
    pub(super) fn attributes(self) -> Vec<Attribute> {
        let Self { size, stride, padding: Pair { height, width } } = self;
        vec![
            integers("kernel_shape", &size.to_array()),
            integers("pads", &[height, width, height, width]),
            integers("strides", &stride.to_array()),
        ]
    }
}
