//! The two-dimensional convolution.

use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::{Movement, convolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::Compute;
use super::fitting::needs_maps;
use super::reading::Reading;
use super::rule::{BIAS, Behavior, Costs, Mixing, Outcome, Passage, Place, Role, Rule, WEIGHT};
use super::sliding::Sliding;
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, integer, integers, signed};
use crate::network::activation::function::Activation;
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::initializer::{Fan, Initializer};
use crate::network::sources::Sources;
use crate::value::choice::{name_or_table_schema, optional_name_or_table};
use crate::value::padding::Padding;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::range::{at_most, count, pixels};
use crate::value::shape::Shape;

/// A two-dimensional convolution (cross-correlation, as all frameworks compute it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conv2dConfig {
    /// Name of the layer. Default: `conv1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Number of output channels.
    pub filters: usize,
    /// Size of the kernel: one number or `[height, width]`.
    pub kernel: Pair,
    /// Stride: step between two positions of the kernel.
    #[serde(default = "one")]
    pub stride: Pair,
    /// Zeros around the input: "valid" (none), "same" (the output keeps the input's size), a number
    /// of pixels per side, or `[height, width]`.
    #[serde(default)]
    pub padding: Padding,
    /// Dilation: distance between the values that one kernel reads.
    #[serde(default = "one")]
    pub dilation: Pair,
    /// Groups: filters and input channels are divided into as many, and each filter reads the channels of
    /// its own. As many as channels and filters: a depthwise convolution.
    #[serde(default = "one_group", skip_serializing_if = "is_one_group")]
    pub groups: usize,
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

const fn one() -> Pair {
    Pair::square(1)
}

const fn one_group() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_one_group(groups: &usize) -> bool {
    *groups == 1
}

const fn yes() -> bool {
    true
}

impl Table for Conv2dConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "conv"
    }

    fn neurons(&self) -> Option<Neurons> {
        Some(Neurons {
            key: "filters",
            count: self.filters,
            batch_norm: self.batch_norm,
            activation: self.activation,
            initializer: self.initializer,
        })
    }

    fn set_neurons(&mut self, count: usize) {
        // Only a depthwise convolution, with one filter for each channel, is pruned by its groups.
        if self.groups > 1 {
            self.groups = count;
        }
        self.filters = count;
    }
}

/// The settings of a convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct Conv2d {
    pub filters: usize,
    pub kernel: Pair,
    pub stride: Pair,
    pub padding: Padding,
    pub dilation: Pair,
    pub groups: usize,
    pub bias: bool,
}

impl Conv2d {
    pub(crate) fn new(table: &Conv2dConfig) -> Result<Self, Problem> {
        let Conv2dConfig { filters, kernel, stride, padding, dilation, groups, bias, .. } = *table;
        count("filters", filters)?;
        count("groups", groups)?;
        if !filters.is_multiple_of(groups) {
            return Err(Problem::new(
                "groups",
                format!("is {groups}, which must divide the {filters} filters"),
            ));
        }
        pixels("kernel", kernel)?;
        pixels("stride", stride)?;
        pixels("dilation", dilation)?;
        if let Padding::Pixels(padding) = padding {
            at_most("padding", padding)?;
        }
        if padding == Padding::Same && stride != Pair::square(1) {
            return Err(Problem::new(
                "padding",
                format!("is \"same\", which needs stride 1, not {stride}; give a number of pixels"),
            ));
        }
        Ok(Self { filters, kernel, stride, padding, dilation, groups, bias })
    }

    pub(crate) fn layer(
        self,
        input: Shape,
        initializer: Initializer,
        builder: &mut Builder<'_>,
    ) -> Conv2dLayer {
        let Self { filters, kernel, groups, bias, .. } = self;
        let channels = input.channels() / groups;
        let area = kernel.height * kernel.width;
        let fan = Fan::new(channels * area, filters / groups * area);
        let shape = [filters, channels, kernel.height, kernel.width];
        Conv2dLayer {
            weight: builder.weight(initializer, shape, fan),
            bias: bias.then(|| builder.vector(filters, 0.0)),
            settings: self,
        }
    }

    /// Zeros before and after each axis, `[(top, bottom), (left, right)]`.
    #[must_use]
    pub fn padding_pixels(&self) -> [(usize, usize); 2] {
        match self.padding {
            Padding::Valid => [(0, 0), (0, 0)],
            Padding::Pixels(pixels) => pixels.to_array().map(|pixels| (pixels, pixels)),
            Padding::Same => self.reach().map(|total| (total / 2, total - total / 2)),
        }
    }

    /// Pixels between the first and the last that a kernel reads, `[height, width]`.
    fn reach(&self) -> [usize; 2] {
        let [kernel, dilation] = [self.kernel, self.dilation].map(Pair::to_array);
        [0, 1].map(|axis| dilation[axis].saturating_mul(kernel[axis].saturating_sub(1)))
    }

