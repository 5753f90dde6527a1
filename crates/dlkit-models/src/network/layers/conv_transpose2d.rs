//! The two-dimensional transposed convolution.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::{Spreading, transposed_convolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::fitting::{needs_maps, sized};
use super::reading::{Reading, Step};
use super::rule::{BIAS, Behavior, Costs, Mixing, Outcome, Passage, Place, Role, Rule, WEIGHT};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, integers};
use crate::network::activation::function::Activation;
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::initializer::{Fan, Initializer};
use crate::network::sources::Sources;
use crate::value::choice::{name_or_table_schema, optional_name_or_table};
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::range::{at_most, count, pixels};
use crate::value::shape::Shape;

/// A two-dimensional transposed convolution, which enlarges maps by its stride: each input value adds a
/// kernel to the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConvTranspose2dConfig {
    /// Name of the layer. Default: `conv_transpose1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Number of output channels.
    pub filters: usize,
    /// Size of the kernel: one number or `[height, width]`.
    pub kernel: Pair,
    /// Stride: output pixels between two positions of the kernel.
    #[serde(default = "one")]
    pub stride: Pair,
    /// Output pixels that are cut off on each side: one number or `[height, width]`.
    #[serde(default = "zero")]
    pub padding: Pair,
    /// Output pixels added at the bottom and the right, less than the stride: one number or
    /// `[height, width]`.
    #[serde(default = "zero")]
    pub output_padding: Pair,
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

const fn zero() -> Pair {
    Pair::square(0)
}

const fn yes() -> bool {
    true
}

impl Table for ConvTranspose2dConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "conv_transpose"
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
        self.filters = count;
    }
}

/// The settings of a transposed convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct ConvTranspose2d {
    pub filters: usize,
    pub kernel: Pair,
    pub stride: Pair,
    pub padding: Pair,
    pub output_padding: Pair,
    pub bias: bool,
}

impl ConvTranspose2d {
    pub(crate) fn new(table: &ConvTranspose2dConfig) -> Result<Self, Problem> {
        let ConvTranspose2dConfig {
            filters, kernel, stride, padding, output_padding, bias, ..
        } = *table;
        count("filters", filters)?;
        pixels("kernel", kernel)?;
        pixels("stride", stride)?;
        at_most("padding", padding)?;
        if output_padding.height >= stride.height || output_padding.width >= stride.width {
            return Err(Problem::new(
                "output_padding",
                format!("is {output_padding}, but must be less than the stride {stride}"),
            ));
        }
        Ok(Self { filters, kernel, stride, padding, output_padding, bias })
    }

    pub(crate) fn layer(
        self,
        input: Shape,
        initializer: Initializer,
        builder: &mut Builder<'_>,
    ) -> ConvTranspose2dLayer {
        let Self { filters, kernel, bias, .. } = self;
        let channels = input.channels();
        let area = kernel.height * kernel.width;
        let fan = Fan::new(self.inputs(input), filters * area);
        let shape = [channels, filters, kernel.height, kernel.width];
        ConvTranspose2dLayer {
            weight: builder.weight(initializer, shape, fan),
            bias: bias.then(|| builder.vector(filters, 0.0)),
            settings: self,
        }
    }

    /// About how many values are summed for one output: each value of the kernel meets it at one of as many
    /// places as the stride has.
    fn inputs(&self, input: Shape) -> usize {
        let places = self.stride.height.saturating_mul(self.stride.width);
        input.channels().saturating_mul(self.area()).div_ceil(places)
    }

    const fn area(&self) -> usize {
        self.kernel.height.saturating_mul(self.kernel.width)
    }
}

impl Rule for ConvTranspose2d {
    fn description(&self) -> String {
        let Self { filters, kernel, stride, padding, output_padding, .. } = *self;
        let plural = if filters == 1 { "" } else { "s" };
        let unless = |usual: usize, name: &str, value: Pair| {
            if value == Pair::square(usual) { String::new() } else { format!(", {name} {value}") }
        };
        let (stride, padding) = (unless(1, "stride", stride), unless(0, "padding", padding));
        let output_padding = unless(0, "output padding", output_padding);
        let bias = if self.bias { "" } else { ", no bias" };
        format!(
            "conv-transpose2d {kernel}, {filters} filter{plural}{stride}{padding}{output_padding}{bias}"
        )
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Maps { height, width, .. } = input else { return Err(needs_maps(input)) };
        let [kernel, stride, padding, output_padding] =
            [self.kernel, self.stride, self.padding, self.output_padding].map(Pair::to_array);
        let sizes = [height, width];
        let [height, width] = [0, 1].map(|axis| {
            let spread = (sizes[axis] - 1).saturating_mul(stride[axis]);
            let whole = spread.saturating_add(kernel[axis] + output_padding[axis]);
            whole.saturating_sub(2 * padding[axis])
        });
        if height == 0 || width == 0 {
            return Err(format!(
                "padding {} leaves nothing of what the input {input} is enlarged to",
                self.padding
            ));
        }
        sized(&[self.filters, height, width], "it outputs")
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        let kernels = input.channels().saturating_mul(self.area());
        Costs {
            parameters: self.filters.saturating_mul(kernels.saturating_add(self.bias.into())),
            multiply_adds: input.values().saturating_mul(self.filters.saturating_mul(self.area())),
            statistics: 0,
            values_read: output.values(),
        }
    }

    fn behavior(&self, input: Shape) -> Behavior {
        let [kernel, padding] = [self.kernel, self.padding].map(Pair::to_array);
        // Fewer weights meet a constant at the border, and between strides.
        let mixing = Mixing { inputs_axis: 0, neurons_axis: 1, pads: true };
        let steps =
            [0, 1].map(|axis| (kernel[axis] - 1, self.stride.to_array()[axis], padding[axis]));
        Behavior {
            reading: Reading::Around(
                steps.map(|(reach, stride, before)| Step::spread(reach, stride, before)),
            ),
            passage: Passage::Mixes(mixing),
            role: Role::Weights { neurons_axis: 1, inputs: self.inputs(input) },
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let Place { name, input, shape } = *place;
        let Self { filters, kernel, stride, padding, output_padding, .. } = *self;
        let dims = [shape.channels(), filters, kernel.height, kernel.width];
        let weight = nodes.weight(name, WEIGHT, &dims);
        let bias = self.bias.then(|| nodes.weight(name, BIAS, &[filters]));
        let [vertical, horizontal] = padding.to_array();
        let attributes = vec![
            integers("kernel_shape", &kernel.to_array()),
            integers("output_padding", &output_padding.to_array()),
            integers("pads", &[vertical, horizontal, vertical, horizontal]),
            integers("strides", &stride.to_array()),
        ];
        let inputs: Vec<&str> = [input, &weight].into_iter().chain(bias.as_deref()).collect();
        nodes.add(name, "ConvTranspose", &inputs, attributes);
        Ok(())
    }
}

/// The weights of a transposed convolution.
#[derive(Module, Debug)]
pub struct ConvTranspose2dLayer {
    /// `[channels, filters, height, width]`.
    pub weight: Param<Tensor<4>>,
    /// `[filters]`.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    settings: ConvTranspose2d,
}

impl Compute for ConvTranspose2dLayer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let ConvTranspose2d { stride, padding, output_padding, .. } = self.settings;
        let [stride, padding, output_padding] =
            [stride, padding, output_padding].map(Pair::to_array);
        let spreading = Spreading { stride, padding, output_padding };
        let bias = self.bias.as_ref().map(Param::val);
        transposed_convolution(input, self.weight.val(), bias, spreading)
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        rectified_if(rectified, self.forward(input))
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