    /// The number of values one filter sums for one output.
    const fn inputs(&self, input: Shape) -> usize {
        let channels = input.channels() / self.groups;
        channels.saturating_mul(self.kernel.height.saturating_mul(self.kernel.width))
    }

    /// What becomes of the channels of an input.
    fn passage(&self, input: Shape) -> Passage {
        let pads = self.padding_pixels() != [(0, 0), (0, 0)];
        if self.groups == 1 {
            Passage::Mixes(Mixing { inputs_axis: 1, neurons_axis: 0, pads })
        } else if [self.groups, self.filters] == [input.channels(); 2] {
            Passage::Filters { pads }
        } else {
            Passage::Blocks
        }
    }
}

impl Rule for Conv2d {
    fn description(&self) -> String {
        let Self { filters, kernel, stride, dilation, .. } = *self;
        let plural = if filters == 1 { "" } else { "s" };
        let padding = match self.padding {
            Padding::Valid => String::new(),
            Padding::Same => ", padding same".to_owned(),
            Padding::Pixels(pixels) => format!(", padding {pixels}"),
        };
        let unless_one = |name: &str, value: Pair| {
            if value == Pair::square(1) { String::new() } else { format!(", {name} {value}") }
        };
        let (stride, dilation) = (unless_one("stride", stride), unless_one("dilation", dilation));
        let groups =
            if self.groups == 1 { String::new() } else { format!(", groups {}", self.groups) };
        let bias = if self.bias { "" } else { ", no bias" };
        format!(
            "conv2d {kernel}, {filters} filter{plural}{stride}{padding}{dilation}{groups}{bias}"
        )
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { channels, height, width } = input else { return Err(needs_maps(input)) };
        if !channels.is_multiple_of(self.groups) {
            return Err(format!(
                "`groups` is {}, which must divide the channels of the input {input}",
                self.groups
            ));
        }
        let sliding = Sliding {
            extent: self.reach().map(|reach| reach.saturating_add(1)),
            stride: self.stride,
            padding: self.padding_pixels().map(|(before, after)| before.saturating_add(after)),
        };
        sliding.output(self.filters, [channels, height, width])?.ok_or_else(|| {
            let Self { kernel, dilation, .. } = self;
            format!(
                "the input {input} is smaller than the {kernel} kernel (dilation {dilation}, \
                 padding included)"
            )
        })
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs {
            parameters: self
                .filters
                .saturating_mul(self.inputs(input).saturating_add(self.bias.into())),
            multiply_adds: output.values().saturating_mul(self.inputs(input)),
            statistics: 0,
            values_read: output.values(),
        }
    }

    fn behavior(&self, input: Shape) -> Behavior {
        let padding = self.padding_pixels();
        let before = padding.map(|(before, _)| before);
        Behavior {
            reading: Reading::windows(self.reach(), self.stride, before),
            passage: self.passage(input),
            role: Role::Weights { neurons_axis: 0, inputs: self.inputs(input) },
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let Place { name, input, shape } = *place;
        let Self { filters, kernel, stride, dilation, .. } = *self;
        let dims = [filters, shape.channels() / self.groups, kernel.height, kernel.width];
        let weight = nodes.weight(name, WEIGHT, &dims);
        let bias = self.bias.then(|| nodes.weight(name, BIAS, &[filters]));
        let [(top, bottom), (left, right)] = self.padding_pixels();
        let groups = (self.groups > 1).then(|| integer("group", signed(self.groups)));
        let attributes = std::iter::once(integers("dilations", &dilation.to_array()))
            .chain(groups)
            .chain([
                integers("kernel_shape", &kernel.to_array()),
                integers("pads", &[top, left, bottom, right]),
                integers("strides", &stride.to_array()),
            ])
            .collect();
        let inputs: Vec<&str> = [input, &weight].into_iter().chain(bias.as_deref()).collect();
        nodes.add(name, "Conv", &inputs, attributes);
        Ok(())
    }
}

/// The weights of a convolution.
#[derive(Module, Debug)]
pub struct Conv2dLayer {
    /// `[filters, channels / groups, height, width]`.
    pub weight: Param<Tensor<4>>,
    /// `[filters]`.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    settings: Conv2d,
}

impl Compute for Conv2dLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let Conv2d { stride, dilation, groups, .. } = self.settings;
        let padding = self.settings.padding_pixels();
        let options =
            ConvOptions::new_with_padding(stride.to_array(), padding, dilation.to_array(), groups);
        conv2d(input, self.weight.val(), self.bias.as_ref().map(Param::val), options)
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        let Conv2d { stride, dilation, groups, .. } = self.settings;
        let movement = Movement {
            stride: stride.to_array(),
            padding: self.settings.padding_pixels(),
            dilation: dilation.to_array(),
            groups,
        };
        let (weight, bias) = (self.weight.val(), self.bias.as_ref().map(Param::val));
        convolution(input, weight, bias, movement, rectified)
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
